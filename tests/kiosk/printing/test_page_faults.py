"""A jam, an open cover, an empty tray, a pulled plug in a certificate's job; then the next citizen comes.

The tray is the judge: each page there has the name of its print.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Kind
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from kiosk.data.ledger import Ledger
from kiosk.devices.devices import Devices
from kiosk.printing import print_job
from kiosk.printing.print_job import Printed
from kiosk.printing.printing import print_certificate
from kiosk.printing.unfinished import CallBack
from tests.kiosk.printing.test_printing import PDF, a4, core, until

MENDED = {"jam": "clear_jam", "open_cover": "close_cover", "paper_out": "refill", "unplug": "plug"}
PAGE_SECONDS = 0.4


@pytest.fixture
def printer(tmp_path: Path) -> Iterator[VirtualA4Printer]:
    virtual = VirtualA4Printer(choose_ports(0).a4, tmp_path / "a4", page_seconds=PAGE_SECONDS)
    virtual.start()
    yield virtual
    virtual.stop()


@pytest.mark.parametrize("fault", MENDED)
def test_a_fault_in_the_middle_of_a_job_leaves_nothing_for_the_next_citizen(
    tmp_path: Path, printer: VirtualA4Printer, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    patience = print_job.PRINT_SECONDS

    async def play() -> None:
        async with core(tmp_path, {"it": a4(printer)}) as (devices, ledger):
            for moment in (0.0, PAGE_SECONDS / 2):
                printer.act("take")
                monkeypatch.setattr(print_job, "PRINT_SECONDS", 1.0)
                former = asyncio.create_task(
                    print_certificate(devices, ledger, "s1", "SB01", f"A{moment}", PDF)
                )
                await begun(printer, former)
                await asyncio.sleep(moment)
                await asyncio.to_thread(printer.act, fault)
                ended = await former
                await asyncio.to_thread(printer.act, MENDED[fault])
                await until(lambda: devices.ready(Kind.A4_PRINTER))
                await settle(devices, ledger)
                monkeypatch.setattr(print_job, "PRINT_SECONDS", patience)
                after = await print_certificate(devices, ledger, "s2", "SB01", f"B{moment}", PDF)
                state = (await asyncio.to_thread(ledger.get, ended.record)).state
                judge(printer, f"{fault} after {moment} s", ended, state, after)

    asyncio.run(play())


async def begun(printer: VirtualA4Printer, former: asyncio.Task[Printed]) -> None:
    """Until the page is under way; on a computer so busy that nobody saw it, until its print has ended."""
    await until(lambda: former.done() or printer.state()["printing"] is not None)


async def settle(devices: Devices, ledger: Ledger) -> None:
    """What the terminal does with a print that has become unknown."""
    for record in ledger.open_records():
        await CallBack(devices, ledger).ask(record)


def judge(printer: VirtualA4Printer, where: str, former: Printed, state: str, after: Printed) -> None:
    pages = [page.job_name for page in printer.paper()]
    assert after == Printed("confirmed"), f"{where}: the next print ended {after}"
    assert pages[-1:] == [after.record], f"{where}: a former page came out behind the next citizen's"
    assert pages.count(after.record) == 1 and pages.count(former.record) <= 1, f"{where}: printed twice"
    assert set(pages) <= {former.record, after.record}
    if state == "confirmed":
        assert former.record in pages, f"{where}: confirmed, but not on paper"
    if state == "failed":
        assert former.record not in pages, f"{where}: failed, but on paper"
