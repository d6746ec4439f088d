"""The supervisor over many devices: picking one, drivers that hang, cables that turn up elsewhere."""

from __future__ import annotations

import asyncio
import io
import threading
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest
from PIL import Image

from config.devices import Availability, DeviceState, Kind
from config.faults import any_fault, fault
from config.settings import DeviceSettings
from drivers.device import Device, DeviceError
from drivers.raster import RasterImage
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from kiosk.availability import why_not
from kiosk.devices.device_worker import Pace
from kiosk.devices.devices import Devices
from kiosk.trouble import trouble
from tests.drivers.receipts import hanging
from tests.kiosk import small_visit

READER = Kind.ID_CARD_READER
IMPATIENT = Pace(stuck=0.5, call=0.5, missed_poll=0.05, first_back_off=0.05, last_back_off=0.1)


class Vendor:
    """A driver around a vendor's library that may hang; `state` is what it says."""

    def __init__(self, state: DeviceState | None = None) -> None:
        self.state = state or DeviceState(Availability.ONLINE)
        self.go_on, self.calls, self.opened, self.closed = threading.Event(), 0, 0, 0
        self.go_on.set()
        self.heard: list[str] = []

    def open(self) -> None:
        self.opened += 1

    def close(self) -> None:
        self.closed += 1

    def status(self) -> DeviceState:
        return self.state

    def read(self) -> str:
        self.calls += 1
        self.go_on.wait(100)
        return "read"


class Keyboard(Vendor):
    """A scanner that is a keyboard."""

    def take(self, text: str) -> None:
        self.heard.append(text)


def play(
    settings: Mapping[str, DeviceSettings],
    make: Callable[[DeviceSettings], Device] | None,
    what: Callable[[Devices], Awaitable[None]],
    pace: Pace = IMPATIENT,
) -> None:
    async def run() -> None:
        devices = Devices(settings, make, pace=pace) if make else Devices(settings, pace=pace)
        devices.start()
        try:
            await what(devices)
        finally:
            await devices.close()

    asyncio.run(run())


async def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


def device(kind: Kind = READER, port: str = "") -> DeviceSettings:
    return DeviceSettings(kind=kind, driver="of the test", port=port, poll_seconds=0.05)


def test_of_two_the_ready_one_is_picked_and_a_named_one_is_that_very_one() -> None:
    out = DeviceState(Availability.FAULT, faults=("a4_jam",))
    drivers = {"left": Vendor(out), "right": Vendor()}
    two = {name: device(Kind.A4_PRINTER, name) for name in drivers}

    assert Devices(two).pick(Kind.A4_PRINTER) == "left", "none is ready yet: the first"

    async def hour(devices: Devices) -> None:
        assert devices.pick(Kind.LOCKER) == ""
        await until(lambda: devices.ready(Kind.A4_PRINTER))
        assert (devices.pick(Kind.A4_PRINTER), devices.fault(Kind.A4_PRINTER)) == ("right", "")
        await devices.call(Kind.A4_PRINTER, "read")
        assert (drivers["left"].calls, drivers["right"].calls) == (0, 1)
        await devices.call(Kind.A4_PRINTER, "read", device="left")
        assert drivers["left"].calls == 1
        for kind, name in ((Kind.A4_PRINTER, "middle"), (Kind.LOCKER, "left")):
            with pytest.raises(DeviceError, match="device_absent"):
                await devices.call(kind, "read", device=name)

    play(two, lambda settings: drivers[settings.port], hour)


def test_what_was_typed_goes_to_the_device_that_takes_it() -> None:
    drivers = {"wired": Vendor(), "keyboard": Keyboard()}
    two = {name: device(Kind.CODE_SCANNER, name) for name in drivers}

    async def hour(devices: Devices) -> None:
        await until(lambda: all(driver.opened for driver in drivers.values()))
        assert devices.feed(Kind.CODE_SCANNER, "6901234567892")
        assert drivers["keyboard"].heard == ["6901234567892"]
        assert not devices.feed(Kind.LOCKER, "nobody")

    play(two, lambda settings: drivers[settings.port], hour)


def test_a_verb_that_the_driver_lacks_is_told_and_costs_the_device_nothing() -> None:
    driver = Vendor()

    async def hour(devices: Devices) -> None:
        with pytest.raises(DeviceError, match="no verb fly"):
            await devices.call(READER, "fly")
        assert await devices.call(READER, "read") == "read"

    play({"reader": device()}, lambda settings: driver, hour)
    assert (driver.opened, driver.closed) == (1, 1)


def test_a_driver_that_hangs_is_told_refused_and_used_again_when_it_comes_back() -> None:
    driver = Vendor()

    async def hour(devices: Devices) -> None:
        await until(lambda: devices.ready(READER))
        driver.go_on.clear()
        hanging = asyncio.ensure_future(devices.call(READER, "read", seconds=0.1))
        waiting = asyncio.ensure_future(devices.call(READER, "read", seconds=30.0))
        with pytest.raises(DeviceError, match="device_timeout"):
            await hanging
        with pytest.raises(DeviceError, match="device_stuck"):
            await waiting
        assert devices.fault(READER) == "device_stuck"
        with pytest.raises(DeviceError, match="device_stuck"):
            await devices.call(READER, "read")
        assert (driver.calls, driver.opened) == (1, 1), "nobody else touches what hangs"
        driver.go_on.set()
        await until(lambda: devices.ready(READER))
        assert await devices.call(READER, "read") == "read"
        assert driver.opened == 2, "it is opened anew, since nobody knows what it has been doing"

    play({"reader": device()}, lambda settings: driver, hour)


def test_a_terminal_closes_though_a_driver_hangs() -> None:
    driver = Vendor()

    async def hour(devices: Devices) -> None:
        await until(lambda: devices.ready(READER))
        driver.go_on.clear()
        with pytest.raises(DeviceError):
            await devices.call(READER, "read", seconds=0.05)
        await until(lambda: devices.fault(READER) == "device_stuck")

    before = time.monotonic()
    play({"reader": device()}, lambda settings: driver, hour)
    assert time.monotonic() - before < 60, "it waited for what will never come"
    driver.go_on.set()


def test_a_reader_that_turns_up_under_another_name_is_found_there(tmp_path: Path) -> None:
    """`/dev/serial/by-id/…` is a symbolic link; after a replug it leads to another tty."""
    link, first, second = (tmp_path / name for name in ("by-id", "tty0", "tty1"))
    one, other = VirtualIdCardReader(first), VirtualIdCardReader(second)
    one.start()
    link.symlink_to(first)
    settings = DeviceSettings(
        kind=READER,
        driver="id_card_reader_serial",
        port=str(link),
        poll_seconds=0.1,
        options={"timeout": 5.0},
    )

    async def hour(devices: Devices) -> None:
        await until(lambda: devices.ready(READER))
        one.stop()
        await until(lambda: not devices.ready(READER))
        link.unlink()
        other.start()
        link.symlink_to(second)
        await until(lambda: devices.ready(READER))
        other.act("put", person="zhang")
        assert await devices.call(READER, "find_card", 2.0)

    try:
        play({"reader": settings}, None, hour)
    finally:
        other.stop()


def test_a_reading_given_up_never_reaches_the_next_person(tmp_path: Path) -> None:
    """A real driver and reader: the first citizen's card is on the wire when he goes away."""
    reader = VirtualIdCardReader(tmp_path / "reader", baud=19200)  # a card takes 0.7 s
    reader.start()
    settings = DeviceSettings(kind=READER, driver="id_card_reader_serial", port=str(tmp_path / "reader"))

    async def hour(devices: Devices) -> None:
        await until(lambda: devices.ready(READER))
        reader.act("put", person="zhang")
        for pause in (0.02, 0.15, 0.4):
            reading = asyncio.ensure_future(devices.call(READER, "read_card", 2.0))
            await asyncio.sleep(pause)
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
        reader.act("take")
        reader.act("put", person="li")
        card = await devices.call(READER, "read_card", 30.0)
        assert card.number == small_visit.card("li").number

    try:
        play({"reader": settings}, None, hour, Pace())
    finally:
        reader.stop()


def test_a_receipt_given_up_does_not_come_out_before_the_next_person() -> None:
    """A real driver and printer: the cover opens under a receipt, its owner goes, the next one prints."""
    printer = VirtualReceiptPrinter()
    printer.start()
    kind = Kind.RECEIPT_PRINTER
    settings = DeviceSettings(kind=kind, driver="receipt_printer_tcp", port=f"127.0.0.1:{printer.port}")
    first = RasterImage(576, 4000, b"\xff" * (72 * 4000))  # takes 2 s
    second = RasterImage(576, 64, b"\x0f" * (72 * 64))

    async def hour(devices: Devices) -> None:
        await until(lambda: devices.ready(kind))
        printing = asyncio.ensure_future(devices.call(kind, "print_image", first, b"AAAA", 30.0))
        await until(lambda: hanging(printer) > 50)
        printer.act("open_cover")
        printing.cancel()
        await asyncio.gather(printing, return_exceptions=True)
        printer.act("close_cover")
        outcome = await devices.call(kind, "print_image", second, b"BBBB", 30.0, seconds=60.0)
        assert outcome.finished

    try:
        play({"receipt": settings}, None, hour, Pace())
        paper = printer.paper()
        heights = [Image.open(io.BytesIO(one.png)).height for one in paper]
        assert len(paper) == 2, "the given-up receipt is cut off, the next one stands alone"
        assert heights[0] < 4000
        assert heights[1] < 200
    finally:
        printer.stop()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("code", ["", "device_absent", "device_timeout", "vendor_overheated"])
def test_a_service_that_needs_what_is_not_ready_is_greyed_with_the_reason(kind: Kind, code: str) -> None:
    needy = small_visit.service("ZH03").model_copy(update={"needs": (kind,), "hours": "00:00-24:00"})
    settings = {"one": device(kind)} if code else {}
    devices = Devices(settings, lambda one: Vendor())
    for worker in devices._workers.values():
        worker.state = DeviceState(Availability.FAULT, faults=(code,))
    said = why_not(needy, devices, datetime(2026, 11, 22, 3, 0))
    assert said == any_fault(code or "device_absent").citizen
    for worker in devices._workers.values():
        worker.state = DeviceState(Availability.ONLINE)
        assert why_not(needy, devices, datetime(2026, 11, 22, 3, 0)) is None


def test_a_code_of_an_outside_driver_reads_as_a_general_one_and_is_kept_for_the_technician(
    tmp_path: Path,
) -> None:
    strange = any_fault("vendor_overheated")
    assert strange.code == "vendor_overheated"
    assert strange.citizen == fault("device_other").citizen
    assert all("vendor_overheated" in text for text in (strange.technician.zh, strange.technician.en))
    assert trouble("vendor_overheated", small_visit.settings(tmp_path), "home").what == strange.citizen
