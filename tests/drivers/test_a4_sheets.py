"""Documents of several sheets: laid out as told, counted, and taken back in the middle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from ippx import Operation

from config.print_layout import A4, PLAIN, PrintLayout
from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.device import DeviceError
from drivers.ipp_wire import IppWire
from drivers.pdf_pages import pages
from drivers.virtual.a4_printer import VirtualA4Printer
from tests.drivers import a4_bench
from tests.drivers.a4_bench import done, opened, until

TWO = a4_bench.pdf(2)
LONG_EDGE = PrintLayout("two-sided-long-edge")


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualA4Printer]:
    """Set to two sides and to American paper by its owner: nothing of ours may hang on that."""
    with a4_bench.switched_on(tmp_path_factory.mktemp("a4"), sides="two-sided-long-edge") as virtual:
        yield virtual


@pytest.fixture
def printer(switched_on: VirtualA4Printer) -> Iterator[VirtualA4Printer]:
    yield switched_on
    a4_bench.tidy(switched_on)


@pytest.fixture
def driver(printer: VirtualA4Printer) -> Iterator[A4Printer]:
    with opened(printer) as one:
        yield one


def _printed(driver: A4Printer, document: bytes, name: str, layout: PrintLayout = PLAIN) -> JobState:
    job = driver.submit(document, name, layout)
    return done(lambda: driver.job(job))


# ── laid out as told ─────────────────────────────────────────────────────────


def test_a_printer_set_to_two_sides_prints_one_side_when_nothing_else_is_asked_for(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    before = driver.counts()["pages"]
    assert _printed(driver, TWO, "KT-1") == JobState("completed", ("job-completed-successfully",), 2)
    [document] = printer.paper()
    assert (document.sides, document.sheets, document.media) == ("one-sided", 2, A4)
    assert driver.counts()["pages"] == before + 2


@pytest.mark.parametrize(
    ("layout", "pages_in", "sheets"),
    [
        (LONG_EDGE, 2, 1),
        (LONG_EDGE, 3, 2),
        (PrintLayout("two-sided-short-edge", copies=2), 2, 2),
        (PrintLayout(copies=3), 1, 3),
    ],
)
def test_sides_and_copies_are_the_templates(
    printer: VirtualA4Printer, driver: A4Printer, layout: PrintLayout, pages_in: int, sheets: int
) -> None:
    before = driver.counts()["pages"]
    assert _printed(driver, a4_bench.pdf(pages_in), "KT-2", layout).state == "completed"
    [document] = printer.paper()
    assert (document.sides, document.copies, document.sheets) == (layout.sides, layout.copies, sheets)
    assert driver.counts()["pages"] == before + sheets


@pytest.mark.parametrize("layout", [PrintLayout(media="iso_a3_297x420mm"), PrintLayout(copies=1000)])
def test_what_the_printer_cannot_do_is_said_before_it_is_sent(
    printer: VirtualA4Printer, driver: A4Printer, layout: PrintLayout
) -> None:
    with pytest.raises(DeviceError, match="a4_layout"):
        driver.submit(TWO, "KT-3", layout)
    assert driver.find("KT-3") is None


def test_two_sides_do_not_quietly_become_two_sheets(tmp_path: Path) -> None:
    with a4_bench.switched_on(tmp_path, duplex=False) as simple, opened(simple) as driver:
        with pytest.raises(DeviceError, match="a4_layout"):
            driver.submit(TWO, "KT-4", LONG_EDGE)
        assert driver.find("KT-4") is None
        assert _printed(driver, TWO, "KT-5").state == "completed"
        assert [document.job_name for document in simple.paper()] == ["KT-5"]


# ── counted ──────────────────────────────────────────────────────────────────


def test_a_job_called_completed_with_a_page_missing_is_not_known_to_have_come_out(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    printer.act("lose_page")
    before = driver.counts()["pages"]
    state = _printed(driver, TWO, "KT-6")
    assert (state.state, state.short, state.sheets) == ("unknown", True, 1)
    assert state.reasons[0] == "a4_pages_missing"
    assert driver.counts()["pages"] == before + 1
    assert [document.sheets for document in printer.paper()] == [1]


def test_the_missing_page_is_missed_also_after_a_restart_of_the_terminal(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    printer.act("lose_page")
    _printed(driver, TWO, "KT-7")
    with opened(printer) as restarted:
        job = restarted.find("KT-7")
        assert job is not None and restarted.job(job).short


def test_one_page_that_did_not_come_is_missed_where_the_printer_is_known_to_count(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    _printed(driver, a4_bench.pdf(), "KT-8")
    printer.act("lose_page")
    assert _printed(driver, a4_bench.pdf(), "KT-9").state == "unknown"


def test_a_printer_that_does_not_count_is_believed(tmp_path: Path) -> None:
    with a4_bench.switched_on(tmp_path, counting=False) as plain, opened(plain) as driver:
        assert _printed(driver, TWO, "KT-10").state == "completed"
        assert driver.counts()["pages"] == 2


def test_a_counter_that_is_known_to_be_wrong_is_not_looked_at(printer: VirtualA4Printer) -> None:
    with opened(printer, counts_pages=False) as driver:
        printer.act("lose_page")
        assert _printed(driver, TWO, "KT-11").state == "completed"


def test_pages_of_a_document_are_counted_and_of_what_is_none_not() -> None:
    assert [pages(a4_bench.pdf(n)) for n in (1, 2, 3)] == [1, 2, 3]
    assert pages(b"%PDF-1.4\n% an invented page\n") is None
    assert pages(b"") is None


# ── stopped, and taken back ──────────────────────────────────────────────────

HANDS = {
    "paper_out": ("a4_paper_out", "refill"),
    "jam": ("a4_jam", "clear_jam"),
    "open_cover": ("a4_cover_open", "close_cover"),
    "toner_out": ("a4_toner_out", "change_toner"),
}


@pytest.mark.parametrize("hand", HANDS)
def test_a_job_stopped_after_its_first_sheet_is_taken_back_and_the_second_never_comes(
    printer: VirtualA4Printer, driver: A4Printer, hand: str
) -> None:
    fault, remedy = HANDS[hand]
    printer.act("after_sheet", do=hand)
    job = driver.submit(TWO, "KT-20")
    until(lambda: fault in driver.status().faults)
    assert [document.sheets for document in printer.paper()] == [1]
    _take_back_and_mend(printer, driver, job, remedy)
    first, following = printer.paper()
    assert (first.sheets, following.job_name) == (1, "NEXT"), "page 2 came out for the next person"


@pytest.mark.parametrize("hand", HANDS)
def test_a_job_stopped_before_its_first_sheet_is_taken_back_and_never_comes(
    printer: VirtualA4Printer, driver: A4Printer, hand: str
) -> None:
    fault, remedy = HANDS[hand]
    printer.act(hand)
    job = driver.submit(TWO, "KT-21")
    until(lambda: fault in driver.status().faults and driver.job(job).state != "pending")
    _take_back_and_mend(printer, driver, job, remedy)
    assert [document.job_name for document in printer.paper()] == ["NEXT"]


def test_a_job_called_canceled_that_begins_all_the_same_is_taken_back_again(
    driver: A4Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """ippeveprinter under load: cancelled between the answer to Print-Job and its first step."""
    asked: list[Operation] = []
    states = iter(({"job-state": 7}, {"job-state": 5, "job-state-reasons": "processing-to-stop-point"}))

    def answer(_wire: IppWire, operation: Operation, *_: object) -> list[Mapping[str, object]]:
        asked.append(operation)
        return [next(states)] if operation is Operation.GET_JOB_ATTRIBUTES else []

    monkeypatch.setattr(IppWire, "ask", answer)
    driver.cancel(1)
    assert asked.count(Operation.CANCEL_JOB) == 2


def _take_back_and_mend(printer: VirtualA4Printer, driver: A4Printer, job: int, remedy: str) -> None:
    driver.cancel(job)
    assert done(lambda: driver.job(job)).state == "canceled"
    printer.act(remedy)
    assert _printed(driver, a4_bench.pdf(), "NEXT").state == "completed"


@pytest.mark.parametrize("hand", ["paper_out", "jam"])
def test_a_job_that_is_not_taken_back_goes_on_with_its_second_sheet_after_the_remedy(
    printer: VirtualA4Printer, driver: A4Printer, hand: str
) -> None:
    printer.act("after_sheet", do=hand)
    job = driver.submit(TWO, "KT-22")
    until(lambda: HANDS[hand][0] in driver.status().faults)
    printer.act(HANDS[hand][1])
    assert done(lambda: driver.job(job)).state == "completed"
    assert [(document.sheets, document.of) for document in printer.paper()] == [(2, 2)]
