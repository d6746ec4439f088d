"""Doors opened for a test at the technician's screen: each named, asked about, told; never a citizen's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from config.devices import DeviceState, Kind
from config.platform_api import ORIGINALS_HOURS
from config.words import Words, words
from drivers.io_board import IoBoard
from drivers.locker import Locker
from drivers.virtual.io_board import VirtualIoBoard
from drivers.virtual.locker import LOCKS, VirtualLocker
from kiosk.data import originals
from kiosk.prompts import Condition, WorkList, WorkSheet
from kiosk.stage import GoHome
from kiosk.technician import locks
from tests.kiosk.small_visit import Script, backstage
from tests.kiosk.technician.room import (
    NUMBER,
    Hands,
    Way,
    acted,
    choose,
    key,
    play,
    receive_until_over,
    terminal,
)

PATIENCE = 8.0  # seconds for an answer: a busy computer is no fault
LOCKER, BOARD = f"device:{Kind.LOCKER}", f"device:{Kind.IO_BOARD}"


@contextmanager
def locker(folder: Path) -> Iterator[tuple[VirtualLocker, Locker]]:
    """The bench's locker, and the driver at its line."""
    bench = VirtualLocker(folder / "locker", pulse=0.01)
    bench.start()
    try:
        yield (
            bench,
            Locker(port=str(folder / "locker"), locks=[LOCKS], timeout=PATIENCE, open_timeout=PATIENCE),
        )
    finally:
        bench.stop()


class Board(IoBoard):
    """A board that lets one door go; `options` are its settings."""

    def __init__(self, port: Path, **more: Any) -> None:
        self.options = {"strikes": {"hall_door": 8}}
        super().__init__(port=str(port), strikes={"hall_door": 8}, timeout=PATIENCE, **more)


@contextmanager
def board(folder: Path, contact: bool) -> Iterator[tuple[VirtualIoBoard, Board]]:
    """The bench's board; with `contact` its input `tray` is wired to the door that its strike holds."""
    bench = VirtualIoBoard(folder / "board")
    bench.start()
    try:
        yield bench, Board(folder / "board", inputs={"hall_door": 2} if contact else {})
    finally:
        bench.stop()


def sheets(seen: Hands) -> list[WorkSheet]:
    return [one for one in seen.shown if isinstance(one, WorkSheet)]


def found(page: WorkSheet) -> Words | None:
    """How it went, as the page says."""
    return next((row.value for row in page.rows if row.label == words("technician.found")), None)


def doing(work: Callable[[], None], way: Way | None) -> Callable[[Any], Any]:
    """Somebody does this at the machine, then touches, or touches nothing."""

    def act(prompt: Any) -> Any:
        work()
        return way

    return act


def opened(folder: Path) -> list[tuple[str, str, str, str, str]]:
    return [one for one in acted(folder) if one[1] == "door_opened"]


def test_a_compartment_opens_after_one_more_question_and_its_page_turns_when_it_is_shut(
    tmp_path: Path,
) -> None:
    with locker(tmp_path) as (bench, device):
        shut: list[object] = []
        look = doing(lambda: shut.append(bench.state()["openings"]), *choose("open_door"))
        close = doing(lambda: bench.act("close", door=5), None)
        ways = [*choose(LOCKER, "doors", "5"), look, close, *choose("back", "back", "back", "leave")]
        seen = play(tmp_path, key, *ways, devices={Kind.LOCKER: device})
        assert (shut, bench.state()["openings"]) == ([0], 1), "nothing opens before he has said so"
    lines = [
        one for one in seen.shown if isinstance(one, WorkList) and one.note == words("technician.doors_note")
    ]
    assert [line.value for line in lines[0].lines] == [str(number) for number in range(1, LOCKS + 1)]
    _, asks, stands_open, shut_again, *_ = sheets(seen)
    name = words("technician.compartment", number=5)
    assert name.zh in asks.title.zh and name.en in asks.actions[0].name.en and asks.main == "open_door"
    assert found(stands_open) == words("technician.door_opened")
    assert stands_open.condition is Condition.ATTENTION, "an open door is nothing to leave behind"
    assert (found(shut_again), shut_again.condition) == (words("technician.door_shut_again"), Condition.READY)
    assert opened(tmp_path) == [
        (NUMBER, "door_opened", "locker:5", "", "begun"),
        (NUMBER, "door_opened", "locker:5", "", "opened"),
    ]


def test_who_does_not_say_so_opens_nothing_and_nothing_is_told(tmp_path: Path) -> None:
    with locker(tmp_path) as (bench, device):
        ways = choose(LOCKER, "doors", "5", "back", "back", "back", "leave")
        play(tmp_path, key, *ways, devices={Kind.LOCKER: device})
        assert bench.state()["openings"] == 0
    assert opened(tmp_path) == []


def test_a_jammed_door_is_named_with_its_remedy_tried_again_and_the_next_one_is_a_touch_away(
    tmp_path: Path,
) -> None:
    with locker(tmp_path) as (bench, device):
        bench.act("jam", door=5)
        free = doing(lambda: bench.act("free", door=5), *choose("open_again"))
        ways = [*choose(LOCKER, "doors", "5", "open_door"), free, *choose("open_door", "next_door")]
        ways += choose("back", "back", "back", "leave")
        seen = play(tmp_path, key, *ways, devices={Kind.LOCKER: device})
    _, _, jammed, _, loose, following, *_ = sheets(seen)
    assert found(jammed) == words("technician.door_not_opened") and jammed.main == "open_again"
    assert jammed.condition is Condition.NOT_READY and "locker_not_opened" in str(jammed.rows)
    assert jammed.note is not None and "卡住" in jammed.note.zh
    assert found(loose) == words("technician.door_opened")
    assert words("technician.compartment", number=6).zh in following.title.zh, "it is asked about, too"
    assert [one[2:] for one in opened(tmp_path)] == [
        ("locker:5", "", "begun"),
        ("locker:5", "locker_not_opened", "compartment 5"),
        ("locker:5", "", "begun"),
        ("locker:5", "", "opened"),
    ]


def test_given_a_citizens_papers_may_lie_in_it_then_it_is_not_opened_and_he_reads_why(tmp_path: Path) -> None:
    stage = Hands(ways=[key, *choose(LOCKER, "doors", "5", "back", "4", "open_door")])
    stage.ways += choose("next_door", "back", "back", "back", "leave")

    async def run(device: Locker) -> None:
        async with terminal(tmp_path, stage, {Kind.LOCKER: device}) as one:
            await originals.put_by(one.parts.ledger, 5)
            await receive_until_over(one, stage)

    with locker(tmp_path) as (bench, device):
        asyncio.run(run(device))
        doors = bench.state()["doors"]
        assert isinstance(doors, dict) and doors["5"] == "closed"
    kept = sheets(stage)[1]
    *_, following = [one for one in sheets(stage) if one.main == "open_door"]
    assert kept.note == words("technician.how_kept")
    assert [one.value for one in kept.actions] == ["back"]
    assert words("technician.compartment", number=6).zh in following.title.zh, "the next one is not that one"
    assert {one[2] for one in opened(tmp_path)} == {"locker:4"}


@pytest.mark.parametrize(
    ("contact", "moves", "told"),
    [(False, False, "door_pulsed"), (True, False, "door_not_opened"), (True, True, "door_opened")],
    ids=["no contact", "it stays shut", "it is pulled open"],
)
def test_a_strike_is_pulsed_and_the_contact_of_its_name_says_what_the_door_did(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, contact: bool, moves: bool, told: str
) -> None:
    monkeypatch.setattr(locks, "PULSE_SECONDS", 0.2)
    with board(tmp_path, contact) as (bench, device):
        pull = doing(lambda: bench.act("on", input="tray") if moves else None, *choose("open_door"))
        ways = [*choose(BOARD, "doors", "hall_door"), pull, *choose("back", "back", "back", "leave")]
        seen = play(tmp_path, key, *ways, devices={Kind.IO_BOARD: device})
        strikes = bench.state()["strikes"]
        assert strikes == {"hall_door": False}, "its coil is dark again"
        assert device.counts() == {"pulses": 1}
    assert words(f"technician.{told}") in [found(page) for page in sheets(seen)]
    assert [one[2:4] for one in opened(tmp_path)] == [("io_board:hall_door", "")] * 2


class SlowBoard(Board):
    """One that is slow to say what its contacts say, when it is told to be."""

    def __init__(self, port: Path, **more: Any) -> None:
        super().__init__(port, **more)
        self.quick, self.asked = threading.Event(), threading.Event()
        self.quick.set()
        self.polled, self.resets = threading.Semaphore(0), 0

    def inputs(self) -> Mapping[str, bool]:
        if not self.quick.is_set():
            self.asked.set()
            self.quick.wait(60)
        return super().inputs()

    def status(self) -> DeviceState:
        self.polled.release()
        return super().status()

    def reset(self) -> None:
        self.resets += 1
        super().reset()


def test_whoever_leaves_while_a_contact_is_asked_leaves_the_board_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A verb that nobody waits for any more has its device reset: the lights would go dark."""
    monkeypatch.setattr(locks, "PULSE_SECONDS", 0.2)

    async def leave_meanwhile(prompt: object) -> GoHome:
        device.quick.clear()
        assert await asyncio.to_thread(device.asked.wait, 60)
        return GoHome()

    async def answered_since(prompt: object) -> Way:
        device.quick.set()
        while device.polled.acquire(blocking=False):
            pass
        for _ in range(3):
            assert await asyncio.to_thread(device.polled.acquire, timeout=60)
        return choose("leave")[0]

    bench = VirtualIoBoard(tmp_path / "board")
    bench.start()
    device = SlowBoard(tmp_path / "board", inputs={"hall_door": 2})
    try:
        pull = doing(lambda: bench.act("on", input="tray"), *choose("open_door"))
        ways = [*choose(BOARD, "doors", "hall_door"), pull, leave_meanwhile, answered_since]
        play(tmp_path, key, *ways, devices={Kind.IO_BOARD: device})
    finally:
        bench.stop()
    assert device.resets == 0


def test_the_page_of_a_test_leads_to_the_doors_and_names_no_command_of_a_shell(tmp_path: Path) -> None:
    with locker(tmp_path) as (bench, device):
        ways = choose(LOCKER, "test", "doors", "back", "back", "back", "leave")
        seen = play(tmp_path, key, *ways, devices={Kind.LOCKER: device})
        assert bench.state()["openings"] == 0
    page = sheets(seen)[1]
    assert [one.value for one in page.actions] == ["again", "doors", "back"]
    assert "--open-doors" not in str(page.rows) and words("technician.untried_doors") in [
        r.value for r in page.rows
    ]
    assert len([one for one in acted(tmp_path) if one[1] == "device_tested"]) == 2, "coming back is no test"


def test_papers_are_remembered_over_a_stop_for_as_long_as_the_case_has_the_compartment(
    tmp_path: Path,
) -> None:
    now = 1_800_000_000.0
    late = now + ORIGINALS_HOURS * 3600

    async def put() -> None:
        async with backstage(tmp_path, Script()) as parts:
            await originals.put_by(parts.ledger, 5, lambda: now)
            await originals.put_by(parts.ledger, 7, lambda: late - 1)

    async def look() -> list[frozenset[int]]:
        async with backstage(tmp_path, Script()) as parts:
            before = originals.compartments(parts.ledger, lambda: late - 1)
            return [before, originals.compartments(parts.ledger, lambda: late)]

    asyncio.run(put())
    assert asyncio.run(look()) == [{5, 7}, {7}]
