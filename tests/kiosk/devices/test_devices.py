"""The supervisor: what the rest of the terminal sees of a device that comes, goes and hangs."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from kiosk.devices.devices import Devices

READER = {
    "reader": DeviceSettings(kind=Kind.ID_CARD_READER, driver="of the test", poll_seconds=0.02),
}


class Reader:
    """A device whose cable and pace the test holds."""

    def __init__(self) -> None:
        self.plugged, self.missing = True, 0  # so many polls that it will not answer
        self.opened = self.resets = self.polls = 0
        self.answer, self.go_on = "first person", threading.Event()
        self.reading = threading.Event()
        self.go_on.set()
        self.threads: set[str] = set()

    def open(self) -> None:
        self.threads.add(threading.current_thread().name)
        if not self.plugged:
            raise DeviceError("device_absent", "not there")
        self.opened += 1

    def close(self) -> None:
        self.threads.add(threading.current_thread().name)

    def status(self) -> DeviceState:
        self.threads.add(threading.current_thread().name)
        self.polls += 1
        if not self.plugged or self.missing:
            self.missing = max(0, self.missing - 1)
            raise DeviceError("device_offline", lost=not self.plugged)
        return DeviceState(Availability.ONLINE)

    def read(self) -> str:
        said = self.answer
        self.reading.set()
        self.go_on.wait(100)
        return said

    def stumble(self) -> None:
        raise ZeroDivisionError

    def reset(self) -> None:
        self.resets += 1


def with_reader(reader: Reader, play: Callable[[Devices], Awaitable[None]]) -> None:
    async def run() -> None:
        devices = Devices(READER, lambda settings: reader)
        devices.start()
        try:
            await play(devices)
        finally:
            await devices.close()

    asyncio.run(run())


async def until(what: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not what():
        assert time.monotonic() < end, "waited in vain"
        await asyncio.sleep(0.005)


def test_given_a_device_then_it_is_ready_and_one_thread_touches_it() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        assert await devices.call(Kind.ID_CARD_READER, "read") == "first person"

    with_reader(reader, play)
    assert reader.threads == {"device-reader"}


def test_a_kind_that_the_terminal_has_not_is_absent() -> None:
    async def play(devices: Devices) -> None:
        assert devices.fault(Kind.LOCKER) == "device_absent"
        with pytest.raises(DeviceError, match="device_absent"):
            await devices.call(Kind.LOCKER, "open_door")

    with_reader(Reader(), play)


def test_when_the_cable_is_pulled_and_put_back_then_the_device_comes_back_by_itself() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.plugged = False
        await until(lambda: not devices.ready(Kind.ID_CARD_READER))
        assert devices.fault(Kind.ID_CARD_READER) in ("device_offline", "device_absent")
        with pytest.raises(DeviceError):
            await devices.call(Kind.ID_CARD_READER, "read")
        reader.plugged = True
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        assert await devices.call(Kind.ID_CARD_READER, "read") == "first person"

    with_reader(reader, play)
    assert reader.opened >= 2


def test_one_missed_poll_is_not_told() -> None:
    reader = Reader()
    told: list[DeviceState] = []

    async def play(devices: Devices) -> None:
        devices.on_change(lambda name, kind, before, after: told.append(after))
        await until(lambda: told and told[-1].ready)
        told.clear()
        reader.missing, polls = 1, reader.polls
        await until(lambda: reader.polls > polls + 2 and not reader.missing)
        await asyncio.sleep(0.05)  # what there is to tell has been told
        assert told == []
        assert devices.ready(Kind.ID_CARD_READER)

    with_reader(reader, play)


def test_given_a_cancelled_verb_then_its_late_answer_reaches_nobody_and_the_device_is_reset_first() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.go_on.clear()
        first = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "read"))
        await until(reader.reading.is_set)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        second = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "read"))
        reader.answer = "second person"
        reader.go_on.set()
        assert await second == "second person"
        assert first.cancelled()

    with_reader(reader, play)
    assert reader.resets == 1


def test_a_verb_that_never_started_is_not_run_for_nobody() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.go_on.clear()
        running = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "read"))
        waiting = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "stumble"))
        await until(reader.reading.is_set)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        reader.go_on.set()
        assert await running == "first person"
        assert await devices.call(Kind.ID_CARD_READER, "read") == "first person"

    with_reader(reader, play)
    assert reader.resets == 0


def test_a_driver_that_stumbles_costs_its_caller_an_error_and_nobody_else_anything() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        with pytest.raises(DeviceError, match="terminal_internal"):
            await devices.call(Kind.ID_CARD_READER, "stumble")
        assert await devices.call(Kind.ID_CARD_READER, "read") == "first person"

    with_reader(reader, play)
    assert reader.resets == 1


def test_a_mistake_of_ours_costs_the_caller_an_error_at_once_and_the_device_nothing() -> None:
    reader = Reader()

    def counted(name: str, grown: object) -> None:
        raise ZeroDivisionError

    async def run() -> None:
        devices = Devices(READER, lambda settings: reader, counted=counted)
        devices.start()
        try:
            await until(lambda: devices.ready(Kind.ID_CARD_READER))
            with pytest.raises(DeviceError, match="terminal_internal"):
                await devices.call(Kind.ID_CARD_READER, "stumble", seconds=5.0)
            assert await devices.call(Kind.ID_CARD_READER, "read") == "first person"
        finally:
            await devices.close()

    asyncio.run(run())


def test_a_verb_over_its_time_is_told_as_a_time_out() -> None:
    reader = Reader()

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.go_on.clear()
        with pytest.raises(DeviceError, match="device_timeout"):
            await devices.call(Kind.ID_CARD_READER, "read", seconds=0.05)
        reader.go_on.set()

    with_reader(reader, play)


def test_a_terminal_that_closes_answers_whoever_still_waits() -> None:
    reader = Reader()

    async def run() -> None:
        devices = Devices(READER, lambda settings: reader)
        devices.start()
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.go_on.clear()
        running = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "read"))
        waiting = asyncio.ensure_future(devices.call(Kind.ID_CARD_READER, "read"))
        await until(reader.reading.is_set)
        closing = asyncio.ensure_future(devices.close())
        await asyncio.sleep(0.05)
        reader.go_on.set()
        await closing
        assert await running == "first person"
        with pytest.raises(DeviceError, match="device_offline"):
            await waiting

    asyncio.run(run())
    assert not [t for t in threading.enumerate() if t.name == "device-reader"]


def test_a_device_that_still_opens_is_waited_for_and_no_longer_than_said() -> None:
    reader = Reader()
    reader.plugged = False

    async def play(devices: Devices) -> None:
        assert not await devices.becomes_ready(Kind.ID_CARD_READER, 0.2)
        assert not await devices.becomes_ready(Kind.LOCKER, 10.0), "nobody waits for what is not there"
        waiting = asyncio.ensure_future(devices.becomes_ready(Kind.ID_CARD_READER, 60.0))
        await asyncio.sleep(0.05)
        reader.plugged = True
        assert await waiting

    with_reader(reader, play)


def test_an_absent_device_costs_next_to_nothing() -> None:
    reader = Reader()
    reader.plugged = False

    async def play(devices: Devices) -> None:
        await until(lambda: devices.fault(Kind.ID_CARD_READER) == "device_absent")
        (worker,) = [one for one in threading.enumerate() if one.name == "device-reader"]
        assert worker.ident is not None
        its_time = time.pthread_getcpuclockid(worker.ident)
        before = time.clock_gettime(its_time)
        await asyncio.sleep(1.0)
        assert time.clock_gettime(its_time) - before < 0.3, "it spins"

    with_reader(reader, play)


def test_a_driver_that_stumbles_over_its_status_is_gone_and_comes_back() -> None:
    reader = Reader()
    right = reader.status

    def stumble() -> DeviceState:
        raise KeyError("a reply nobody thought of")

    async def play(devices: Devices) -> None:
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        reader.status = stumble  # type: ignore[method-assign]
        await until(lambda: devices.fault(Kind.ID_CARD_READER) == "terminal_internal")
        reader.status = right  # type: ignore[method-assign]
        await until(lambda: devices.ready(Kind.ID_CARD_READER))

    with_reader(reader, play)
