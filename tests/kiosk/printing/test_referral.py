"""Who is sent to a window takes a slip along, if it can be printed, and is kept waiting by nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from config.words import words
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.printing.referral import refer
from kiosk.prompts import Chosen, TakePaper, Trouble
from kiosk.session import Outcome
from kiosk.visit import Leave, Visit
from tests.kiosk.small_visit import Script, backstage, service, visit


@pytest.fixture
def printer() -> Iterator[VirtualReceiptPrinter]:
    virtual = VirtualReceiptPrinter(real_time=False)
    virtual.start()
    yield virtual
    virtual.stop()


@asynccontextmanager
async def _visit(folder: Path, printer: VirtualReceiptPrinter, stage: Script) -> AsyncIterator[Visit]:
    device = DeviceSettings(
        kind=Kind.RECEIPT_PRINTER,
        driver="receipt_printer_tcp",
        port=f"127.0.0.1:{printer.port}",
        poll_seconds=0.1,
        options={"text": True},
    )
    async with backstage(folder, stage, {"printer": device}) as parts:
        parts.devices.start()
        try:
            assert await parts.devices.becomes_ready(Kind.RECEIPT_PRINTER, 60.0)
            yield visit(parts, service("SB01"), "zhang")
        finally:
            await parts.devices.close()


def test_whoever_chooses_the_window_gets_the_slip_with_the_reason_that_was_told(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    stage = Script(answers=[Chosen("window"), Chosen("taken")])

    async def run() -> None:
        async with _visit(tmp_path, printer, stage) as one:
            with pytest.raises(Leave) as leaving:
                await one.tell_trouble("face_mismatch", "window", "home")
            assert leaving.value.outcome is Outcome.REFERRED
            await refer(one, leaving.value.why)

    asyncio.run(run())
    (piece,) = printer.paper()
    assert piece.cut
    said = [line.strip() for line in piece.text]
    assert "转窗口单" in said and "社会保险窗口" in said and "样张 · 无效" in said
    told = next(prompt for prompt in stage.shown if isinstance(prompt, Trouble)).what.zh
    assert told[:10] in "".join(said)
    assert isinstance(stage.shown[-1], TakePaper)
    assert stage.shown[-1].question == words("journey.take_referral")


@pytest.mark.parametrize("hand", ["paper_out", "unplug"])
def test_without_a_printer_that_is_ready_nobody_is_kept(
    tmp_path: Path, printer: VirtualReceiptPrinter, hand: str
) -> None:
    stage = Script()

    async def run() -> None:
        async with _visit(tmp_path, printer, stage) as one:
            printer.act(hand)
            while one.backstage.devices.ready(Kind.RECEIPT_PRINTER):  # noqa: ASYNC110 (another thread polls)
                await asyncio.sleep(0.05)
            await refer(one)

    asyncio.run(asyncio.wait_for(run(), 100))
    assert stage.shown == [] and printer.paper() == []


def test_a_slip_that_does_not_come_out_is_not_told_as_taken(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    stage = Script()
    printer.act("paper_out_after", rows=60)

    async def run() -> None:
        async with _visit(tmp_path, printer, stage) as one:
            await refer(one)

    asyncio.run(run())
    assert not any(isinstance(prompt, TakePaper) for prompt in stage.shown)
