"""Reprints at printers on the wire: the same bytes, the mark in its place, each job at its own printer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.backstage import Backstage
from kiosk.documents.receipts import Line, Receipt
from kiosk.printing import reprint, slips
from kiosk.printing.printing import print_certificate
from kiosk.printing.reprint import Refused
from tests.kiosk.small_visit import Script, backstage, service, visit

PDF = b"%PDF-1.4\n% a page that nobody else has\n"
RECEIPT = Receipt((Line("text", "回执"), Line("pair", "A-17", "编号")))


@pytest.fixture
def sheets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualA4Printer]:
    printer = VirtualA4Printer(choose_ports(0).a4, tmp_path_factory.mktemp("a4"), page_seconds=0.2)
    printer.start()
    yield printer
    printer.stop()


@pytest.fixture
def rolls() -> Iterator[tuple[VirtualReceiptPrinter, VirtualReceiptPrinter]]:
    """A left and a right receipt printer; what they print as text can be read."""
    left, right = VirtualReceiptPrinter(real_time=False), VirtualReceiptPrinter(real_time=False)
    left.start()
    right.start()
    yield left, right
    left.stop()
    right.stop()


@asynccontextmanager
async def terminal(folder: Path, **printers: DeviceSettings) -> AsyncIterator[Backstage]:
    async with backstage(folder, Script(), printers) as parts:
        parts.devices.start()
        try:
            async with asyncio.timeout(60):
                while not all(state.ready for _, state in parts.devices.states().values()):  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            yield parts
        finally:
            await parts.mouth.forget()
            await parts.devices.close()


def a4(printer: VirtualA4Printer) -> DeviceSettings:
    port = f"ipp://127.0.0.1:{printer.port}/ipp/print"
    return DeviceSettings(kind=Kind.A4_PRINTER, driver="a4_printer_ipp", port=port, poll_seconds=0.2)


def roll(printer: VirtualReceiptPrinter) -> DeviceSettings:
    return DeviceSettings(
        kind=Kind.RECEIPT_PRINTER,
        driver="receipt_printer_tcp",
        port=f"127.0.0.1:{printer.port}",
        poll_seconds=0.2,
        options={"text": True},
    )


def test_the_second_certificate_is_the_first_byte_for_byte_and_a_slip_says_so(
    sheets: VirtualA4Printer, rolls: tuple[VirtualReceiptPrinter, VirtualReceiptPrinter], tmp_path: Path
) -> None:
    left, _ = rolls

    async def play() -> None:
        async with terminal(tmp_path, sheets=a4(sheets), roll=roll(left)) as parts:
            one = await print_certificate(parts.devices, parts.ledger, "s1", "SB01", "N-17", PDF)
            assert one.came and left.paper() == []
            again = await reprint.reprint(parts, one.record, "staff")
            assert again.came

    asyncio.run(play())
    first, second = sheets.paper()
    assert first.pdf == second.pdf == PDF
    assert first.job_name != second.job_name
    (slip,) = left.paper()
    said = "\n".join(slip.text)
    assert "补打" in said and "N-17" in said and "2" in said and "工作人员" in said


def test_without_a_receipt_printer_the_copy_comes_all_the_same(
    sheets: VirtualA4Printer, tmp_path: Path
) -> None:
    async def play() -> None:
        async with terminal(tmp_path, sheets=a4(sheets)) as parts:
            one = await print_certificate(parts.devices, parts.ledger, "s1", "SB01", "N-18", PDF)
            assert (await reprint.reprint(parts, one.record, "citizen")).came

    asyncio.run(play())
    assert len(sheets.paper()) == 2


def test_a_receipts_copy_is_the_receipt_with_the_mark_at_its_top(
    rolls: tuple[VirtualReceiptPrinter, VirtualReceiptPrinter], tmp_path: Path
) -> None:
    left, _ = rolls

    async def play() -> None:
        async with terminal(tmp_path, roll=roll(left)) as parts:
            one = await slips.print_slip(visit(parts, service("SB01")), "receipt", RECEIPT)
            assert (await reprint.reprint(parts, one.record, "staff")).came

    asyncio.run(play())
    first, second = (piece.text for piece in left.paper())
    marks = [line for line in second if "补打" in line]
    assert len(marks) == 1 and "2" in marks[0]
    kept = [line for line in second if line in first]
    assert kept == list(first)
    assert not any("补打" in line for line in first)


def test_with_two_receipt_printers_each_verb_goes_to_the_one_that_has_the_paper(
    rolls: tuple[VirtualReceiptPrinter, VirtualReceiptPrinter], tmp_path: Path
) -> None:
    left, right = rolls
    left.act("paper_out_after", rows=30)

    async def play() -> None:
        async with terminal(tmp_path, left=roll(left), right=roll(right)) as parts:
            one = visit(parts, service("SB01"))
            spoiled = await slips.print_slip(one, "receipt", RECEIPT)
            assert (spoiled.state, spoiled.device) == ("failed", "left")
            async with asyncio.timeout(60):
                while parts.devices.pick(Kind.RECEIPT_PRINTER) != "right":  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            again = await reprint.reprint(parts, spoiled.record, "citizen")
            assert (again.came, again.device) == (True, "right")

    asyncio.run(play())
    assert [piece.cut for piece in right.paper()] == [True]
    assert any("补打" in line for line in right.paper()[0].text)


def test_an_unknown_receipt_is_settled_only_when_its_printer_answers_again(
    rolls: tuple[VirtualReceiptPrinter, VirtualReceiptPrinter], tmp_path: Path
) -> None:
    left, _ = rolls

    async def play() -> None:
        async with terminal(tmp_path, roll=roll(left)) as parts:
            first = await slips.print_slip(visit(parts, service("SB01")), "receipt", RECEIPT)
            name = parts.ledger.get(first.record).name
            lost = await parts.ledger.intend(
                "print", f"{name}/2", "s1", "SB01", document="receipt", device="roll"
            )
            await parts.ledger.sent(lost)
            await parts.ledger.advance(lost, "unknown", None)
            left.act("unplug")
            with pytest.raises(Refused, match="print_not_taken_back"):
                await reprint.settle(parts, lost.id, "nothing", "staff")
            left.act("plug")
            async with asyncio.timeout(60):
                while parts.ledger.get(lost.id).state == "unknown":
                    with contextlib.suppress(Refused):
                        await reprint.settle(parts, lost.id, "nothing", "staff")
            assert parts.ledger.get(lost.id).decided_by == "staff"

    asyncio.run(play())
    assert len(left.paper()) == 1
