"""The identity card reader on each of its wires: serial, TCP, USB with one pair of end points and with two.

The same things happen on all of them, and must end the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from config.devices import Media
from config.people import person
from drivers.device import DeviceError
from drivers.virtual.id_card_reader import DAMAGES, VirtualIdCardReader, card_of
from tests.drivers.card_benches import (
    LATE,
    PATIENT,
    READER,
    TIMEOUT,
    Wired,
    failing,
    on_serial,
    on_tcp,
    on_usb,
)
from tests.drivers.card_samples import CARDS
from tests.peers.usb_peer import Remote, UsbBus, usb_bus

WIRES = ("serial", "tcp", "usb", "usb split")
VERBS = {
    "status": (),
    "sam_id": (),
    "find_card": (30.0,),
    "read_card": (30.0,),
    "wait_removed": (30.0,),
    "reset": (),
}


@pytest.fixture(scope="module")
def bus() -> Iterator[UsbBus]:
    with usb_bus() as one:
        yield one


@pytest.fixture(scope="module")
def remote(bus: UsbBus) -> Iterator[Remote]:
    with bus.process() as process:
        yield process


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualIdCardReader]:
    reader = VirtualIdCardReader(tmp_path / "reader", wire_time=False, late_seconds=LATE)
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture(params=WIRES)
def reader(
    request: pytest.FixtureRequest, bench: VirtualIdCardReader, bus: UsbBus, remote: Remote
) -> Iterator[Wired]:
    with _on(request.param, bench, bus, remote, PATIENT) as wired:
        yield wired


@pytest.fixture(params=WIRES)
def hasty(
    request: pytest.FixtureRequest, bench: VirtualIdCardReader, bus: UsbBus, remote: Remote
) -> Iterator[Wired]:
    """A reader that soon gives up an answer which does not come."""
    with _on(request.param, bench, bus, remote, TIMEOUT) as wired:
        yield wired


def _on(
    wire: str, bench: VirtualIdCardReader, bus: UsbBus, remote: Remote, timeout: float
) -> AbstractContextManager[Wired]:
    if wire == "serial":
        return on_serial(bench, timeout)
    if wire == "tcp":
        return on_tcp(bench, timeout)
    return on_usb(bench, bus, remote, split=wire == "usb split", timeout=timeout)


def test_a_card_is_laid_down_read_and_taken(bench: VirtualIdCardReader, reader: Wired) -> None:
    assert reader.call("sam_id") == "05.01-20260101-0000000001-0000000002"
    assert not reader.call("find_card", 0.02)
    bench.act("put", person="chen", newest_address="示例市新示范区桐庐路7号")
    assert reader.call("find_card", 30.0)
    assert reader.call("read_card", 30.0) == card_of(person("chen"))
    assert reader.call("newest_address") == "示例市新示范区桐庐路7号"
    assert reader.call("status").media is Media.PRESENT
    bench.act("take")
    assert reader.call("wait_removed", 30.0)
    assert reader.call("counts") == {"cards": 1}


@pytest.mark.parametrize("kind", CARDS)
def test_a_card_of_each_kind_arrives_whole(bench: VirtualIdCardReader, reader: Wired, kind: str) -> None:
    bench.lay(CARDS[kind])
    assert reader.call("read_card", 30.0) == CARDS[kind]


def test_a_fingerprint_comes_where_it_is_asked_for(bench: VirtualIdCardReader, reader: Wired) -> None:
    bench.act("put", person="li")
    card = reader.call("read_card", 30.0, fingerprint=True)
    assert (card.name, len(card.fingerprint)) == ("李若澜", 1024)


@pytest.mark.parametrize("how", [how for how in DAMAGES if how != "checksum"])
def test_after_a_reading_without_an_end_the_card_laid_down_again_is_read(
    bench: VirtualIdCardReader, hasty: Wired, how: str
) -> None:
    assert _damaged(bench, hasty, how) == "device_timeout"
    _next_is_read(bench, hasty)


def test_after_a_spoilt_reading_the_card_laid_down_again_is_read(
    bench: VirtualIdCardReader, reader: Wired
) -> None:
    assert _damaged(bench, reader, "checksum") == "device_garbled"
    _next_is_read(bench, reader)


def _damaged(bench: VirtualIdCardReader, reader: Wired, how: str) -> str:
    """The code of the error that such a reading is."""
    bench.act("put", person="zhang")
    bench.act("damage_next", how=how)
    error = failing(lambda: reader.call("read_card", 30.0))
    assert not error.lost
    return error.code


def _next_is_read(bench: VirtualIdCardReader, reader: Wired) -> None:
    bench.act("take")
    bench.act("put", person="li")
    _until_clean(reader)
    assert reader.call("read_card", 30.0) == card_of(person("li"))


def test_a_late_answer_is_not_taken_even_without_a_reset(bench: VirtualIdCardReader, hasty: Wired) -> None:
    assert _damaged(bench, hasty, "late") == "device_timeout"
    bench.act("take")  # he gives up and goes; his data is still on its way
    time.sleep(LATE)
    assert failing(lambda: hasty.call("read_card", 0.05)).code == "id_no_card"
    bench.act("put", person="li")
    assert hasty.call("read_card", 30.0).name == "李若澜"


@pytest.mark.parametrize("verb", VERBS)
def test_a_pulled_cable_is_told_by_every_verb_and_opening_again_heals(
    bench: VirtualIdCardReader, reader: Wired, verb: str
) -> None:
    bench.act("put", person="zhang")
    if verb == "wait_removed":
        reader.call("read_card", 30.0)
    reader.unplug()
    error = failing(lambda: reader.call(verb, *VERBS[verb]))
    assert (error.code, error.lost) == ("device_offline", True)
    reader.call("close")
    reader.plug()
    reader.call("open")
    assert reader.call("status").ready
    bench.act("take")
    bench.act("put", person="li")
    assert reader.call("read_card", 30.0).name == "李若澜"


@pytest.mark.parametrize("split", [False, True])
@pytest.mark.parametrize("count", [0, 3, 7, 8, 60, 100, 700])
def test_a_usb_plug_that_comes_out_in_the_middle_of_an_answer(
    bench: VirtualIdCardReader, bus: UsbBus, remote: Remote, count: int, split: bool
) -> None:
    with on_usb(bench, bus, remote, split=split) as reader:
        reader.call("status")
        bench.act("put", person="zhang")
        bus.cut_after("reader", count)
        error = failing(lambda: reader.call("read_card", 30.0))
        assert (error.code, error.lost) == ("device_offline", True)
        assert failing(lambda: reader.call("open")).code == "device_absent"
        reader.plug()
        reader.call("open")
        bench.act("take")
        bench.act("put", person="li")
        assert reader.call("read_card", 30.0).name == "李若澜"


@pytest.mark.parametrize("split", [False, True])
def test_a_usb_reader_that_takes_no_bytes_costs_one_time_out(
    bench: VirtualIdCardReader, bus: UsbBus, remote: Remote, split: bool
) -> None:
    with on_usb(bench, bus, remote, split=split, timeout=TIMEOUT) as reader:
        bus.silence("reader")
        assert failing(lambda: reader.call("status")).code == "device_timeout"
        bus.silence("reader", False)
        _until_clean(reader)
        assert reader.call("status").ready


def test_a_serial_reader_is_followed_to_another_tty(
    bench: VirtualIdCardReader, bus: UsbBus, remote: Remote
) -> None:
    """A USB adapter that was ttyUSB0 comes back as ttyUSB1; the settings name the adapter."""
    bus.serial_adapter("ttyUSB0", "1a86", "7523", number="A1", far=str(bench.state()["link"]))
    remote.make(READER, port="serial:1A86:7523:A1", timeout=PATIENT)
    remote.call("open")
    assert remote.call("status").ready
    bus.unplug_serial_adapter("ttyUSB0")
    bench.act("unplug")
    assert failing(lambda: remote.call("status")).lost
    assert failing(lambda: remote.call("open")).code == "device_absent"
    bench.act("plug")
    bus.serial_adapter("ttyUSB1", "1a86", "7523", number="A1", socket="1-5", far=str(bench.state()["link"]))
    remote.call("open")
    bench.act("put", person="li")
    assert remote.call("read_card", 30.0).name == "李若澜"
    remote.call("close")
    bus.unplug_all()


def _until_clean(reader: Wired) -> None:
    """As the supervisor does: no verb before a reset has succeeded."""
    for _ in range(10):
        try:
            reader.call("reset")
            return
        except DeviceError as error:
            assert error.code in ("device_timeout", "device_garbled")
    raise AssertionError("the reader never came back")
