"""USB wires through the real libusb: found by kind, number and socket; cables, silence, stalls; ttys."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from drivers.device import Deadline, DeviceError
from drivers.usb_place import fits, place_of
from tests.peers.usb_peer import CARD_READER, RECEIPT_PRINTER, SPLIT_CARD_READER, Remote, UsbBus, usb_bus

WIRE = "drivers.usb_wire:UsbWire"
PORT = "usb:0400:C35A"


class FarEnd:
    """What the device has behind its plug: a socket whose two ends the test can see."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._line: socket.socket | None = None
        self.port = f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def line(self) -> socket.socket:
        """The newest plug's bytes."""
        if self._line is None:
            self._line, _ = self._listener.accept()
            self._line.settimeout(60)
        return self._line

    def close(self) -> None:
        """Closes both."""
        self._listener.close()
        if self._line is not None:
            self._line.close()


@pytest.fixture(scope="module")
def shared_bus() -> Iterator[UsbBus]:
    with usb_bus() as bus:
        yield bus


@pytest.fixture(scope="module")
def remote(shared_bus: UsbBus) -> Iterator[Remote]:
    with shared_bus.process() as process:
        yield process


@pytest.fixture
def bus(shared_bus: UsbBus) -> Iterator[UsbBus]:
    yield shared_bus
    shared_bus.unplug_all()


@pytest.fixture
def far() -> Iterator[FarEnd]:
    end = FarEnd()
    yield end
    end.close()


def failing(verb: Callable[[], object]) -> DeviceError:
    with pytest.raises(DeviceError) as raised:
        verb()
    return raised.value


def test_bytes_go_out_and_come_in(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    assert remote.call("read", Deadline(0.01)) == b""
    remote.call("write", b"are you there?", Deadline(60))
    assert far.line.recv(64) == b"are you there?"
    far.line.sendall(b"yes")
    assert remote.call("read", Deadline(60)) == b"yes"


@pytest.mark.parametrize("count", [1, 63, 64, 65, 128, 1295, 3000])
def test_an_answer_arrives_whole_however_it_fills_its_packets(
    bus: UsbBus, remote: Remote, far: FarEnd, count: int
) -> None:
    """An answer of full packets alone has no short one to end it: it must not wait for the deadline."""
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    sent, got, deadline = bytes(i % 251 for i in range(count)), b"", Deadline(60)
    far.line.sendall(sent)
    while len(got) < count:
        got += remote.call("read", deadline)
    assert got == sent
    assert deadline.left > 50


def test_much_goes_out_in_one_piece(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    sent = bytes(i % 253 for i in range(50_000))
    remote.call("write", sent, Deadline(60))
    got = b""
    while len(got) < len(sent):
        got += far.line.recv(65536)
    assert got == sent


# ── which device ────────────────────────────────────────────────────────────
def test_nothing_there_is_told(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(RECEIPT_PRINTER, far.port)
    assert failing(lambda: remote.make(WIRE, port=PORT)).code == "device_absent"
    assert failing(lambda: remote.make(WIRE, port="usb@1-1.4")).code == "device_absent"


def test_of_two_alike_the_settings_must_say_which(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    other = FarEnd()
    bus.plug(CARD_READER, far.port)
    bus.plug(replace(CARD_READER, name="second", number="RD-0002", socket="1-4", address=9), other.port)
    error = failing(lambda: remote.make(WIRE, port=PORT))
    assert error.code == "device_misconfigured"
    assert "@1-1 with number RD-0001" in error.detail and "@1-4 with number RD-0002" in error.detail
    for port, end in ((f"{PORT}:RD-0002", other), ("usb@1-1", far), (f"{PORT.lower()}:RD-0001", far)):
        remote.make(WIRE, port=port)
        remote.call("write", port.encode(), Deadline(60))
        assert end.line.recv(64) == port.encode()
    other.close()


def test_a_reader_replugged_under_another_address_and_socket_is_found_again(
    bus: UsbBus, remote: Remote, far: FarEnd
) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    bus.unplug("reader")
    assert failing(lambda: remote.call("read", Deadline(60))).lost
    assert failing(lambda: remote.make(WIRE, port=PORT)).code == "device_absent"
    bus.plug(CARD_READER.at(17, "1-6"), far.port)
    remote.make(WIRE, port=f"{PORT}:RD-0001")
    assert bus.state("reader")["claimed"]


def test_a_printers_kernel_driver_is_sent_away_and_called_back(
    bus: UsbBus, remote: Remote, far: FarEnd
) -> None:
    bus.plug(RECEIPT_PRINTER, far.port)
    assert bus.state("printer") == {"claimed": False, "driver": "usblp"}
    remote.make(WIRE, port="usb:04B8:0202")
    assert bus.state("printer") == {"claimed": True, "driver": ""}
    remote.call("close")
    remote.call("close")
    assert bus.state("printer") == {"claimed": False, "driver": "usblp"}
    assert failing(lambda: remote.call("read", Deadline(0.1))).lost


def test_a_device_without_bulk_end_points_is_a_mistake_of_the_settings(
    bus: UsbBus, remote: Remote, far: FarEnd
) -> None:
    bus.plug(replace(CARD_READER, into=()), far.port)
    assert failing(lambda: remote.make(WIRE, port=PORT)).code == "device_misconfigured"
    assert not bus.state("reader")["claimed"]


def test_a_split_channel_is_seen_by_its_end_points(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(SPLIT_CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    far.line.sendall(b"AAA96\0\x04rest")  # head of seven bytes, of which the last two count the rest
    assert remote.call("read", Deadline(60), 0) == b"AAA96\0\x04"
    assert remote.call("read", Deadline(60), 1) == b"rest"


# ── trouble ─────────────────────────────────────────────────────────────────
def test_a_silent_device_costs_the_time_out_and_no_more(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    bus.silence("reader")
    error = failing(lambda: remote.call("write", b"hello", Deadline(0.05)))
    assert (error.code, error.lost) == ("device_timeout", False)
    assert remote.call("read", Deadline(0.05)) == b""
    assert failing(lambda: remote.call("write", b"hello", Deadline(0))).code == "device_timeout"
    bus.silence("reader", False)
    remote.call("write", b"again", Deadline(60))
    assert far.line.recv(64).endswith(b"again")


@pytest.mark.parametrize("verb", ["read", "write"])
def test_a_stalled_end_point_is_lost_and_nothing_stays_claimed(
    bus: UsbBus, remote: Remote, far: FarEnd, verb: str
) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    bus.stall("reader")
    arguments = (b"hello", Deadline(60)) if verb == "write" else (Deadline(60),)
    error = failing(lambda: remote.call(verb, *arguments))
    assert (error.code, error.lost) == ("device_offline", True)
    assert not bus.state("reader")["claimed"]
    bus.stall("reader", False)
    remote.make(WIRE, port=PORT)
    far.line.sendall(b"back")
    assert remote.call("read", Deadline(60)) == b"back"


def test_a_plug_pulled_in_the_middle_of_an_answer_is_told(bus: UsbBus, remote: Remote, far: FarEnd) -> None:
    bus.plug(CARD_READER, far.port)
    remote.make(WIRE, port=PORT)
    bus.cut_after("reader", 100)
    far.line.sendall(bytes(1295))

    def read_on() -> None:
        while remote.call("read", Deadline(60)):
            pass

    error = failing(read_on)
    assert (error.code, error.lost) == ("device_offline", True)


# ── serial lines of USB adapters ────────────────────────────────────────────
def path(remote: Remote, port: str) -> str:
    return str(remote.run("drivers.usb_place:serial_path", port))


def test_an_adapter_is_followed_to_another_tty(bus: UsbBus, remote: Remote) -> None:
    bus.serial_adapter("ttyUSB0", "1a86", "7523", number="A1", socket="1-2")
    assert path(remote, "serial:1A86:7523") == "/dev/ttyUSB0"
    bus.unplug_serial_adapter("ttyUSB0")
    assert failing(lambda: path(remote, "serial:1A86:7523")).code == "device_absent"
    bus.serial_adapter("ttyUSB1", "1a86", "7523", number="A1", socket="1-2")
    for port in ("serial:1a86:7523", "serial:1A86:7523:A1", "serial@1-2"):
        assert path(remote, port) == "/dev/ttyUSB1"


def test_of_two_adapters_alike_the_settings_must_say_which(bus: UsbBus, remote: Remote) -> None:
    bus.serial_adapter("ttyUSB0", "1a86", "7523", socket="1-2")
    bus.serial_adapter("ttyUSB1", "1a86", "7523", socket="1-3", interfaces=2)
    bus.serial_adapter("ttyUSB2", "0403", "6001", number="F2", socket="1-4")
    error = failing(lambda: path(remote, "serial:1A86:7523"))
    assert error.code == "device_misconfigured"
    assert "@1-2" in error.detail and "@1-3" in error.detail
    assert path(remote, "serial@1-3") == "/dev/ttyUSB1"
    assert path(remote, "serial:0403:6001:F2") == "/dev/ttyUSB2"


# ── places ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "port", ["usb", "usb:0400", "usb:04G0:C35A", "usb@1", "/dev/ttyS0", "usb:0400:C35A:"]
)
def test_what_names_no_place_is_a_mistake_of_the_settings(port: str) -> None:
    assert failing(lambda: place_of(port)).code == "device_misconfigured"


def test_a_place_with_a_number_fits_that_one_alone() -> None:
    from drivers.usb_place import Found

    here = Found(0x0400, 0xC35A, "1-1.2", "RD:1")
    assert fits(place_of("usb:0400:c35a"), here)
    assert fits(place_of("usb:0400:C35A:RD:1"), here)
    assert not fits(place_of("usb:0400:C35A:RD"), here)
    assert fits(place_of("usb@1-1.2"), here)
    assert not fits(place_of("usb@1-1"), here)
