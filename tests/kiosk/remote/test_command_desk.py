"""The hall gives a command: kept, run once, its end told, while citizens and technicians come and go."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from config.commands import COMMANDS, MOST_BYTES
from drivers.device import DeviceError
from kiosk.remote import command_desk, commands
from kiosk.remote.command_desk import Done, NotDone
from kiosk.remote.commands import Kept
from mqtt.messages import PART_BYTES, CommandGiven
from tests.kiosk.small_desk import at, given, room


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command_desk, "LOOK_SECONDS", 0.02)


def test_given_a_command_then_it_is_kept_run_and_told_to_its_end(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            parts.desk.take(given("unlock"))
            await parts.until("c-unlock", "done")
            assert parts.told("c-unlock") == ["accepted", "running", "done"]
            assert parts.ran == ["c-unlock"]

    asyncio.run(play())


@pytest.mark.parametrize("name", COMMANDS)
def test_the_row_is_there_before_the_command_runs(tmp_path: Path, name: str) -> None:
    seen: list[Kept | None] = []

    async def play() -> None:
        async def look(kept: Kept) -> Done:
            seen.append(parts.kept(kept.id))
            return Done()

        async with room(tmp_path, {name: look}) as parts:
            parts.desk.take(given(name))
            await parts.until(f"c-{name}", "done")

    asyncio.run(play())
    (kept,) = seen
    assert kept is not None and (kept.state, kept.runs) == ("running", 1)


def test_a_second_copy_is_told_how_far_the_first_is_and_runs_nothing(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            parts.desk.take(given("unlock"))
            await parts.until("c-unlock", "done")
            parts.desk.take(given("unlock"))
            parts.desk.take(CommandGiven("c-unlock", "lock", at(0), {"notice_zh": "别", "notice_en": "no"}))
            async with asyncio.timeout(60):
                while len(parts.told("c-unlock")) < 5:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            assert parts.told("c-unlock")[2:] == ["done", "done", "done"]
            assert parts.ran == ["c-unlock"] and not parts.doors.locked

    asyncio.run(play())


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (CommandGiven("c", "dance", at(4e9)), "failed unknown_command dance"),
        (CommandGiven("c", "x" * 900, at(4e9)), f"failed unknown_command {'x' * 40}"),
        (given("lock", "c", notice_zh="检修"), "failed wrong_argument lock needs notice_en"),
        (
            given("logs", "c", hours=169),
            "failed wrong_argument hours must be 1 to 168",
        ),
        (given("unlock", "c", why="so"), "failed wrong_argument unlock takes no why"),
        (given("unlock", "c", deadline="tomorrow"), "failed wrong_argument deadline"),
        (given("unlock", "c", deadline="2099-01-01T00:00:00"), "failed wrong_argument deadline"),
        (given("unlock", "c", deadline="2020-01-01T00:00:00Z"), "failed command_expired"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_obeyed_is_kept_and_told_as_failed(
    tmp_path: Path, wrong: CommandGiven, told: str
) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            parts.desk.take(wrong)
            await parts.until("c", told)
            assert parts.told("c") == [told]
            assert parts.ran == []

    asyncio.run(play())


def test_a_command_without_an_id_that_could_be_kept_is_passed_over(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            parts.desk.take(given("unlock", "c" * 65))
            parts.desk.take(CommandGiven("", "unlock", at(4e9)))
            parts.desk.take(given("unlock"))
            await parts.until("c-unlock", "done")
            assert parts.ran == ["c-unlock"]

    asyncio.run(play())


def test_while_a_citizen_is_served_a_restart_waits_and_a_lock_does_not(tmp_path: Path) -> None:
    serving = True

    async def play() -> None:
        nonlocal serving
        async with room(tmp_path, serving=lambda: serving) as parts:
            parts.desk.take(given("restart"))
            parts.desk.take(given("lock"))
            await parts.until("c-lock", "done")
            assert parts.told("c-restart") == ["accepted  citizen"]
            serving = False
            await parts.until("c-restart", "done")
            assert parts.told("c-restart") == ["accepted  citizen", "running", "done"]

    asyncio.run(play())


def test_while_a_technician_is_there_everything_waits_for_him(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path) as parts:
            await parts.there.maintain(True)
            for name in COMMANDS:
                parts.desk.take(given(name))
            for name in COMMANDS:
                await parts.until(f"c-{name}", "accepted  technician")
            assert parts.ran == []
            await parts.there.maintain(False)
            for name in COMMANDS:
                await parts.until(f"c-{name}", "done")
            assert parts.ran == [f"c-{name}" for name in COMMANDS]

    asyncio.run(play())


def test_the_hall_is_told_when_it_waits_for_somebody_else_now(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path, serving=lambda: True) as parts:
            parts.desk.take(given("reboot"))
            await parts.until("c-reboot", "accepted  citizen")
            await parts.there.maintain(True)
            await parts.until("c-reboot", "accepted  technician")
            assert parts.told("c-reboot") == ["accepted  citizen", "accepted  technician"]

    asyncio.run(play())


def test_past_its_deadline_a_command_that_has_waited_is_given_up(tmp_path: Path) -> None:
    now = time.time()

    async def play() -> None:
        nonlocal now
        async with room(tmp_path, serving=lambda: True, clock=lambda: now) as parts:
            parts.desk.take(given("restart", deadline=at(now + 60)))
            await parts.until("c-restart", "accepted  citizen")
            now += 61
            await parts.until("c-restart", "failed command_expired")
            assert parts.ran == []

    asyncio.run(play())


def test_what_has_begun_is_not_too_late_any_more(tmp_path: Path) -> None:
    now = time.time()
    go_on = asyncio.Event()

    async def play() -> None:
        nonlocal now

        async def slow(kept: Kept) -> Done:
            await go_on.wait()
            return Done()

        async with room(tmp_path, {"unlock": slow}, clock=lambda: now) as parts:
            parts.desk.take(given("unlock", deadline=at(now + 60)))
            await parts.until("c-unlock", "running")
            now += 3600
            parts.desk.look()
            go_on.set()
            await parts.until("c-unlock", "done")

    asyncio.run(play())


@pytest.mark.parametrize(
    ("error", "end"),
    [
        (NotDone("command_not_supported"), "failed command_not_supported"),
        (DeviceError("receipt_paper_out", "TM-T88"), "failed receipt_paper_out TM-T88"),
        (ValueError("an invented name"), "failed terminal_internal ValueError"),
    ],
)
def test_one_that_fails_says_why_and_the_next_one_runs(tmp_path: Path, error: Exception, end: str) -> None:
    async def play() -> None:
        async def fail(kept: Kept) -> Done:
            raise error

        async with room(tmp_path, {"unlock": fail}) as parts:
            parts.desk.take(given("unlock"))
            parts.desk.take(given("restart"))
            await parts.until("c-unlock", end)
            await parts.until("c-restart", "done")

    asyncio.run(play())


def test_a_file_comes_in_parts_before_its_end_and_all_or_nothing(tmp_path: Path) -> None:
    file = bytes(range(256)) * (PART_BYTES // 128)

    async def play() -> None:
        async def bring(kept: Kept) -> Done:
            return Done("2 pages", file)

        async def too_much(kept: Kept) -> Done:
            return Done(file=bytes(MOST_BYTES + 1))

        async with room(tmp_path, {"logs": bring, "screenshot": too_much}) as parts:
            parts.desk.take(given("logs"))
            parts.desk.take(given("screenshot"))
            await parts.until("c-logs", "done  2 pages")
            assert parts.told("c-logs") == ["accepted", "running", "part 1", "part 2", "done  2 pages"]
            kept = parts.kept("c-logs")
            assert kept is not None and kept.parts == 2
            await parts.until("c-screenshot", f"failed command_too_large {MOST_BYTES + 1} bytes")
            assert not any("part" in line for line in parts.told("c-screenshot"))

    asyncio.run(play())


def test_while_a_command_that_a_citizen_must_not_meet_runs_the_doors_are_shut(tmp_path: Path) -> None:
    found: list[bool] = []

    async def play() -> None:
        async def look(kept: Kept) -> Done:
            found.append(parts.doors.closed() is not None)
            return Done()

        async with room(tmp_path, {"test_device": look, "unlock": look}) as parts:
            parts.desk.take(given("test_device"))
            await parts.until("c-test_device", "done")
            parts.desk.take(given("unlock"))
            await parts.until("c-unlock", "done")
            assert parts.doors.closed() is None

    asyncio.run(play())
    assert found == [True, False]


def test_more_commands_than_any_hall_has_are_turned_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_OPEN", 3)

    async def play() -> None:
        async with room(tmp_path, serving=lambda: True) as parts:
            for number in range(4):
                parts.desk.take(given("restart", f"c{number}"))
            await parts.until("c3", "failed command_queue_full")
            assert [parts.state(f"c{number}") for number in range(3)] == ["accepted  citizen"] * 3

    asyncio.run(play())


def test_what_ended_long_ago_is_forgotten_and_what_waits_is_not(tmp_path: Path) -> None:
    async def play() -> None:
        async with room(tmp_path, serving=lambda: True) as parts:
            end = time.time() + 600
            parts.desk.take(given("unlock", deadline=at(end)))
            parts.desk.take(given("restart", deadline=at(end)))
            await parts.until("c-unlock", "done")
            await parts.until("c-restart", "accepted  citizen")
            month = end + commands.KEPT_DAYS * 86400
            await parts.ledger.together(lambda tx, tell: commands.forget(tx, month - 5))
            assert parts.kept("c-unlock") is not None
            await parts.ledger.together(lambda tx, tell: commands.forget(tx, month + 5))
            assert parts.kept("c-unlock") is None and parts.kept("c-restart") is not None

    asyncio.run(play())
