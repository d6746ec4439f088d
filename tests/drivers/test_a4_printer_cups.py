"""The A4 driver through a real CUPS: the printer's word counts, nothing comes out for the next person."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.devices import Availability, DeviceState, Media, Supply
from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.a4_printer_cups import CupsA4Printer, behind, truth
from drivers.device import Device, DeviceError
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from tests.drivers import a4_bench
from tests.drivers.a4_bench import address, until
from tests.peers.cups import Cups, cups

PDF = a4_bench.pdf()


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualA4Printer]:
    with a4_bench.switched_on(tmp_path_factory.mktemp("a4")) as virtual:
        yield virtual


@pytest.fixture(scope="module")
def server(switched_on: VirtualA4Printer) -> Iterator[Cups]:
    with cups() as running:
        running.queue("KioskA4", address(switched_on))
        yield running


@pytest.fixture
def printer(switched_on: VirtualA4Printer, server: Cups) -> Iterator[VirtualA4Printer]:
    """Printer and queue, each time as a technician leaves them: empty, with paper, closed."""
    yield switched_on
    a4_bench.tidy(switched_on)


@pytest.fixture
def driver(printer: VirtualA4Printer, server: Cups) -> Iterator[CupsA4Printer]:
    with _driver(printer, server) as opened:
        yield opened


@contextmanager
def _driver(printer: VirtualA4Printer, server: Cups, timeout: float = 20.0) -> Iterator[CupsA4Printer]:
    driver = CupsA4Printer(port=_queue(server), device=address(printer), timeout=timeout)
    driver.open()
    try:
        yield driver
    finally:
        driver.close()


def _queue(server: Cups) -> str:
    return f"ipp://127.0.0.1:{server.port}/printers/KioskA4"


def _end(driver: CupsA4Printer, job: str) -> JobState:
    until(lambda: driver.job(job).ended)
    return driver.job(job)


def _printing(printer: VirtualA4Printer, name: str) -> None:
    until(lambda: printer.state()["printing"] == name)


def _nothing_more_comes(printer: VirtualA4Printer, driver: CupsA4Printer) -> None:
    """The next person's page is the only one in the tray."""
    printer.act("take")
    name = f"NEXT-{time.monotonic_ns()}"
    assert _end(driver, driver.submit(PDF, name)).state == "completed"
    assert [page.job_name for page in printer.paper()] == [name]


# ── when all goes well ───────────────────────────────────────────────────────


def test_a_page_comes_out_through_the_queue_under_our_name(
    printer: VirtualA4Printer, driver: CupsA4Printer
) -> None:
    assert isinstance(driver, Device)
    assert driver.status().ready
    before = driver.counts()["pages"]
    job = driver.submit(PDF, "KT-1001")
    assert _end(driver, job).state == "completed"
    assert driver.find("KT-1001") == job
    assert driver.find("KT-9999") is None
    assert [page.job_name for page in printer.paper()] == ["KT-1001"]
    assert driver.counts()["pages"] == before + 1


# ── what the printer says is heard through the queue ─────────────────────────


@pytest.mark.parametrize(
    ("hand", "fault", "media", "ready"),
    [
        ("paper_out", "a4_paper_out", Media.NONE, False),
        ("open_cover", "a4_cover_open", Media.NONE, False),
        ("jam", "a4_jam", Media.JAMMED, False),
        ("toner_low", "a4_toner_low", Media.NONE, True),
    ],
)
def test_a_printer_in_trouble_says_so_before_anybody_sends_it_a_job(
    printer: VirtualA4Printer, driver: CupsA4Printer, hand: str, fault: str, media: Media, ready: bool
) -> None:
    printer.act(hand)
    state = driver.status()
    assert (state.faults, state.media, state.ready) == ((fault,), media, ready)


@pytest.mark.parametrize(
    ("trouble", "fault", "remedy"),
    [("open_cover", "a4_cover_open", "close_cover"), ("jam_next", "a4_jam", "clear_jam")],
)
def test_a_job_waits_for_the_hand_and_then_comes_out(
    printer: VirtualA4Printer, driver: CupsA4Printer, trouble: str, fault: str, remedy: str
) -> None:
    printer.act(trouble)
    job = driver.submit(PDF, f"KT-{trouble}")
    _printing(printer, f"KT-{trouble}")  # a hand that moves before would meet CUPS at a busy printer
    until(lambda: fault in driver.status().faults)
    assert not driver.job(job).ended
    printer.act(remedy)
    assert _end(driver, job).state == "completed"
    assert len(printer.paper()) == 1


def test_a_job_that_the_printer_aborts_is_aborted_whatever_cups_calls_it(
    printer: VirtualA4Printer, driver: CupsA4Printer
) -> None:
    printer.act("abort_next")
    assert _end(driver, driver.submit(PDF, "KT-1020")).state == "aborted"
    assert printer.paper() == []


# ── a job that waits does not print for the next person ──────────────────────


@pytest.mark.parametrize("trouble", ["open_cover", "paper_out"])
def test_a_job_taken_back_does_not_come_out_later(
    printer: VirtualA4Printer, driver: CupsA4Printer, trouble: str
) -> None:
    printer.act(trouble)
    job = driver.submit(PDF, "KT-1030")
    until(lambda: _at_the_printer(printer, "KT-1030"))
    driver.cancel(job)
    assert _end(driver, job).state == "canceled"
    driver.cancel(job)  # once more is no error
    printer.act("close_cover")
    printer.act("refill")
    _nothing_more_comes(printer, driver)


def _at_the_printer(printer: VirtualA4Printer, name: str) -> bool:
    """Asked at the printer itself, past CUPS and the driver under test."""
    direct = A4Printer(port=address(printer), timeout=20)
    direct.open()
    try:
        return direct.find(name) is not None
    finally:
        direct.close()


def test_a_job_whose_cups_died_is_still_found_at_the_printer_and_taken_back(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    printer.act("open_cover")
    job = driver.submit(PDF, "KT-1031")
    _printing(printer, "KT-1031")
    server.kill()
    with pytest.raises(DeviceError) as caught:
        driver.job(job)
    assert (caught.value.code, caught.value.lost) == ("device_offline", True)
    server.start()  # its spool has been emptied: it knows nothing of the job
    with _driver(printer, server) as reopened:
        assert reopened.find("KT-1031") == "KT-1031"
        assert reopened.job("KT-1031").state == "processing"
        reopened.cancel("KT-1031")
        assert _end(reopened, "KT-1031").state == "canceled"
        printer.act("close_cover")
        _nothing_more_comes(printer, reopened)


def test_a_cups_that_starts_again_does_not_print_a_page_a_second_time(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    printer.act("open_cover")
    driver.submit(PDF, "KT-1032")
    _printing(printer, "KT-1032")
    server.kill()
    printer.act("close_cover")
    until(lambda: len(printer.paper()) == 1)
    server.start()
    with _driver(printer, server) as reopened:
        assert _end(reopened, "KT-1032").state == "completed"
        _nothing_more_comes(printer, reopened)


def test_while_cups_is_gone_a_job_is_taken_back_at_the_printer_and_the_trouble_told(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    printer.act("open_cover")
    job = driver.submit(PDF, "KT-1033")
    _printing(printer, "KT-1033")
    server.kill()
    with pytest.raises(DeviceError, match="device_offline"):
        driver.cancel(job)
    server.start()
    printer.act("close_cover")
    with _driver(printer, server) as reopened:
        assert _end(reopened, job).state == "canceled"
        _nothing_more_comes(printer, reopened)


# ── power and lines lost ─────────────────────────────────────────────────────


def test_a_page_lost_with_the_printers_power_is_not_completed_whatever_cups_says(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    printer.act("open_cover")
    job = driver.submit(PDF, "KT-1040")
    _printing(printer, "KT-1040")
    printer.act("unplug")
    with pytest.raises(DeviceError) as caught:
        driver.job(job)
    assert (caught.value.code, caught.value.lost) == ("device_offline", True)
    printer.act("close_cover")
    printer.act("plug")
    alone = CupsA4Printer(port=_queue(server), timeout=20)
    alone.open()
    until(lambda: alone.job(job).ended)
    assert alone.job(job).state == "completed", "CUPS has learnt better: the detour is no longer needed"
    alone.close()
    assert driver.job(job).state == "unknown"
    assert printer.paper() == []


def test_cups_that_dies_while_it_takes_a_job_has_not_got_it(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    with _driver(printer, server, timeout=2.0) as impatient:
        server.pause()
        with pytest.raises(DeviceError, match="device_timeout"):
            impatient.submit(PDF, "KT-1041")
    server.kill()
    server.start()
    with _driver(printer, server) as reopened:
        assert reopened.find("KT-1041") is None
        _nothing_more_comes(printer, reopened)


def test_a_job_that_cups_took_without_saying_so_is_found_by_its_name(
    printer: VirtualA4Printer, server: Cups, driver: CupsA4Printer
) -> None:
    with _driver(printer, server, timeout=2.0) as impatient:
        server.pause()
        with pytest.raises(DeviceError, match="device_timeout"):
            impatient.submit(PDF, "KT-1042")
        server.resume()
    until(lambda: driver.find("KT-1042") is not None)
    assert _end(driver, "KT-1042").state == "completed"


def test_without_its_printer_or_its_queue_it_is_absent(printer: VirtualA4Printer, server: Cups) -> None:
    nobody = f"ipp://127.0.0.1:{choose_ports(0).a4}/ipp/print"
    for port, device in ((nobody, address(printer)), (_queue(server), nobody)):
        with pytest.raises(DeviceError, match="device_absent"):
            CupsA4Printer(port=port, device=device, timeout=1).open()


# ── the two stories put together ─────────────────────────────────────────────

_DONE, _WAITS, _BACK, _CUT = (
    JobState("completed"),
    JobState("processing"),
    JobState("canceled"),
    JobState("aborted"),
)


@pytest.mark.parametrize(
    ("queued", "at_printer", "told"),
    [
        ([], [], "unknown"),
        ([], None, "unknown"),
        ([_WAITS], [], "processing"),  # on its way
        ([_WAITS], [_DONE], "completed"),  # CUPS learns it a second later
        ([_DONE], [_DONE], "completed"),
        ([_DONE], [], "unknown"),  # the printer lost it
        ([_DONE], None, "completed"),  # there is nobody else to ask
        ([_BACK], [_CUT], "aborted"),
        ([_BACK], [_WAITS], "processing"),  # CUPS gave up, the printer has not
        ([_BACK], [], "canceled"),
        ([], [_WAITS], "processing"),  # CUPS has forgotten it
        ([_WAITS], [_CUT, _WAITS], "processing"),  # sent a second time
        ([_WAITS], [_DONE, _WAITS], "completed"),
    ],
)
def test_one_job_with_traces_on_both_sides(
    queued: list[JobState], at_printer: list[JobState] | None, told: str
) -> None:
    assert truth(queued, at_printer).state == told


def test_a_halted_queue_makes_a_good_printer_unusable_and_its_old_stories_are_not_repeated() -> None:
    good = DeviceState(Availability.ONLINE, Media.NONE, {"paper": Supply.FULL}, ("a4_toner_low",), "Virtual")
    halted = DeviceState(Availability.FAULT, Media.NONE, {}, ("a4_failed",), "paused")
    state = behind(halted, good)
    assert (state.availability, state.faults) == (Availability.FAULT, ("a4_failed", "a4_toner_low"))
    assert not state.ready
    stale = DeviceState(Availability.FAULT, Media.JAMMED, {}, ("a4_jam",), "since the last job")
    assert behind(stale, good) == good
