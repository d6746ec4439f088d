"""Through a real CUPS: the layout arrives, a lost page is missed, and no document stays on the disk."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.print_layout import PLAIN, PrintLayout
from drivers.a4_job import JobState
from drivers.a4_printer_cups import CupsA4Printer
from drivers.device import DeviceError
from drivers.virtual.a4_printer import VirtualA4Printer
from tests.drivers import a4_bench
from tests.drivers.a4_bench import done, until
from tests.peers.cups import Cups, cups

TWO = a4_bench.pdf(2)
LONG_EDGE = PrintLayout("two-sided-long-edge")


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualA4Printer]:
    """Set to two sides by its owner."""
    with a4_bench.switched_on(tmp_path_factory.mktemp("a4"), sides="two-sided-long-edge") as virtual:
        yield virtual


@pytest.fixture(scope="module")
def server(printer: VirtualA4Printer) -> Iterator[Cups]:
    with cups() as running:
        running.queue("KioskA4", a4_bench.address(printer))
        yield running


@pytest.fixture
def driver(printer: VirtualA4Printer, server: Cups) -> Iterator[CupsA4Printer]:
    a4_bench.tidy(printer)
    one = _driver(printer, server)
    yield one
    one.close()


def _driver(printer: VirtualA4Printer, server: Cups) -> CupsA4Printer:
    queue = f"ipp://127.0.0.1:{server.port}/printers/KioskA4"
    one = CupsA4Printer(port=queue, device=a4_bench.address(printer), timeout=20)
    one.open()
    return one


def _printed(driver: CupsA4Printer, name: str, layout: PrintLayout = PLAIN) -> JobState:
    job = driver.submit(TWO, name, layout)
    state = done(lambda: driver.job(job))
    # CUPS learns it a second later, and the printer is busy for its next job until then.
    until(lambda: all(one.ended for one in driver._queue.named(name).values()))
    return state


@pytest.mark.parametrize(
    ("layout", "sheets"), [(PLAIN, 2), (LONG_EDGE, 1), (PrintLayout("two-sided-short-edge", copies=2), 2)]
)
def test_sides_copies_and_paper_arrive(
    printer: VirtualA4Printer, driver: CupsA4Printer, layout: PrintLayout, sheets: int
) -> None:
    before = driver.counts()["pages"]
    state = _printed(driver, f"KT-{layout.sides}", layout)
    assert (state.state, state.sheets) == ("completed", sheets)
    [document] = printer.paper()
    assert (document.sides, document.copies, document.sheets) == (layout.sides, layout.copies, sheets)
    assert "21000" in document.media and "29700" in document.media
    assert driver.counts()["pages"] == before + sheets


def test_a_lost_page_is_missed_whatever_cups_has_counted(
    printer: VirtualA4Printer, driver: CupsA4Printer
) -> None:
    printer.act("lose_page")
    state = _printed(driver, "KT-LOST", PrintLayout(copies=2))
    assert (state.state, state.reasons[0], state.sheets) == ("unknown", "a4_pages_missing", 3)
    [told] = driver._queue.named("KT-LOST").values()
    assert (told.state, told.sheets) == ("completed", 4), "CUPS has learnt to count what came out"


def test_what_the_printer_behind_cannot_do_is_refused_though_the_queue_would_take_it(
    printer: VirtualA4Printer, server: Cups, tmp_path: Path
) -> None:
    with a4_bench.switched_on(tmp_path, duplex=False) as simple:
        queue = f"ipp://127.0.0.1:{server.port}/printers/KioskA4"
        driver = CupsA4Printer(port=queue, device=a4_bench.address(simple), timeout=20)
        driver.open()
        with pytest.raises(DeviceError, match="a4_layout"):
            driver.submit(TWO, "KT-SIMPLE", LONG_EDGE)
        assert driver.find("KT-SIMPLE") is None
        driver.close()


def test_no_document_is_left_in_the_spool_and_no_name_in_the_page_log(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    _printed(driver, "KT-GONE")
    until(lambda: not list((server.folder / "spool").glob("d*")))
    log = (server.folder / "page.log").read_text()
    assert "KioskA4" in log and "KT-GONE" not in log and "kiosk " not in log
    assert driver.status().faults == ()


def test_a_cups_that_keeps_what_it_printed_is_told(printer: VirtualA4Printer) -> None:
    a4_bench.tidy(printer)
    with cups(keeps_files=True) as careless:
        careless.queue("KioskA4", a4_bench.address(printer))
        driver = _driver(printer, careless)
        assert driver.status().faults == ()
        _printed(driver, "KT-KEPT")
        assert driver.job("KT-KEPT").state == "completed"
        assert driver.status().faults == ("a4_files_kept",)
        assert driver.status().ready
        driver.close()
        reopened = _driver(printer, careless)
        assert reopened.status().faults == ("a4_files_kept",)
        reopened.close()
