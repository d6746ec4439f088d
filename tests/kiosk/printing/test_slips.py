"""A printer that hands its paper out: the page ends when it is taken, and nobody finds another's paper."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from config.devices import Kind
from config.faults import fault
from config.settings import DeviceSettings
from config.words import same
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.documents.receipts import Line, Receipt, draw
from kiosk.printing import slips
from kiosk.prompts import Answer, Chosen, Place, Prompt, TakePaper
from kiosk.visit import Visit
from tests.kiosk.small_visit import Script, backstage, service, visit
from tests.rare_names import WITHOUT_A_GLYPH

PAPER = Receipt((Line("text", "大厅"), Line("pair", "A1", "编号"), Line("code", "A1", "扫码")))
TAKE = TakePaper(same("take it"), Kind.RECEIPT_PRINTER)


class Patient(Script):
    """A citizen who touches nothing, unless told to."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        if self.answers:
            return self.answers.pop(0)
        await asyncio.Event().wait()
        raise AssertionError


@pytest.fixture
def printer() -> Iterator[VirtualReceiptPrinter]:
    virtual = VirtualReceiptPrinter(real_time=False, presenter=True)
    virtual.start()
    yield virtual
    virtual.stop()


@asynccontextmanager
async def _visit(
    folder: Path, printer: VirtualReceiptPrinter, stage: Script, **options: object
) -> AsyncIterator[Visit]:
    device = DeviceSettings(
        kind=Kind.RECEIPT_PRINTER,
        driver="receipt_printer_tcp",
        port=f"127.0.0.1:{printer.port}",
        options=options,
    )
    async with backstage(folder, stage, {"printer": device}) as parts:
        parts.devices.start()
        try:
            assert await parts.devices.becomes_ready(Kind.RECEIPT_PRINTER, 60.0)
            yield visit(parts, service("SB01"))
        finally:
            await parts.mouth.forget()
            await parts.devices.close()


def _places(printer: VirtualReceiptPrinter) -> list[str]:
    return [piece.place for piece in printer.paper()]


def _soon(printer: VirtualReceiptPrinter, places: list[str]) -> bool:
    end = time.monotonic() + 60
    while _places(printer) != places and time.monotonic() < end:
        time.sleep(0.02)
    return _places(printer) == places


def test_the_page_ends_when_the_paper_is_taken(tmp_path: Path, printer: VirtualReceiptPrinter) -> None:
    async def run() -> None:
        async with _visit(tmp_path, printer, Patient(), presenter="custom") as one:
            assert (await slips.print_slip(one, "receipt", PAPER)).state == "confirmed"
            handing = asyncio.create_task(slips.hand_over(one, TAKE))
            await asyncio.sleep(0.2)
            assert _places(printer) == ["mouth"] and not handing.done()
            printer.act("take")
            await asyncio.wait_for(handing, 60)

    asyncio.run(run())


def test_paper_left_behind_is_drawn_in_though_the_citizen_has_gone(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    async def run() -> None:
        stage = Patient(answers=[Chosen("taken")])  # says so, and leaves it
        async with _visit(tmp_path, printer, stage, presenter="custom") as one:
            await slips.print_slip(one, "receipt", PAPER)
            await one.backstage.mouth.forget()
            one.backstage.mouth.watching = one.backstage.doings.start(
                slips.watch(one.backstage.devices, left_seconds=5.0)
            )
            await slips.hand_over(one, TAKE)
            assert _places(printer) == ["mouth"]
            assert await asyncio.to_thread(_soon, printer, ["bin"])

    asyncio.run(run())


def test_the_watch_over_one_paper_never_draws_in_the_next(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    async def run() -> None:
        async with _visit(tmp_path, printer, Patient(), presenter="custom") as one:
            await slips.print_slip(one, "receipt", PAPER)
            first = one.backstage.mouth.watching
            await slips.print_slip(one, "receipt", PAPER)
            assert first is not None and first.cancelled()
            assert _places(printer) == ["bin", "mouth"]

    asyncio.run(run())


def test_another_paper_ends_the_page_of_the_one_before_and_not_the_session(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    async def run() -> None:
        async with _visit(tmp_path, printer, Patient(), presenter="custom") as one:
            await slips.print_slip(one, "receipt", PAPER)
            handing = asyncio.create_task(slips.hand_over(one, TAKE))
            await asyncio.sleep(0.05)
            await one.backstage.mouth.forget()
            async with asyncio.timeout(60):
                await asyncio.wait({handing})
            assert not handing.cancelled() and handing.exception() is None

    asyncio.run(run())


def test_what_a_stop_left_open_is_not_cleared_away_with_the_next_persons_paper(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    async def run() -> None:
        async with _visit(tmp_path, printer, Patient(), presenter="custom") as one:
            stage = one.backstage
            await stage.ledger.sent(await stage.ledger.intend("print", "", "s0", "SB01", document="receipt"))
            (left,) = stage.ledger.open_records()
            printing = asyncio.ensure_future(slips.print_slip(one, "receipt", PAPER))
            await asyncio.sleep(0)
            for _ in range(2):  # while it is printed, and while it lies there
                assert not await slips.settle_slip(stage, left)
            assert (await printing).state == "confirmed"
            assert _places(printer) == ["mouth"]
            await stage.mouth.forget()
            assert await slips.settle_slip(stage, left)
            assert {record.state for record in stage.ledger.open_records()} <= {"unknown"}

    asyncio.run(run())


def test_without_a_presenter_the_page_waits_for_the_touch(tmp_path: Path) -> None:
    async def run() -> None:
        printer = VirtualReceiptPrinter(real_time=False)
        printer.start()
        try:
            async with _visit(tmp_path, printer, Patient(answers=[Chosen("taken")])) as one:
                await slips.print_slip(one, "receipt", PAPER)
                assert one.backstage.mouth.watching is None
                await asyncio.wait_for(slips.hand_over(one, TAKE), 60)
        finally:
            printer.stop()

    asyncio.run(run())


@pytest.mark.parametrize(("name", "as_text"), [("张三", True), ("𠮷田", False)])
def test_a_printer_that_prefers_text_gets_it_unless_a_character_is_rare(
    tmp_path: Path, name: str, as_text: bool
) -> None:
    async def run() -> None:
        printer = VirtualReceiptPrinter(real_time=False)
        printer.start()
        try:
            async with _visit(tmp_path, printer, Patient(), text=True) as one:
                paper = Receipt((Line("text", "大厅"), Line("pair", name, "姓名")))
                assert (await slips.print_slip(one, "receipt", paper)).state == "confirmed"
        finally:
            printer.stop()
        [piece] = printer.paper()
        assert (f"姓名 {name}" in piece.text) is as_text
        assert "?" not in "".join(piece.text)

    asyncio.run(run())


def test_a_name_that_no_font_has_is_printed_with_a_geta_and_told_as_a_fault(
    tmp_path: Path, printer: VirtualReceiptPrinter
) -> None:
    told: list[tuple[str, bool]] = []

    async def run() -> None:
        async with _visit(tmp_path, printer, Patient(), presenter="custom", text=True) as one:
            parts = replace(one.backstage, set_fault=lambda code, raised: told.append((code, raised)))
            paper = Receipt((Line("pair", f"张{WITHOUT_A_GLYPH[0]}", "姓名"),))
            heard = replace(one, backstage=parts)
            assert (await slips.print_slip(heard, "receipt", paper)).state == "confirmed"

    asyncio.run(run())
    assert told == [("receipt_glyph_missing", True)]
    assert fault(told[0][0]).technician.zh
    (piece,) = printer.paper()
    assert "姓名 张〓" in piece.text and any("证件为准" in line for line in piece.text)


@pytest.mark.parametrize("width", [384, 576])
def test_the_picture_is_as_wide_as_the_printer_that_prints_it(tmp_path: Path, width: int) -> None:
    async def run() -> None:
        printer = VirtualReceiptPrinter(real_time=False, width=width)
        printer.start()
        try:
            async with _visit(tmp_path, printer, Patient(), width=width) as one:
                assert (await slips.print_slip(one, "receipt", PAPER)).state == "confirmed"
        finally:
            printer.stop()
        [piece] = printer.paper()
        with Image.open(io.BytesIO(piece.png)) as seen:
            expected = draw(PAPER, width)
            assert seen.width == width
            assert seen.crop((0, 0, width, expected.height)).tobytes() == expected.tobytes()

    asyncio.run(run())
