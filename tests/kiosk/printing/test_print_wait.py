"""A printer that stands still in the middle: whoever waits reads why, and that it prints when it does."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from config.devices import Availability, DeviceState, Kind
from config.faults import fault
from config.settings import DeviceSettings
from config.words import Words, words
from kiosk.printing import print_wait
from kiosk.prompts import Working
from tests.kiosk.small_visit import Script, backstage, service, visit

PRINTING = Working(words("journey.printing"), 10, Kind.A4_PRINTER)
TOLD = DeviceSettings(kind=Kind.A4_PRINTER, driver="x", port="x", poll_seconds=0.1)


class Printer:
    """It is as somebody's hands have left it."""

    def __init__(self) -> None:
        self.state = DeviceState(Availability.BUSY)

    def open(self) -> None:
        pass

    def close(self) -> None:
        pass

    def status(self) -> DeviceState:
        return self.state


def _read(stage: Script) -> list[Words]:
    return [prompt.doing for prompt in stage.shown if isinstance(prompt, Working)]


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 (another thread asks the printer)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("code", ["a4_jam", "a4_paper_out", "a4_cover_open"])
def test_a_jam_is_told_while_it_lasts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(print_wait, "LOOK_SECONDS", 0.02)
    printer, stage = Printer(), Script()

    async def play() -> None:
        async with backstage(tmp_path, stage, {"a4": TOLD}, lambda _: printer) as parts:
            parts.devices.start()
            assert await parts.devices.becomes_ready(Kind.A4_PRINTER, 60)
            async with print_wait.printing(visit(parts, service("SB01")), PRINTING):
                printer.state = DeviceState(Availability.FAULT, faults=(code,))
                await _until(lambda: len(stage.shown) == 2)
                printer.state = DeviceState(Availability.BUSY)
                await _until(lambda: len(stage.shown) == 3)
            await parts.devices.close()

    asyncio.run(play())
    assert _read(stage) == [PRINTING.doing, fault(code).citizen, PRINTING.doing]
    assert [getattr(prompt, "note", None) for prompt in stage.shown] == [
        None,
        words("journey.printer_waits"),
        None,
    ], "no usual time is told while nothing moves"
