"""Staff ask a running terminal over its socket; whatever is said there, the terminal lives on."""

from __future__ import annotations

import asyncio
import json
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk import control
from kiosk.backstage import Backstage
from kiosk.control import Answer, Control, Reprint, Settle, obeying
from kiosk.printing import print_desk, reprint
from kiosk.printing.printing import print_certificate
from tests.kiosk.press import End, Press, terminal
from tests.kiosk.small_visit import settings

PDF = b"%PDF-1.4\n"


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a job that a printer of the test would list late."""
    monkeypatch.setattr(reprint, "LOOK_SECONDS", 0.001)


@asynccontextmanager
async def answering(
    folder: Path, press: Press, serving: bool = False
) -> AsyncIterator[tuple[Backstage, str]]:
    """A terminal that listens, and the record of its first print."""
    async with terminal(folder, press) as parts:
        printed = await print_certificate(parts.devices, parts.ledger, "s1", "SB01", "N-1234567890", PDF)
        listening = Control(folder, obeying(parts, lambda: serving))
        await listening.start()
        try:
            yield parts, printed.record
        finally:
            await listening.close()


async def ask(folder: Path, asked: control.Asked) -> Answer | None:
    return await asyncio.to_thread(control.ask, folder, asked, 60.0)


def say(folder: Path, said: bytes) -> bytes:
    """What a client gets that is not ours."""
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        with control._name(folder) as name:
            line.connect(name)
        line.sendall(said)
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").read()


def test_staff_have_a_spoiled_paper_printed_again(tmp_path: Path) -> None:
    press = Press(["spoiled"])

    async def play() -> None:
        async with answering(tmp_path, press) as (_, record):
            answer = await ask(tmp_path, Reprint(record))
            assert answer is not None and (answer.state, answer.code) == ("confirmed", "")
            assert answer.record != record
            mode = stat.S_IMODE((tmp_path / control.FILE).stat().st_mode)
            assert mode == 0o600
        assert not (tmp_path / control.FILE).exists()

    asyncio.run(play())
    assert len(press.out) == 1


@pytest.mark.parametrize(("fate", "state"), [("came", "confirmed"), ("nothing", "failed")])
def test_staff_say_how_an_unknown_print_ended_after_a_look_into_the_tray(
    tmp_path: Path, fate: Any, state: str
) -> None:
    async def play() -> None:
        async with answering(tmp_path, Press(["lost_out"]), serving=True) as (parts, record):
            answer = await ask(tmp_path, Settle(record, fate))
            assert answer is not None and answer.state == state
            assert parts.ledger.get(record).decided_by == "staff"
            assert await ask(tmp_path, Settle(record, fate)) == Answer(code="print_settled")
            with parts.ledger._store.read() as read:
                id, sealed = read.execute("SELECT id, payload FROM outbox ORDER BY id DESC").fetchone()
                told = parts.ledger._vault.open_message(read, id, sealed)
            assert b'"staff"' in told and state.encode() in told

    asyncio.run(play())


def test_nothing_of_anothers_is_printed_while_a_citizen_is_served(tmp_path: Path) -> None:
    press = Press(["spoiled"])

    async def play() -> None:
        async with answering(tmp_path, press, serving=True) as (_, record):
            assert await ask(tmp_path, Reprint(record)) == Answer(code="terminal_serving")

    asyncio.run(play())
    assert press.out == []


def test_nor_when_he_comes_while_the_first_paper_is_taken_back(tmp_path: Path) -> None:
    press = Press(["lost_in"])

    async def play() -> None:
        async with terminal(tmp_path, press) as parts:
            first = await print_certificate(parts.devices, parts.ledger, "s1", "SB01", "N-1", PDF)
            obey = obeying(parts, lambda: parts.ledger.get(first.record).state != "unknown")
            assert await obey(Reprint(first.record)) == Answer(code="terminal_serving")
            assert [one.state for one in parts.ledger.attempts(parts.ledger.get(first.record))] == ["failed"]

    asyncio.run(play())
    assert press.out == []


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"\n",
        b"hello\n",
        b"{}\n",
        b'{"type":"open_the_door"}\n',
        b'{"type":"settle","record":"x","fate":"eaten"}\n',
        b'{"type":"reprint","record":7}\n',
        b'{"type":"reprint","record":"x","copies":9}\n',
        b"\xff\xfe\x00\n",
        b"x" * 100_000,
        b"[" * 3000 + b"\n",
    ],
    ids=lambda said: said[:24].decode("latin-1"),
)
def test_nonsense_is_refused_and_the_next_question_is_answered(tmp_path: Path, said: bytes) -> None:
    async def play() -> None:
        async with answering(tmp_path, Press(["spoiled"])) as (_, record):
            try:
                answer = await asyncio.to_thread(say, tmp_path, said)
            except ConnectionError:
                answer = b""  # it hung up on a line without end
            assert answer == b"" or json.loads(answer)["code"] == "terminal_not_understood"
            last = await ask(tmp_path, Reprint(record))
            assert last is not None and last.state == "confirmed"

    asyncio.run(play())


def test_of_two_who_ask_at_once_one_gets_the_paper(tmp_path: Path) -> None:
    press = Press(["spoiled"])

    async def play() -> None:
        async with answering(tmp_path, press) as (_, record):
            answers = await asyncio.gather(*(ask(tmp_path, Reprint(record)) for _ in range(2)))
            assert sorted(one.state for one in answers if one is not None) == ["", "confirmed"]

    asyncio.run(play())
    assert len(press.out) == 1


def test_a_client_that_leaves_takes_nothing_along(tmp_path: Path) -> None:
    """The paper that it asked for is printed and noted; a terminal that stops waits for neither."""
    press = Press(["spoiled"])

    async def play() -> None:
        async with answering(tmp_path, press) as (parts, record):
            silent = socket.socket(socket.AF_UNIX)
            with silent, control._name(tmp_path) as name:
                silent.connect(name)
                await asyncio.to_thread(hang_up, tmp_path, Reprint(record))
                async with asyncio.timeout(60):
                    while not press.out:  # noqa: ASYNC110
                        await asyncio.sleep(0.02)
                await parts.doings.close(60)
                states = [one.state for one in parts.ledger.attempts(parts.ledger.get(record))]
                assert states == ["failed", "confirmed"]

    asyncio.run(play())


def hang_up(folder: Path, asked: Reprint) -> None:
    with socket.socket(socket.AF_UNIX) as line, control._name(folder) as name:
        line.connect(name)
        line.sendall(json.dumps({"type": "reprint", "record": asked.record}).encode() + b"\n")


@pytest.mark.parametrize("end", ["whole", "spoiled", "refused", "lost_in"])
def test_the_list_is_there_while_the_terminal_runs_and_when_it_is_stopped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], end: End
) -> None:
    told = settings(tmp_path)

    async def play() -> None:
        async with answering(tmp_path, Press([end])):
            assert await asyncio.to_thread(print_desk.show, told) == 0

    assert print_desk.show(told) == 0
    assert "nothing" in capsys.readouterr().out
    asyncio.run(play())
    running = capsys.readouterr().out.splitlines()[-1]
    assert print_desk.show(told) == 0
    assert capsys.readouterr().out.splitlines() == [running]
    assert "certificate" in running and "…34567890" in running and "N-1234567890" not in running
    there = datetime.now(ZoneInfo("Asia/Shanghai"))
    assert any(f"{there - timedelta(minutes=late):%H:%M}" in running for late in (0, 1)), "the hall's time"
    state = {"whole": "confirmed", "lost_in": "unknown"}.get(end, "failed")
    assert state in running and ("nothing came out" in running) == (end == "refused")


def test_without_a_terminal_staff_are_told_to_start_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = settings(tmp_path)
    assert print_desk.reprint(told, "some record") == 1
    assert "start it" in capsys.readouterr().out
    (tmp_path / control.FILE).touch()  # what a terminal that was killed left behind
    assert print_desk.settle(told, "some record", "came") == 1
    assert "start it" in capsys.readouterr().out


def test_a_refusal_is_told_with_its_remedy(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    async def play() -> int:
        async with answering(tmp_path, Press()):
            return await asyncio.to_thread(print_desk.reprint, settings(tmp_path), "no such record")

    assert asyncio.run(play()) == 1
    assert "papers list" in capsys.readouterr().err
