"""A machine's whole life: a token, a certificate, business over it, renewed by itself, and its end.

Everything real: the hall's desk over HTTPS, the broker on the files that the hall wrote for it, the commands
that a technician types, the terminal's own link, sender and store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

import main
from config.settings import TlsSettings
from kiosk.enrolment import enrolled_settings, identity
from kiosk.enrolment.certificate_watch import CertificateWatch
from tests import small_settings
from tests.hall.secure_hall import SecureHall, desk
from tests.kiosk.small_terminal import PATH, Terminal, eventually, hurry, terminal

SETTINGS = small_settings.TEXT.replace('"h1"', f'"{PATH.hall}"')


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SecureHall]:
    hurry(monkeypatch)
    made = SecureHall(tmp_path)
    yield made
    made.close()


def typed(*words: object) -> int:
    """A command, as a technician types it."""
    return main.main([str(word) for word in words])


def hall_file(hall: SecureHall) -> Path:
    """The hall's settings on disk, for commands."""
    file = hall.folder / "hall.toml"
    file.write_text(
        f'data = "{hall.settings.data}"\narea = "a"\nhall = "h"\n'
        f"[machines]\nenrolled_only = true\nbroker_port = {hall.broker.port}\n"
        f'broker_folder = "{hall.broker.folder}"\n'
    )
    return file


def test_a_terminal_enrols_works_renews_its_certificate_and_is_revoked(
    hall: SecureHall, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "terminal"
    own.mkdir()
    (own / "terminal.toml").write_text(SETTINGS, encoding="utf-8")
    server = hall_file(hall)
    assert typed("hall", "machine", "token", PATH, "--settings", server) == 0
    token = own / "token"
    token.write_text(capsys.readouterr().out.splitlines()[2], encoding="utf-8")
    with desk(hall.settings, hall.authority, tmp_path / "desk") as address:
        enrolled = ("enroll", "--settings", own / "terminal.toml", "--hall", address, "--token-file", token)
        assert typed(*enrolled) == 0
        said = capsys.readouterr().out
        assert "nothing is to be copied" in said
        assert typed(*enrolled) == 0, "once more is the same"
        assert capsys.readouterr().out == said
        assert (own / "terminal.toml").read_text(encoding="utf-8") == SETTINGS
        chosen = enrolled_settings.load(own / "terminal.toml")
        assert chosen.identity.enrolled
        tls = chosen.link.tls
        assert tls is not None and (chosen.link.host, chosen.link.port) == ("127.0.0.1", hall.broker.port)
        assert tls.key.stat().st_mode & 0o777 == 0o600
        asyncio.run(_life(hall, server, chosen.data, tls))
        capsys.readouterr()
        assert typed("journal", "verify", "--settings", own / "terminal.toml", "--hall", address) == 2
        assert "says 401: show it a token" in capsys.readouterr().out, "the hall's own root is believed"
    assert typed("hall", "machine", "list", "--settings", server) == 0
    assert "330100/demo/K001" in capsys.readouterr().out


async def _life(hall: SecureHall, server: Path, data: Path, tls: TlsSettings) -> None:
    async with terminal(data, hall.broker.port, tls=tls) as one:
        await one.files(2)
        await eventually(lambda: one.depth() == 0)
        assert sorted(hall.stored()) == sorted(one.journalled())
        await _renewed(hall, one, data)
        revoke = ("hall", "machine", "revoke", PATH, "--reason", "stolen", "--settings", server)
        assert await asyncio.to_thread(typed, *revoke) == 0
        before = set(hall.stored())
        while not one.turned_away:
            await one.files(1)
            await eventually(lambda: one.depth() == 0 or one.turned_away)
        assert one.turned_away == [True] and not one.refused
        with one.store.read() as read:
            kept = {id for (id,) in read.execute("SELECT id FROM outbox")}
        assert kept and not kept & set(hall.stored())
        assert before <= set(hall.stored())
        faults = await _watch(one, data, after=True)
        assert faults["certificate_expiring"], (
            "the hall gives it no other certificate, and somebody must look"
        )


async def _renewed(hall: SecureHall, one: Terminal, data: Path) -> None:
    first = identity.read(data)
    assert first is not None
    assert not any((await _watch(one, data, after=False)).values())
    assert identity.read(data) == first, "it is not time"
    connections = one.link.connection
    assert not any((await _watch(one, data, after=True)).values())
    second = identity.read(data)
    assert second is not None and second.certificate != first.certificate
    await eventually(lambda: one.link.connection > connections and one.link.connected)
    log = hall.broker.log()
    await one.files(1)
    await eventually(lambda: one.depth() == 0)
    assert sorted(hall.stored()) == sorted(one.journalled())
    assert "certificate verify failed" not in log


async def _watch(one: Terminal, data: Path, *, after: bool) -> dict[str, bool]:
    """One look of the watch, before or after the time to renew; the faults as it set them."""
    faults: dict[str, bool] = {}
    now = identity.read(data)
    assert now is not None
    moment = now.renew_at + timedelta(seconds=1 if after else -1)
    watch = CertificateWatch(data, True, faults.__setitem__, one.link.reconnect, lambda: moment)
    await watch.round()
    return faults


def test_a_token_that_root_wrote_for_root_alone_is_named_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "terminal.toml").write_text(SETTINGS, encoding="utf-8")
    token = tmp_path / "token"
    token.write_text("", encoding="utf-8")

    def denied(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    enroll = (
        "enroll",
        "--settings",
        tmp_path / "terminal.toml",
        "--hall",
        "https://h",
        "--token-file",
        token,
    )
    with monkeypatch.context() as rootless:  # a test that runs as root may read everything
        rootless.setattr(type(token), "read_text", denied)
        assert typed(*enroll) == 2
    assert f"may not read it: chmod 644 {token}" in capsys.readouterr().err
