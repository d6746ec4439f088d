"""Certificates at printers on the wire: each job stays with its printer, none is left to come out later."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.a4_job import JobState
from drivers.device import Device, DeviceError
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.printing import print_job
from kiosk.printing.print_job import Printed
from kiosk.printing.printing import print_certificate
from kiosk.printing.unfinished import FIRST_PAUSE, LAST_PAUSE, CallBack, resolve
from mqtt.topics import TerminalPath

PDF = b"%PDF-1.4\n% an invented page\n"
PATH = TerminalPath("330100", "demo", "K001")


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[VirtualA4Printer, VirtualA4Printer]]:
    """A left and a right printer of the same make."""
    left, right = (
        VirtualA4Printer(choose_ports(0).a4, tmp_path_factory.mktemp(side), page_seconds=1.0)
        for side in ("left", "right")
    )
    left.start()
    right.start()
    yield left, right
    left.stop()
    right.stop()


@pytest.fixture
def printers(
    two: tuple[VirtualA4Printer, VirtualA4Printer],
) -> Iterator[tuple[VirtualA4Printer, VirtualA4Printer]]:
    yield two
    for printer in two:
        while printer.state()["printing"]:  # else its page would lie in the next test's tray
            time.sleep(0.02)
        state = printer.state()
        for hand, is_needed in (
            ("plug", not state["plugged"]),
            ("close_cover", state["cover_open"]),
            ("refill", state["paper"] != "full"),
            ("take", True),
        ):
            if is_needed:
                printer.act(hand)


@asynccontextmanager
async def core(
    folder: Path,
    devices: dict[str, DeviceSettings],
    make: Callable[[DeviceSettings], Device] = registry.make,
) -> AsyncIterator[tuple[Devices, Ledger]]:
    """Supervisor and ledger as the terminal has them, with all devices open."""
    store = await asyncio.to_thread(Store, folder)
    supervisor = Devices(devices, make)
    supervisor.start()
    try:
        await until(lambda: all(state.ready for _, state in supervisor.states().values()))
        yield supervisor, Ledger(store, Vault(folder), PATH)
    finally:
        await supervisor.close()
        await asyncio.to_thread(store.close)


def a4(printer: VirtualA4Printer) -> DeviceSettings:
    return DeviceSettings(
        kind=Kind.A4_PRINTER,
        driver="a4_printer_ipp",
        port=f"ipp://127.0.0.1:{printer.port}/ipp/print",
        poll_seconds=0.2,
        options={"timeout": 10.0},
    )


async def until(what: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not what():  # noqa: ASYNC110 (other threads and processes bring it about)
            await asyncio.sleep(0.02)


def _names(printer: VirtualA4Printer) -> list[str]:
    return [page.job_name for page in printer.paper()]


def test_a_job_is_followed_at_the_printer_that_took_it_when_another_is_the_ready_one(
    printers: tuple[VirtualA4Printer, VirtualA4Printer], tmp_path: Path
) -> None:
    left, right = printers

    async def play() -> None:
        async with core(tmp_path, {"left": a4(left), "right": a4(right)}) as (devices, ledger):
            printing = asyncio.create_task(print_certificate(devices, ledger, "s1", "SB01", "N-1", PDF))
            await until(lambda: left.state()["printing"] is not None)
            left.act("open_cover")
            await until(lambda: devices.pick(Kind.A4_PRINTER) == "right")
            other = await print_certificate(devices, ledger, "s2", "SB01", "N-2", PDF)
            assert other == Printed("confirmed")
            assert not printing.done(), "the other printer's job was taken for ours"
            left.act("close_cover")
            assert await printing == Printed("confirmed")

    asyncio.run(play())
    assert len(_names(left)) == len(_names(right)) == 1
    assert _names(left) != _names(right)


def test_after_a_crash_the_job_is_asked_for_at_the_printer_that_took_it(
    printers: tuple[VirtualA4Printer, VirtualA4Printer], tmp_path: Path
) -> None:
    left, right = printers

    async def play() -> None:
        async with core(tmp_path, {"left": a4(left), "right": a4(right)}) as (devices, ledger):
            record = await ledger.intend(
                "print", "N-3/1", "s1", "SB01", document="certificate", device="right"
            )
            await ledger.sent(record)
            await devices.call(Kind.A4_PRINTER, "submit", PDF, record.id, device="right")
            [found] = ledger.open_records()
            assert found.device == "right"
            assert await resolve(devices, ledger, found)
            assert ledger.open_records() == []

    asyncio.run(play())
    assert (len(_names(left)), len(_names(right))) == (0, 1)


def test_a_job_lost_with_the_printers_power_is_unknown_at_once_and_nobody_waits_in_vain(
    printers: tuple[VirtualA4Printer, VirtualA4Printer], tmp_path: Path
) -> None:
    left, _ = printers

    async def play() -> Printed:
        async with core(tmp_path, {"left": a4(left)}) as (devices, ledger):
            printing = asyncio.create_task(print_certificate(devices, ledger, "s1", "SB01", "N-4", PDF))
            await until(lambda: left.state()["printing"] is not None)
            await asyncio.to_thread(left.act, "unplug")
            await asyncio.to_thread(left.act, "plug")
            async with asyncio.timeout(60):
                return await printing

    assert asyncio.run(play()).state == "unknown"


@dataclass
class CountsAnew:
    """A printer that is switched off in the middle: then another's job has our number, and comes out."""

    name: str = ""

    def open(self) -> None: ...
    def close(self) -> None: ...

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def submit(self, pdf: bytes, job_name: str, layout: object) -> int:
        self.name = job_name
        return 1

    def job(self, job: int) -> JobState:
        if self.name:
            self.name = ""
            raise DeviceError("device_offline", lost=True)
        return JobState("completed")

    def find(self, job_name: str) -> int | None:
        return 1 if job_name == self.name else None


def test_anothers_job_under_our_number_is_not_taken_for_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(print_job, "SILENT_SECONDS", 0.01)
    one = DeviceSettings(kind=Kind.A4_PRINTER, driver="of the test")

    async def play() -> Printed:
        async with core(tmp_path, {"it": one}, lambda _: CountsAnew()) as (devices, ledger):
            return await print_certificate(devices, ledger, "s1", "SB01", "N-7", PDF)

    assert asyncio.run(play()).state == "unknown"


def test_an_unknown_job_is_called_back_while_the_printer_still_has_no_paper(
    printers: tuple[VirtualA4Printer, VirtualA4Printer], tmp_path: Path
) -> None:
    left, _ = printers

    async def play() -> None:
        async with core(tmp_path, {"left": a4(left)}) as (devices, ledger):
            record = await unknown(ledger, "left")
            left.act("paper_out")
            await devices.call(Kind.A4_PRINTER, "submit", PDF, record.id)
            await until(lambda: not devices.ready(Kind.A4_PRINTER))
            await CallBack(devices, ledger).ask(record)
            assert ledger.open_records() == []
            await asyncio.to_thread(left.act, "refill")
            await until(lambda: devices.ready(Kind.A4_PRINTER))
            after = await print_certificate(devices, ledger, "s2", "SB01", "N-6", PDF)
            assert after == Printed("confirmed")

    asyncio.run(play())
    assert len(_names(left)) == 1, "the former citizen's page came out"


async def unknown(ledger: Ledger, device: str) -> OpenRecord:
    """A print that nobody knows the end of."""
    record = await ledger.intend("print", "N-5/1", "s1", "SB01", document="certificate", device=device)
    await ledger.sent(record)
    await ledger.advance(record, "unknown", None)
    return record


@dataclass
class Forgetful:
    """A printer that counts how often it is asked; `knows` is what it says of any job, None: nothing."""

    knows: JobState | None
    answers: bool = True
    finds: list[str] = field(default_factory=list)

    def open(self) -> None: ...
    def close(self) -> None: ...
    def cancel(self, job: int) -> None: ...

    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE)

    def find(self, name: str) -> int | None:
        self.finds.append(name)
        if not self.answers:
            raise DeviceError("device_timeout")
        return None if self.knows is None else 1

    def job(self, job: int) -> JobState:
        assert self.knows is not None
        return self.knows


def _asked(folder: Path, printer: Forgetful, seconds: float) -> list[float]:
    """When it was asked, if the terminal looks after open records every 5 s for so long."""
    asked: list[float] = []
    now = 0.0

    async def play() -> None:
        nonlocal now
        one = DeviceSettings(kind=Kind.A4_PRINTER, driver="of the test")
        async with core(folder, {"it": one}, lambda _: printer) as (devices, ledger):
            record = await unknown(ledger, "it")
            call_back = CallBack(devices, ledger, clock=lambda: now)
            while now < seconds:
                before = len(printer.finds)
                await call_back.ask(record)
                asked.extend([now] * (len(printer.finds) - before))
                now += 5.0

    asyncio.run(play())
    return asked


def test_a_job_that_the_printer_does_not_know_is_left_to_staff(tmp_path: Path) -> None:
    assert _asked(tmp_path / "none", Forgetful(None), 3600) == [0.0, 5.0, 15.0]
    assert _asked(tmp_path / "unknown", Forgetful(JobState("unknown")), 3600) == [0.0, 5.0, 15.0]


def test_a_printer_that_does_not_answer_is_asked_ever_more_rarely_and_never_given_up(tmp_path: Path) -> None:
    asked = _asked(tmp_path, Forgetful(None, answers=False), 3600)
    pauses = [after - before for before, after in pairwise(asked)]
    assert pauses[0] == FIRST_PAUSE
    assert pauses == sorted(pauses)
    assert pauses[-1] == LAST_PAUSE
    assert len(asked) < 20
