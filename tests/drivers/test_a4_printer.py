"""The A4 driver against Debian's ippeveprinter: print, run out, jam, abort, lose power, find, cancel."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from config.devices import Availability, Media, Supply
from drivers.a4_job import JobState
from drivers.a4_printer import A4Printer
from drivers.device import Device, DeviceError
from drivers.ipp_wire import IppRefused
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from tests.drivers import a4_bench
from tests.drivers.a4_bench import address, opened, until

PDF = b"%PDF-1.4\n% an invented page\n"


@pytest.fixture(scope="module")
def switched_on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualA4Printer]:
    """One process for all tests of the file: starting it takes a third of a second."""
    with a4_bench.switched_on(tmp_path_factory.mktemp("a4")) as virtual:
        yield virtual


@pytest.fixture
def printer(switched_on: VirtualA4Printer) -> Iterator[VirtualA4Printer]:
    """The same printer, each time as a technician leaves it."""
    yield switched_on
    a4_bench.tidy(switched_on)


@pytest.fixture
def driver(printer: VirtualA4Printer) -> Iterator[A4Printer]:
    with opened(printer) as one:
        yield one


def _end(driver: A4Printer, job: int) -> JobState:
    until(lambda: driver.job(job).ended)
    return driver.job(job)


# ── when all goes well ───────────────────────────────────────────────────────


def test_a_page_comes_out_byte_for_byte_and_the_job_says_completed(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    assert isinstance(driver, Device)
    assert driver.status().ready
    job = driver.submit(PDF, "KT-0001")
    assert _end(driver, job).state == "completed"
    [page] = printer.paper()
    assert (page.pdf, page.job_name) == (PDF, "KT-0001")


def test_two_pages_come_out_in_order(printer: VirtualA4Printer, driver: A4Printer) -> None:
    jobs = [driver.submit(PDF + name.encode(), name) for name in ("KT-0002", "KT-0003")]
    assert [_end(driver, job).state for job in jobs] == ["completed", "completed"]
    assert [page.job_name for page in printer.paper()] == ["KT-0002", "KT-0003"]


def test_a_printer_that_stays_busy_has_not_got_the_job(printer: VirtualA4Printer, driver: A4Printer) -> None:
    printer.act("open_cover")
    held = driver.submit(PDF, "KT-0006")
    with opened(printer, timeout=2.0) as impatient, pytest.raises(IppRefused) as caught:
        impatient.submit(PDF, "KT-0007")
    assert caught.value.code == "a4_failed"
    assert driver.find("KT-0007") is None
    printer.act("close_cover")
    _end(driver, held)


def test_a_lost_submission_is_found_by_our_name_for_it(driver: A4Printer) -> None:
    job = driver.submit(PDF, "KT-0004")
    assert driver.find("KT-0004") == job  # under way
    _end(driver, job)
    assert driver.find("KT-0004") == job  # finished
    assert driver.find("KT-9999") is None


def test_nothing_of_a_page_is_left_on_disk(switched_on: VirtualA4Printer, driver: A4Printer) -> None:
    _end(driver, driver.submit(PDF, "KT-0005"))
    files = [path for path in switched_on.folder.rglob("*") if path.is_file()]
    assert files
    assert not any(b"an invented page" in path.read_bytes() for path in files)


# ── paper, jam, cover, toner ─────────────────────────────────────────────────


def test_without_paper_a_job_waits_and_completes_after_the_refill(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    printer.act("paper_out")
    state = driver.status()
    assert (state.availability, state.faults) == (Availability.FAULT, ("a4_paper_out",))
    assert not state.ready
    job = driver.submit(PDF, "KT-0010")
    time.sleep(0.5)
    assert not driver.job(job).ended
    assert printer.paper() == []
    printer.act("refill")
    assert _end(driver, job).state == "completed"
    assert driver.status().ready


def test_paper_that_ends_under_way_holds_the_page(printer: VirtualA4Printer, driver: A4Printer) -> None:
    printer.act("open_cover")  # holds it, so that the paper ends while it prints
    job = driver.submit(PDF, "KT-0011")
    until(lambda: printer.state()["printing"] == "KT-0011")
    printer.act("paper_out")
    printer.act("close_cover")
    until(lambda: driver.status().faults == ("a4_paper_out",))
    assert not driver.job(job).ended
    printer.act("refill")
    assert _end(driver, job).state == "completed"


def test_a_jam_under_way_is_told_and_the_page_is_printed_when_it_is_cleared(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    printer.act("jam_next")
    job = driver.submit(PDF, "KT-0012")
    until(lambda: "a4_jam" in driver.status().faults)
    state = driver.status()
    assert (state.availability, state.media) == (Availability.FAULT, Media.JAMMED)
    assert not driver.job(job).ended
    printer.act("clear_jam")
    assert _end(driver, job).state == "completed"
    assert len(printer.paper()) == 1


@pytest.mark.parametrize(
    ("hand", "fault", "supply", "level", "ready"),
    [
        ("open_cover", "a4_cover_open", "paper", Supply.FULL, False),
        ("toner_out", "a4_toner_out", "toner", Supply.OUT, False),
        ("toner_low", "a4_toner_low", "toner", Supply.LOW, True),
        ("paper_low", "a4_paper_low", "paper", Supply.LOW, True),
    ],
)
def test_what_an_idle_printer_says_of_itself(
    printer: VirtualA4Printer,
    driver: A4Printer,
    hand: str,
    fault: str,
    supply: str,
    level: Supply,
    ready: bool,
) -> None:
    printer.act(hand)
    state = driver.status()
    assert state.faults == (fault,)
    assert state.supplies[supply] is level
    assert (state.availability is Availability.ONLINE) == ready


def test_several_troubles_at_once_are_all_told_worst_first(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    for hand in ("paper_out", "open_cover", "toner_low"):
        printer.act(hand)
    assert driver.status().faults == ("a4_cover_open", "a4_paper_out", "a4_toner_low")


# ── jobs that do not come out ────────────────────────────────────────────────


def test_a_job_that_the_printer_aborts_leaves_no_paper(printer: VirtualA4Printer, driver: A4Printer) -> None:
    printer.act("abort_next")
    assert _end(driver, driver.submit(PDF, "KT-0020")).state == "aborted"
    assert printer.paper() == []


@pytest.mark.parametrize("trouble", ["open_cover", "paper_out"])
def test_a_cancelled_job_does_not_come_out_later(
    printer: VirtualA4Printer, driver: A4Printer, trouble: str
) -> None:
    printer.act(trouble)
    job = driver.submit(PDF, "KT-0021")
    driver.cancel(job)
    assert _end(driver, job).state == "canceled"
    driver.cancel(job)  # once more is no error
    printer.act("close_cover")
    printer.act("refill")
    after = driver.submit(PDF, "KT-0022")
    assert _end(driver, after).state == "completed"
    assert [page.job_name for page in printer.paper()] == ["KT-0022"]


def test_power_lost_under_way_loses_the_job(printer: VirtualA4Printer, driver: A4Printer) -> None:
    printer.act("open_cover")
    job = driver.submit(PDF, "KT-0030")
    until(lambda: printer.state()["printing"] == "KT-0030")
    printer.act("unplug")
    with pytest.raises(DeviceError) as caught:
        driver.job(job)
    assert (caught.value.code, caught.value.lost) == ("device_offline", True)
    printer.act("close_cover")
    printer.act("plug")
    assert driver.find("KT-0030") is None
    assert driver.job(job).state == "unknown"
    assert printer.paper() == []


def test_another_job_with_our_jobs_number_does_not_pass_for_ours(
    printer: VirtualA4Printer, driver: A4Printer
) -> None:
    _switch_off_and_on(printer)
    ours = driver.submit(PDF, "KT-0040")
    _end(driver, ours)
    _switch_off_and_on(printer)  # it counts from the beginning again
    with opened(printer) as other:
        theirs = other.submit(PDF, "KT-0041")
        assert _end(other, theirs).state == "completed"
    assert theirs == ours
    assert driver.job(ours).state == "unknown"


def _switch_off_and_on(printer: VirtualA4Printer) -> None:
    printer.act("unplug")
    printer.act("plug")


def test_a_job_that_never_was_is_unknown(driver: A4Printer) -> None:
    assert driver.job(9999) == JobState("unknown")


# ── the line ─────────────────────────────────────────────────────────────────


def test_nobody_at_the_address_is_absent() -> None:
    with pytest.raises(DeviceError, match="device_absent"):
        A4Printer(port=f"ipp://127.0.0.1:{choose_ports(0).a4}/ipp/print", timeout=1).open()


def test_a_printer_that_accepts_and_never_answers_costs_its_timeout_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        driver = A4Printer(port=f"ipp://127.0.0.1:{deaf.getsockname()[1]}/ipp/print", timeout=0.3)
        with pytest.raises(DeviceError, match="device_absent"):
            driver.open()


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_an_answer_that_drips_ends_with_the_question(begins: bytes) -> None:
    """Head or body: a byte every few milliseconds, each within any time-out of its own."""
    gone, given_up = threading.Event(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as slow:

        def drip() -> None:
            line, _ = slow.accept()
            with line, suppress(OSError):
                line.sendall(begins)
                while not given_up.wait(0.02):
                    line.sendall(b"H" if begins else b"x")
                gone.set()

        thread = threading.Thread(target=drip)
        thread.start()
        driver = A4Printer(port=f"ipp://127.0.0.1:{slow.getsockname()[1]}/ipp/print", timeout=0.4)
        with pytest.raises(DeviceError, match="device_absent"):
            driver.open()
        assert not gone.is_set()
        given_up.set()
        thread.join()


def test_an_answer_that_is_no_ipp_is_garbled() -> None:
    with socket.create_server(("127.0.0.1", 0)) as strange:

        def answer() -> None:
            line, _ = strange.accept()
            with line:
                line.recv(65536)
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
                while line.recv(
                    65536
                ):  # who hangs up on unread bytes resets the line, and our answer with it
                    pass

        thread = threading.Thread(target=answer)
        thread.start()
        driver = A4Printer(port=f"ipp://127.0.0.1:{strange.getsockname()[1]}/ipp/print", timeout=30)
        with pytest.raises(DeviceError, match="device_garbled"):
            driver.open()
        thread.join()


def test_a_strange_address_is_misconfigured() -> None:
    for strange in ("", "127.0.0.1:631", "http://127.0.0.1/", "lp0"):
        with pytest.raises(DeviceError, match="device_misconfigured"):
            A4Printer(port=strange)


def test_an_encrypted_line_is_for_the_printer_whose_certificate_is_known(printer: VirtualA4Printer) -> None:
    certificate = ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", printer.port)))
    port = address(printer).replace("ipp:", "ipps:")
    driver = A4Printer(port=port, fingerprint=hashlib.sha256(certificate).hexdigest(), timeout=30)
    driver.open()
    job = driver.submit(PDF, "KT-0060")
    assert _end(driver, job).state == "completed"
    driver.close()
    with pytest.raises(DeviceError, match="device_absent"):
        A4Printer(port=port, fingerprint="0" * 64, timeout=30).open()


def test_a_proxy_of_the_environment_is_not_asked(
    printer: VirtualA4Printer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with opened(printer) as driver:
        assert driver.status().ready


# ── the child ────────────────────────────────────────────────────────────────


def test_a_printer_that_is_stopped_leaves_no_process_thread_or_spool(tmp_path: Path) -> None:
    children, threads = set(psutil.Process().children(recursive=True)), set(threading.enumerate())
    virtual = VirtualA4Printer(choose_ports(0).a4, tmp_path, page_seconds=5)
    virtual.start()
    with opened(virtual) as driver:
        driver.submit(PDF, "KT-0050")
        until(lambda: virtual.state()["printing"] == "KT-0050")
    virtual.stop()
    virtual.stop()
    assert {child for child in psutil.Process().children(recursive=True) if child.is_running()} <= children
    assert set(threading.enumerate()) <= threads
    assert not (tmp_path / "spool").exists()


def test_a_missing_program_names_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from drivers.virtual import a4_process

    monkeypatch.setattr(a4_process, "_PROGRAMS", {"no-such-printer": "cups-ipp-utils"})
    with pytest.raises(OSError, match=r"no-such-printer is not installed: apt-get .* cups-ipp-utils"):
        VirtualA4Printer(choose_ports(0).a4, tmp_path).start()
