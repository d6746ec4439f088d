"""The support bundle: whole, private, bounded, without secrets, and made when everything else is broken."""

from __future__ import annotations

import json
import os
import tarfile
from pathlib import Path
from typing import Any

import pytest

from config.addresses import HIDDEN
from config.settings import Settings
from config.words import Words
from kiosk import log_file
from kiosk.data import journal
from kiosk.data.store import FILE, Store
from kiosk.data.vault import Vault
from kiosk.readiness.finding import Finding
from kiosk.technician import support_bundle, support_desk, support_facts
from mqtt.messages import SessionStarted
from mqtt.topics import TerminalPath
from tests.journeys.traces import search

SECRETS = ("b3arer-0f-platform", "camera-pw", "argument-pw", "screw-driver")
TRIED, FOUND = Words("测试页", "a page"), Words("卡纸", "jam")
JAM = Finding("a4_printer", Words("打印机", "Printer"), TRIED, FOUND, False, ("a4_jam",))


def settings(folder: Path) -> Settings:
    """A terminal's, with a secret wherever one may stand."""
    words = {"zh": "一号厅", "en": "Hall 1"}
    told: dict[str, Any] = {
        "identity": {
            "area": "330101",
            "hall": "h1",
            "kiosk": "K001",
            "hall_name": words,
            "help_phone": "12345",
        },
        "data": folder,
        "platform": {"url": "http://p", "public": "http://p", "trust": "/root.pem", "token": SECRETS[0]},
        "remote": {"update": []},
        "devices": {},
    }
    told["remote"]["update"] = ["/usr/bin/update", "--password", SECRETS[2], f"--token={SECRETS[2]}"]
    told["devices"]["person_camera"] = {
        "kind": "person_camera",
        "driver": "camera",
        "port": f"rtsp://admin:{SECRETS[1]}@10.0.0.7/live?password={SECRETS[1]}",
        "options": {"password": SECRETS[3], "nested": {"api_key": SECRETS[3]}},
    }
    return Settings.model_validate(told)


def unpacked(bundle: Path, folder: Path) -> Path:
    """Where its files are."""
    with tarfile.open(bundle) as pack:
        pack.extractall(folder, filter="data")
    return folder / bundle.name.removesuffix(".tar.gz")


def told(folder: Path, name: str) -> Any:
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))


@pytest.fixture
def at_work(tmp_path: Path) -> Settings:
    """A terminal with a session in its journal that the hall has not heard of, and a log."""
    chosen = settings(tmp_path / "terminal")
    store, vault = Store(chosen.data), Vault(chosen.data)
    path = TerminalPath("330101", "h1", "K001")
    body = {"name": "对照𬭩"}
    store.write_sync(
        lambda tx: journal.append(tx, vault, "s1", "session", body, message=SessionStarted("s1"), path=path)
    )
    store.close()
    (chosen.data / log_file.FOLDER).mkdir()
    line = json.dumps({"time": "2999-01-01T00:00:00.000Z", "level": "info", "event": "was here"})
    (chosen.data / log_file.FOLDER / log_file.FILE).write_text(line + "\n", encoding="utf-8")
    return chosen


def test_a_bundle_says_what_whoever_helps_asks_first(at_work: Settings, tmp_path: Path) -> None:
    bundle = support_bundle.make(at_work, tmp_path / "out", [JAM])
    assert bundle.stat().st_mode & 0o777 == 0o600 and bundle.stat().st_size < 1 << 20
    found = unpacked(bundle, tmp_path / "seen")
    (report,) = told(found, "readiness")
    assert (report["name"], report["ready"], report["codes"]) == ("a4_printer", False, ["a4_jam"])
    assert report["to_do"] and report["to_do"][0]
    chain = told(found, "journal")
    assert chain["sound"] and chain["entries"] == 1 and len(chain["head"]) == 64
    assert told(found, "link")["outbox"] == 1 and told(found, "link")["oldest_seconds"] < 3600
    assert told(found, "certificate") == {"enrolled": False}
    assert told(found, "machine")["disk_free_mb"] > 0 and FILE in told(found, "machine")["data_bytes"]
    assert "was here" in (found / "terminal.log").read_text(encoding="utf-8")
    assert any(one.startswith("cryptography ") for one in told(found, "versions")["packages"])


def test_no_secret_of_the_settings_is_in_it_whatever_it_is_called(at_work: Settings, tmp_path: Path) -> None:
    found = unpacked(support_bundle.make(at_work, tmp_path / "out"), tmp_path / "seen")
    assert search(found, SECRETS) == []
    assert told(found, "settings")["identity"]["help_phone"] == at_work.identity.help_phone
    assert "10.0.0.7" in told(found, "settings")["devices"]["person_camera"]["port"]
    (tmp_path / "raw").write_text(json.dumps(at_work.model_dump(mode="json")))
    assert search(tmp_path / "raw", SECRETS), "the search can find them"


HID = "planted9"


@pytest.mark.parametrize(
    "planted",
    [
        {name: HID}
        for name in ("passphrase", "psk", "key", "auth", "pass", "PWD", "community", "stream_key", "cookie")
    ]
    + [{"tokens": {"hall": HID}}, {"password": [HID]}, {"key": 91919919}]
    + [f"https://user:p@{HID}@host/x", f"rtsp://cam:a/{HID}@host/live", f"http://h/?x=1&access_token={HID}"]
    + [f"http://h/?sig={HID}", f"Authorization: Bearer {HID}", f'{{"password": "{HID}"}}', f"PSK = {HID}"]
    + [["prog", "-p", HID], ["prog", "--api-key", HID], [f"X-Auth: {HID}"]],
    ids=str,
)
def test_a_secret_is_known_by_odd_names_and_in_odd_places(planted: Any) -> None:
    said = json.dumps(support_facts.without_secrets({"options": planted}))
    assert HID not in said and "9191" not in said
    assert HIDDEN in said or "@host" in said, "the rest is told"


@pytest.mark.parametrize("name", ["keyboard", "pinyin", "passage", "authority", "assigned", "signature_pad"])
def test_what_only_sounds_like_a_secret_is_told(name: str) -> None:
    plain = {name: "x", "say": f"{name}=x", "page": "https://host:8443/a"}
    assert support_facts.without_secrets(plain) == plain


def test_what_the_journal_sealed_is_not_in_it_and_a_planted_name_is_found(
    at_work: Settings, tmp_path: Path
) -> None:
    found = unpacked(support_bundle.make(at_work, tmp_path / "out"), tmp_path / "seen")
    assert search(found, ["对照𬭩"]) == []
    with (at_work.data / log_file.FOLDER / log_file.FILE).open("a", encoding="utf-8") as log:
        log.write(json.dumps({"time": "2999-01-01T00:00:00.000Z", "event": "对照𬭩"}) + "\n")
    planted = support_bundle.write(at_work, tmp_path / "planted.tar.gz")
    assert search(unpacked(planted, tmp_path / "again"), ["对照𬭩"])


def test_old_bundles_go_and_so_does_what_was_left_half_written(at_work: Settings, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for day in range(1, 6):
        old = out / f"support-330101-h1-K001-2026010{day}T000000Z.tar.gz"
        old.write_bytes(b"old")
        os.utime(old, (day, day))
    (out / ".support-x.tar.gz.part").write_bytes(b"half")
    (out / "somebody-elses.tar.gz").write_bytes(b"stays")
    new = support_bundle.make(at_work, out)
    names = {one.name for one in out.iterdir()}
    assert new.name in names and "somebody-elses.tar.gz" in names
    assert len(names) == 1 + support_bundle.KEEP and not any(name.startswith(".") for name in names)


def test_nothing_is_written_over_and_a_write_that_fails_leaves_nothing(
    at_work: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = tmp_path / "taken.tar.gz"
    taken.write_bytes(b"mine")
    with pytest.raises(support_bundle.BundleExists):
        support_bundle.write(at_work, taken)

    def full(*_: object) -> bytes:
        raise OSError(28, "no space")

    monkeypatch.setattr(log_file, "packed", full)
    with pytest.raises(OSError, match="no space"):
        support_bundle.make(at_work, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == [] and taken.read_bytes() == b"mine"


@pytest.mark.parametrize("damage", [b"no database at all", b""])
def test_a_broken_store_is_no_reason_to_have_no_bundle(tmp_path: Path, damage: bytes) -> None:
    chosen = settings(tmp_path / "terminal")
    chosen.data.mkdir(parents=True)
    (chosen.data / FILE).write_bytes(damage)
    found = unpacked(support_bundle.make(chosen, tmp_path / "out"), tmp_path / "seen")
    assert told(found, "link") == {"not_read": "sqlite"}
    assert not told(found, "journal")["sound"] and told(found, "versions")["software"]


def test_plugs_are_listed_without_serial_numbers(tmp_path: Path) -> None:
    one = tmp_path / "1-1.2"
    one.mkdir()
    for name, text in {
        "idVendor": "0483",
        "idProduct": "5740",
        "serial": "8D7F00",
        "product": "Reader",
    }.items():
        (one / name).write_text(f"{text}\n")
    (tmp_path / "1-0:1.0").mkdir()
    listed = support_facts.usb(tmp_path)
    assert listed == [{"port": "1-1.2", "idVendor": "0483", "idProduct": "5740", "product": "Reader"}]


def test_a_program_that_hangs_or_is_missing_is_said_and_nothing_waits_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(support_facts, "PROGRAM_SECONDS", 0.2)
    assert "TimeoutExpired" in support_facts.program("sleep", "30")
    assert "not installed" in support_facts.program("no-such-program")


def test_the_command_examines_the_terminal_and_says_where_the_bundle_is(
    at_work: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    camera = at_work.devices["person_camera"].model_copy(
        update={"port": f"rtsp://[::1]:1/1?password={SECRETS[1]}"}
    )
    quiet = at_work.model_copy(update={"devices": {"person_camera": camera}})
    file = tmp_path / "mine.tar.gz"
    assert support_desk.write(quiet, file) == 0
    assert capsys.readouterr().out.endswith(f"{file}\n")
    named = {one["name"] for one in told(unpacked(file, tmp_path / "seen"), "readiness")}
    assert {"disk", "time", "platform", "person_camera"} <= named
    assert search(tmp_path / "seen", SECRETS) == []
    assert support_desk.write(quiet, file) == 2
    assert "name another file" in capsys.readouterr().err
    assert support_desk.write(quiet, tmp_path / "none" / "x.tar.gz") == 2
    assert "nothing was written" in capsys.readouterr().err
