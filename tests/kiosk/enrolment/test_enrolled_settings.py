"""Nobody copies a line after an enrolment, and a line that contradicts it is named."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from config.toml_file import ConfigError
from hall.machines.authority import Authority
from kiosk.enrolment import enrolled_settings, identity
from kiosk.enrolment.identity import IdentityError
from tests import small_settings
from tests.hall.secure_hall import stranger
from tests.kiosk.remote.test_configuration import ALL, room
from tests.kiosk.small_identity import PATH, enrolled

FILE = small_settings.TEXT.replace("330100", "330101")
OLD = """
[link]
host = "broker.hall"
port = 8883
[link.tls]
authority = "{here}/data/identity/authority.pem"
certificate = "{here}/data/identity/certificate.pem"
key = "{here}/data/identity/key.pem"
"""


@pytest.fixture(scope="module")
def whose(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return stranger(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path, FILE)


def written(folder: Path, text: str) -> Path:
    path = folder / "terminal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def objections(path: Path) -> list[str]:
    with pytest.raises(ConfigError) as told:
        enrolled_settings.load(path)
    return told.value.problems


def test_before_an_enrolment_the_file_holds_as_it_is(file: Path) -> None:
    found = enrolled_settings.load(file)
    assert not found.identity.enrolled and found.link.tls is None and found.link.host == "127.0.0.1"


def test_after_it_broker_and_keys_are_known_and_the_file_is_as_it_was(file: Path, whose: Authority) -> None:
    enrolled(file.parent / "data", whose)
    found = enrolled_settings.load(file)
    assert found.identity.enrolled and (found.link.host, found.link.port) == ("broker.hall", 8883)
    tls = found.link.tls
    assert tls is not None and tls.key == file.parent / "data" / "identity" / "key.pem"
    before = tls.certificate.read_bytes()
    enrolled(file.parent / "data", whose)
    assert tls.certificate.read_bytes() != before, "a renewed certificate is found where the link looks"
    assert file.read_text(encoding="utf-8") == FILE


def test_a_file_of_before_with_the_copied_lines_goes_on_working(tmp_path: Path, whose: Authority) -> None:
    enrolled(tmp_path / "data", whose)
    path = written(tmp_path, FILE.replace("[identity]\n", "[identity]\nenrolled = true\n") + OLD)
    found = enrolled_settings.load(path)
    assert found.identity.enrolled and found.link.host == "broker.hall"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('kiosk = "K001"', 'kiosk = "K002"', "main.py move"),
        ("8883", "1883", "link.port: the hall says 8883"),
        ("broker.hall", "elsewhere", "link.host: the hall says broker.hall"),
        ("identity/key.pem", "other.pem", "link.tls.key"),
        ("[identity]\n", "[identity]\nenrolled = false\n", "identity.enrolled"),
    ],
)
def test_a_line_that_says_otherwise_is_named_with_what_to_do(
    tmp_path: Path, whose: Authority, old: str, new: str, named: str
) -> None:
    enrolled(tmp_path / "data", whose)
    (problem,) = objections(written(tmp_path, (FILE + OLD).replace(old, new, 1)))
    assert named in problem


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('\n[screen]\noutline_socket = "/tmp/x"\n', "outline_socket"),
        ("\n[face]\nenrol_on_camera = true\n", "enrol_on_camera"),
        ('\n[devices.a]\nkind = "a4_printer"\ndriver = "virtual_printer"\n', "virtual"),
    ],
)
def test_the_identitys_presence_alone_keeps_the_bench_out(
    tmp_path: Path, whose: Authority, line: str, named: str
) -> None:
    path = written(tmp_path, FILE + line)
    enrolled_settings.load(path)
    made = enrolled(tmp_path / "data", whose)
    assert any(named in one for one in objections(path))
    (made.folder / "hall.json").write_text("damaged")
    assert any(named in one for one in objections(path)), "nor does damage let it in"


def test_a_damaged_identity_still_serves_as_an_enrolled_terminal(file: Path, whose: Authority) -> None:
    made = enrolled(file.parent / "data", whose)
    (made.folder / "certificate.pem").write_text("nothing")
    found = enrolled_settings.load(file)
    assert found.identity.enrolled and found.link.tls is not None


def test_what_the_hall_wants_is_known_before_any_broker_was_reached(file: Path, whose: Authority) -> None:
    data = file.parent / "data"
    assert identity.configuration(data).version == 0
    made = enrolled(data, whose, hours="08:30-17:00", language="en")
    first = identity.configuration(data)
    assert (first.version, first.values) == (3, {"hours": "08:30-17:00", "language": "en"})
    (made.folder / "configuration.json").write_text("[]")
    assert identity.configuration(data).version == 0


@pytest.mark.parametrize("days", [-2, 200])
def test_a_clock_that_is_far_off_is_said_before_anything_is_kept(
    tmp_path: Path, whose: Authority, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    moment = identity.now() + timedelta(days=days)
    monkeypatch.setattr(identity, "now", lambda: moment)
    with pytest.raises(IdentityError, match="set the clock") as told:
        enrolled(tmp_path, whose, PATH)
    assert told.value.code == "clock_wrong"
    assert not identity.link(tmp_path).exists()


def test_the_first_configuration_holds_from_the_start_and_a_younger_one_after_it(
    tmp_path: Path, whose: Authority
) -> None:
    enrolled(tmp_path, whose, PATH, **ALL)

    async def play() -> None:
        async with room(tmp_path) as parts:
            assert parts.configuration.hours == "08:30-17:30", "before anything was said"
            now = parts.configuration.settings
            assert (now.screen.language, now.identity.help_phone) == ("en", "0571 8888")
            assert (await parts.told(3)).values == dict(ALL)
            await parts.desire(4, {})
        async with room(tmp_path) as parts:
            assert parts.configuration.hours == "always", "nor does the first one come back"

    asyncio.run(play())
