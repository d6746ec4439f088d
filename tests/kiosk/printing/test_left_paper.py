"""Paper in the A4 printer's tray: taken, left for a while, left for good, and found by the next person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from config.devices import Availability, DeviceState, Kind
from config.faults import fault
from config.settings import DeviceSettings, PrintingSettings
from config.words import same, words
from drivers import registry
from drivers.device import Device
from drivers.virtual.io_board import INPUTS, VirtualIoBoard
from kiosk.aloud import sentence
from kiosk.availability import why_not
from kiosk.backstage import Backstage
from kiosk.printing import left_paper
from kiosk.prompts import Answer, Chosen, Place, Prompt, TakePaper, Trouble
from kiosk.stage import GoHome
from kiosk.steps.confirm import devices_ready
from kiosk.visit import Visit
from tests.kiosk.small_visit import Script, backstage, service, visit

TAKE = TakePaper(same("take it"), Kind.A4_PRINTER)
NOON = datetime(2026, 11, 23, 12)


class Printer:
    """A printer that is well."""

    def open(self) -> None: ...

    def close(self) -> None: ...

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)


@dataclass
class Hall:
    """What stands around the tray, and what the hall was told of it."""

    parts: Backstage
    stage: Citizen
    board: VirtualIoBoard
    paper: list[str]
    faults: list[tuple[str, bool, str]] = field(default_factory=list)

    def set_fault(self, code: str, raised: bool, device: str = "") -> None:
        self.faults.append((code, raised, device))

    def refused(self) -> bool:
        """Whether the next person is told why the proof cannot be printed."""
        return why_not(service("SB01"), self.parts.devices, NOON) == fault("paper_left").citizen


class Citizen(Script):
    """One who touches when told to, and else waits."""

    def __init__(self) -> None:
        super().__init__()
        self.touched: asyncio.Queue[Answer] = asyncio.Queue()

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        if isinstance(prompt, Trouble):
            raise GoHome
        return await self.touched.get()


@asynccontextmanager
async def hall(
    folder: Path, *, sensor: bool = True, left_seconds: float = 60.0
) -> AsyncIterator[tuple[Hall, Visit]]:
    paper: list[str] = []
    board = VirtualIoBoard(folder / "board", tray=lambda: bool(paper))
    board.start()
    inputs = INPUTS if sensor else {"cabinet_door": 0}
    devices = {
        "io_board": DeviceSettings(
            kind=Kind.IO_BOARD,
            driver="io_board_modbus",
            port=str(folder / "board"),
            poll_seconds=0.2,
            options={"inputs": inputs, "timeout": 2.0},
        ),
        "reader": DeviceSettings(kind=Kind.ID_CARD_READER, driver="of the test"),
        "office": DeviceSettings(kind=Kind.A4_PRINTER, driver="of the test"),
    }
    stage = Citizen()

    def make(one: DeviceSettings) -> Device:
        return registry.make(one) if one.kind is Kind.IO_BOARD else Printer()

    async with backstage(folder, stage, devices, make) as parts:
        around = Hall(parts, stage, board, paper)
        told = parts.settings.model_copy(update={"printing": PrintingSettings(left_seconds=left_seconds)})
        around.parts = parts = replace(parts, settings=told, set_fault=around.set_fault)
        parts.devices.start()
        try:
            for kind in (Kind.IO_BOARD, Kind.A4_PRINTER, Kind.ID_CARD_READER):
                assert await parts.devices.becomes_ready(kind, 60)
            yield around, visit(parts, service("SB01"))
        finally:
            await left_paper.close(parts.tray)
            await parts.devices.close()
            board.stop()


async def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "it never came to that"
        await asyncio.sleep(0.03)


def test_the_page_ends_by_itself_when_the_paper_is_taken(tmp_path: Path) -> None:
    async def run() -> None:
        async with hall(tmp_path) as (around, one):
            around.paper.append("the certificate")
            handing = asyncio.create_task(left_paper.hand_over(one, TAKE))
            await until(lambda: one.backstage.tray.watched)
            assert not handing.done()
            around.paper.clear()
            await asyncio.wait_for(handing, 60)
            one.session.wipe()
            assert around.stage.shown == [TAKE]
            assert around.faults == [] and not around.refused()

    asyncio.run(run())


def test_who_leaves_it_is_reminded_and_who_only_says_that_he_has_it_too(tmp_path: Path) -> None:
    reminder = replace(TAKE, question=words("journey.take_left"))

    async def run() -> None:
        async with hall(tmp_path, left_seconds=1.0) as (around, one):
            around.paper.append("the certificate")
            handing = asyncio.create_task(left_paper.hand_over(one, TAKE))
            await until(lambda: around.stage.shown == [TAKE, reminder])  # after a second, untouched
            around.stage.touched.put_nowait(Chosen("taken"))
            await until(lambda: around.stage.shown == [TAKE, reminder, reminder])
            around.stage.touched.put_nowait(Chosen("taken"))
            await asyncio.wait_for(handing, 60)
            assert one.backstage.tray.watched, "it lies there still"
            assert sentence(reminder) == words("journey.take_left"), "and not aloud"

    asyncio.run(run())


def test_paper_left_at_the_end_is_told_to_the_hall_and_stops_the_printer_until_it_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_paper, "REPORT_AFTER", 0.3)

    async def run() -> None:
        async with hall(tmp_path) as (around, one):
            around.paper.append("the certificate")
            handing = asyncio.create_task(left_paper.hand_over(one, TAKE))
            await until(lambda: one.backstage.tray.watched)
            handing.cancel()  # the time is over, or he went home
            assert not around.refused(), "his session may print once more"
            one.session.wipe()
            await until(lambda: around.refused())
            await until(lambda: around.faults == [("paper_left", True, "office")])
            around.board.act("unplug")  # a sensor that is gone says nothing: it stays as it was seen
            await until(lambda: not around.parts.devices.ready(Kind.IO_BOARD))
            around.board.act("plug")
            assert await around.parts.devices.becomes_ready(Kind.IO_BOARD, 60)
            assert around.refused()
            around.paper.clear()
            await until(lambda: not around.refused())
            assert around.faults[-1] == ("paper_left", False, "office") and len(around.faults) == 2

    asyncio.run(run())


def test_the_next_person_is_told_before_he_commits_himself(tmp_path: Path) -> None:
    async def run() -> None:
        async with hall(tmp_path) as (around, one):
            around.paper.append("somebody's certificate")  # came out after its owner's time was over
            with pytest.raises(GoHome):
                await devices_ready(one)
            [told] = around.stage.shown
            assert isinstance(told, Trouble) and told.code == "paper_left"
            around.paper.clear()
            await until(lambda: not around.refused())
            await devices_ready(one)

    asyncio.run(run())


@pytest.mark.parametrize("trouble", ["no sensor", "no board"])
def test_without_a_sensor_everything_is_as_it_was(tmp_path: Path, trouble: str) -> None:
    async def run() -> None:
        async with hall(tmp_path, sensor=trouble != "no sensor") as (around, one):
            around.paper.append("the certificate")
            if trouble == "no board":
                around.board.act("unplug")
                await until(lambda: not around.parts.devices.ready(Kind.IO_BOARD))
            await devices_ready(one)
            around.stage.touched.put_nowait(Chosen("taken"))
            await asyncio.wait_for(left_paper.hand_over(one, TAKE), 60)
            assert around.stage.shown == [TAKE]
            assert not one.backstage.tray.watched and not around.refused()

    asyncio.run(run())


def test_paper_of_another_printer_is_not_looked_for(tmp_path: Path) -> None:
    async def run() -> None:
        async with hall(tmp_path) as (around, one):
            around.paper.append("the certificate")
            around.stage.touched.put_nowait(Chosen("taken"))
            await left_paper.hand_over(one, replace(TAKE, device=Kind.SPECIAL_PRINTER))
            assert around.stage.shown == [replace(TAKE, device=Kind.SPECIAL_PRINTER)]

    asyncio.run(run())


def test_a_watch_that_breaks_off_keeps_the_printer_from_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A driver's mistake must not grey the services for ever; the next look sees what lies there."""

    async def broken(devices: object) -> bool:
        raise RuntimeError

    async def run() -> None:
        async with hall(tmp_path) as (around, one):
            around.paper.append("the certificate")
            await until(lambda: one.backstage.devices.ready(Kind.IO_BOARD))
            await until_left(around)
            watching = one.backstage.tray.watching
            assert around.refused() and watching is not None
            with monkeypatch.context() as mistake:
                mistake.setattr(left_paper, "_gone", broken)
                await asyncio.wait({watching}, timeout=60)
            assert isinstance(watching.exception(), RuntimeError)
            assert not around.refused()
            await until_left(around)
            assert around.refused()

    asyncio.run(run())


async def until_left(around: Hall) -> None:
    """The board's own poll comes first."""
    async with asyncio.timeout(60):
        while not around.parts.tray.watched:
            await left_paper.look(around.parts)
            await asyncio.sleep(0.03)
