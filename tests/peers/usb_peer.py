"""A USB bus for tests: real libusb, pyusb and pyserial see devices that are plugged in here.

    with usb_bus() as bus:                                        # starts tests/peers/usb_bus.py
        bus.plug(CARD_READER, far="/dev/pts/7")                   # a virtual device's PTY …
        bus.plug(RECEIPT_PRINTER, far="127.0.0.1:40123")          # … or its TCP port is the far end
        with bus.driver("drivers.id_card_reader:IdCardReader", port="usb:0400:C35A") as reader:
            reader.call("open")
            card = reader.call("read_card", timeout=1.0)
            bus.unplug("reader")

The bus shows its devices by LD_PRELOAD, which would befall every test; therefore the driver lives in a child
process (`usb_driver.py`) and `call` runs one verb there. What it returns, and a DeviceError, come back as
they are. To put another device on the bus, write down what its descriptors say in a `UsbDevice`, as for
RECEIPT_PRINTER: interface class, end points, the numbers. Its behaviour is that of whatever listens at `far`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Any

from drivers.device import DeviceError

ROOT = Path(__file__).parents[2]
SECONDS = 60.0  # that anything here may take
PRELOAD = "libumockdev-preload.so.0"


@dataclass(frozen=True)
class UsbDevice:
    """What a device says of itself. `socket` is where it is plugged in, `address` changes at each replug."""

    name: str
    vendor: int
    product: int
    into: tuple[int, ...] = (0x81,)
    out: tuple[int, ...] = (0x02,)
    interface_class: int = 0xFF
    number: str = ""
    socket: str = "1-1"
    address: int = 2
    driver: str = ""  # the kernel's, that holds the interface: usblp

    def descriptors(self) -> bytes:
        """Device, configuration, interface and end points, as USB 2.0 chapter 9.6 lays them out."""
        points = b"".join(struct.pack("<BBBBHB", 7, 5, point, 2, 64, 0) for point in self.out + self.into)
        count = len(self.out + self.into)
        interface = struct.pack("<9B", 9, 4, 0, 0, count, self.interface_class, 1, 2, 0) + points
        configuration = struct.pack("<BBHBBBBB", 9, 2, 9 + len(interface), 1, 1, 0, 0x80, 50)
        device = struct.pack(
            "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, self.vendor, self.product, 0x0100, 1, 2, 3, 1
        )
        return device + configuration + interface

    def at(self, address: int, socket: str = "") -> UsbDevice:
        """The same device after a replug: another bus address, maybe another socket."""
        return replace(self, address=address, socket=socket or self.socket)


CARD_READER = UsbDevice("reader", 0x0400, 0xC35A, number="RD-0001")
SPLIT_CARD_READER = replace(CARD_READER, into=(0x81, 0x85), out=(0x02, 0x06))
RECEIPT_PRINTER = UsbDevice(
    "printer", 0x04B8, 0x0202, into=(0x82,), out=(0x01,), interface_class=7, number="PR-0001", socket="1-2",
    address=3, driver="usblp",
)  # fmt: skip


class UsbBus:
    """The bus. Made by `usb_bus()`, which ends it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._folder = str(self._answer())

    def plug(self, device: UsbDevice, far: str) -> None:
        """Plugs `device` in; its bytes go to and come from `far`: a PTY's path or `host:number`.

        A device of the same name is unplugged before: another address is a replug.
        """
        self._order(
            "plug", name=device.name, descriptors=device.descriptors().hex(), address=device.address,
            bus_socket=device.socket, far=far, into=list(device.into), out=list(device.out),
            strings=["Invented Works", device.name, device.number], driver=device.driver,
        )  # fmt: skip

    def unplug(self, name: str) -> None:
        """Pulls it out: what is under way fails at once."""
        self._order("unplug", name=name)

    def unplug_all(self) -> None:
        """Takes everything off the bus, adapters too."""
        self._order("unplug_all")

    def silence(self, name: str, silent: bool = True) -> None:
        """The device neither takes nor gives a byte until told otherwise."""
        self._order("set", name=name, silent=silent)

    def stall(self, name: str, stalled: bool = True) -> None:
        """Every transfer ends with a stalled end point."""
        self._order("set", name=name, stalled=stalled)

    def cut_after(self, name: str, count: int) -> None:
        """The plug comes out by itself once the device has given `count` more bytes."""
        self._order("set", name=name, cut_after=count)

    def state(self, name: str) -> dict[str, Any]:
        """`claimed`: a process holds the interface; `driver`: the kernel's that does, or nothing."""
        found = self._order("state", name=name)
        assert isinstance(found, dict)
        return found

    def serial_adapter(
        self,
        tty: str,
        vendor: str,
        product: str,
        *,
        number: str = "",
        socket: str = "1-3",
        interfaces: int = 1,
        far: str = "",
    ) -> None:
        """Shows a USB adapter with the line `/dev/<tty>`; with `far`, a PTY's path, it can be opened too."""
        self._order(
            "tty", name=tty, bus_socket=socket, vendor=vendor, product=product, number=number,
            interfaces=interfaces, far=far,
        )  # fmt: skip

    def unplug_serial_adapter(self, tty: str) -> None:
        """Takes it away again."""
        self._order("untty", name=tty)

    @contextlib.contextmanager
    def driver(self, make: str, **options: Any) -> Iterator[Remote]:
        """An object of `module:Class` in a process that sees this bus."""
        with self.process() as remote:
            remote.make(make, **options)
            yield remote

    @contextlib.contextmanager
    def process(self) -> Iterator[Remote]:
        """A process that sees this bus, for several drivers one after another."""
        ours, theirs = Pipe()
        handle = theirs.fileno()
        environment = os.environ | {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": self._folder}
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.peers.usb_driver", str(handle)],
            cwd=ROOT, env=environment, pass_fds=(handle,),
        )  # fmt: skip
        theirs.close()
        try:
            yield Remote(ours)
        finally:
            ours.close()
            _end(child)

    def _order(self, what: str, **arguments: Any) -> object:
        assert self._process.stdin is not None
        print(json.dumps({"do": what, **arguments}), file=self._process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> object:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        answer = json.loads(line) if line else {"error": f"it has ended: {self._process.poll()}"}
        if "error" in answer:
            raise RuntimeError(f"the USB bus: {answer['error']}")
        return answer["ok"]


class Remote:
    """A process with a driver in it. Each order's result, or its DeviceError, comes back as it is."""

    def __init__(self, line: Connection) -> None:
        self._line = line

    def make(self, name: str, **options: Any) -> None:
        """Makes the driver, an object of `module:Class`, after closing the one of before."""
        self._ask("make", name, (), options)

    def call(self, verb: str, *arguments: Any, **named: Any) -> Any:
        """Runs one verb of the driver."""
        return self._ask("call", verb, arguments, named)

    def run(self, name: str, *arguments: Any, **named: Any) -> Any:
        """Runs a function `module:function`."""
        return self._ask("run", name, arguments, named)

    def _ask(self, *order: Any) -> Any:
        self._line.send(order)
        if not self._line.poll(SECONDS):
            raise AssertionError(f"{order[1]} hangs")
        error, result = self._line.recv()
        if isinstance(error, tuple):
            code, detail, lost = error
            raise DeviceError(code, detail, lost=lost)
        if error is not None:
            raise AssertionError(f"{order[1]} raised no DeviceError but {error}")
        return result


@contextlib.contextmanager
def usb_bus() -> Iterator[UsbBus]:
    """A bus with nothing on it. RuntimeError naming the package when a program is missing."""
    if shutil.which("umockdev-wrapper") is None:
        raise RuntimeError("umockdev-wrapper is missing: packages umockdev gir1.2-umockdev-1.0 python3-gi")
    process = subprocess.Popen(
        ["umockdev-wrapper", "/usr/bin/python3", "-m", "tests.peers.usb_bus"],
        cwd=ROOT,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield UsbBus(process)
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.close()
        _end(process)
        process.stdout.close()


def _end(child: subprocess.Popen[Any]) -> None:
    """Its line has been closed, so it ends; if not, it is ended."""
    try:
        child.wait(30)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(30)
