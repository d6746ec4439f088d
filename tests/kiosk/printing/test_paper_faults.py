"""Paper ends, a cover opens, the knife jams, a cable is pulled: at each band of a receipt.

Then somebody mends it, and the next citizen comes. The paper is the judge (tests/whose_paper.py).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from drivers.raster import raster
from drivers.receipt_printer import BAND_ROWS
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.device_worker import Pace
from kiosk.devices.devices import Devices
from kiosk.documents.receipts import Line, Receipt, draw
from kiosk.printing import printing
from kiosk.printing.print_job import Printed
from kiosk.printing.printing import print_receipt
from kiosk.printing.unfinished import free, to_be_freed
from mqtt.topics import TerminalPath
from tests.whose_paper import KNIFE_ROWS, negative, owned

MENDED = {
    "paper_out": "refill",
    "open_cover": "close_cover",
    "cutter_error": "clear_cutter",
    "unplug": "plug",
}
BRISK = Pace(first_back_off=0.05, last_back_off=0.1, missed_poll=0.05)
PATH = TerminalPath("330100", "demo", "K001")


def paper(whose: str) -> Receipt:
    """A receipt of some bands whose every row says whose it is."""
    return Receipt(tuple(Line("text", f"{whose}{number}", size="title", bold=True) for number in range(5)))


@asynccontextmanager
async def terminal(folder: Path, printer: VirtualReceiptPrinter) -> AsyncIterator[tuple[Devices, Ledger]]:
    """Supervisor and ledger with this printer, ready."""
    port = f"127.0.0.1:{printer.port}"
    one = DeviceSettings(kind=Kind.RECEIPT_PRINTER, driver="receipt_printer_tcp", port=port, poll_seconds=0.2)
    store = await asyncio.to_thread(Store, folder)
    devices = Devices({"roll": one}, pace=BRISK)
    devices.start()
    try:
        assert await devices.becomes_ready(Kind.RECEIPT_PRINTER, 60)
        yield devices, Ledger(store, Vault(folder), PATH)
    finally:
        await devices.close()
        await asyncio.to_thread(store.close)


@pytest.mark.parametrize("clears", [True, False], ids=["clears its buffer", "a simpler model"])
@pytest.mark.parametrize("fault", MENDED)
def test_a_fault_at_any_band_leaves_nothing_for_the_next_citizen(
    tmp_path: Path, fault: str, clears: bool
) -> None:
    printer = VirtualReceiptPrinter(real_time=False, clears=clears)
    printer.start()
    negatives = {whose: negative(raster(draw(paper(whose)))) for whose in ("former", "next")}
    rows, pace = len(negatives["former"]) // 72, BAND_ROWS if clears else 3 * BAND_ROWS  # it is slow to ask

    async def play() -> None:
        async with terminal(tmp_path, printer) as (devices, ledger):
            for row in (1, *range(BAND_ROWS - 4, rows + KNIFE_ROWS, pace), rows + KNIFE_ROWS - 1):
                printer.act("tear")
                printer.act("at_row", rows=row, hand=fault)
                former = await print_receipt(devices, ledger, "s1", "SB01", "receipt", paper("former"))
                await asyncio.to_thread(printer.act, MENDED[fault])
                after = await _print_when_ready(devices, ledger, paper("next"))
                state = (await asyncio.to_thread(ledger.get, former.record)).state
                _judge(
                    printer,
                    negatives,
                    f"{fault} at row {row} of {rows}",
                    state,
                    former,
                    after,
                    0 if clears else 2,
                )

    try:
        asyncio.run(play())
    finally:
        printer.stop()


async def _print_when_ready(devices: Devices, ledger: Ledger, receipt: Receipt) -> Printed:
    """Whoever comes next, as soon as the terminal knows that the printer is well again."""
    async with asyncio.timeout(60):
        while True:
            for one in to_be_freed(devices):
                with suppress(DeviceError):
                    await free(one, ledger)
            printed = await print_receipt(devices, ledger, "s2", "SB01", "receipt", receipt)
            if printed.begun:
                return printed
            await asyncio.sleep(0.02)


def _judge(
    printer: VirtualReceiptPrinter,
    negatives: dict[str, bytes],
    where: str,
    former_state: str,
    former: Printed,
    after: Printed,
    spoilt: int,
) -> None:
    assert after == Printed("confirmed"), f"{where}: the next print ended {after}"
    assert printer.wait_idle()
    pieces = [(piece, owned(piece.png, negatives, spoilt_rows=spoilt)) for piece in printer.paper()]
    whose = [one.prints for _, one in pieces if not one.blank]
    assert all(len(names) == 1 for names in whose), f"{where}: two prints on one paper: {whose}"
    order = [next(iter(names)) for names in whose]
    assert order[-1:] == ["next"], f"{where}: something came out after the next citizen's receipt: {order}"
    assert order.count("next") == 1
    whole = sum(one.whole and piece.cut and one.prints == {"former"} for piece, one in pieces)
    assert whole <= 1, f"{where}: printed twice"
    if former_state == "confirmed":
        assert whole == 1, f"{where}: confirmed, but not on paper ({former})"
    if former_state == "failed":
        assert whole == 0, f"{where}: failed, but on paper ({former})"


def test_the_cut_that_severs_what_an_earlier_print_left_is_not_taken_for_the_next_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last answer of a whole receipt gets lost; the cable is pulled in the middle of the next."""
    monkeypatch.setattr(printing, "RECEIPT_SECONDS", 2.0)
    short = Receipt((Line("text", "one band"),))
    printer = VirtualReceiptPrinter(real_time=False)
    printer.start()

    async def play() -> None:
        async with terminal(tmp_path, printer) as (devices, ledger):
            await print_receipt(devices, ledger, "s0", "SB01", "receipt", short)
            printer.act("drop_next_fence")
            whole = await print_receipt(devices, ledger, "s1", "SB01", "receipt", short)
            assert whole == Printed("confirmed"), "the printer's count tells"
            printer.act("at_row", rows=150, hand="unplug")
            half = await print_receipt(devices, ledger, "s2", "SB01", "receipt", paper("next"))
            assert half.state == "unknown"
            await asyncio.to_thread(printer.act, "plug")
            async with asyncio.timeout(60):
                while ledger.get(half.record).state == "unknown":
                    for one in to_be_freed(devices):
                        with suppress(DeviceError):
                            await free(one, ledger)
                    await asyncio.sleep(0.02)
            assert ledger.get(half.record).state == "failed"

    try:
        asyncio.run(play())
    finally:
        printer.stop()
