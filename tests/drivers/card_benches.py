"""Resident ID readers for the tests: a driver on each wire, and modules that behave unlike ours."""

from __future__ import annotations

import os
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import pytest

from config.people import person
from drivers import id_card, registry, sam_frames
from drivers.device import DeviceError
from drivers.id_card_reader import IdCardReader
from drivers.virtual.id_card_reader import SAM_ID, VirtualIdCardReader, card_of
from tests.peers.serial_server import SerialServer
from tests.peers.usb_peer import CARD_READER, SPLIT_CARD_READER, Remote, UsbBus

PATIENT = 30.0  # seconds of the driver for one answer, where one comes
TIMEOUT = 1.5  # … and where none comes, or a late one: a busy computer overruns less
LATE = 2.1
READER = "drivers.id_card_reader:IdCardReader"


def failing(verb: Callable[[], object]) -> DeviceError:
    """The error that a verb must raise."""
    with pytest.raises(DeviceError) as raised:
        verb()
    return raised.value


class Wired(Protocol):
    """A driver on one wire, in this process or another, and the hand at its plug."""

    def call(self, verb: str, *arguments: Any, **named: Any) -> Any:
        """Runs one verb."""

    def unplug(self) -> None:
        """Pulls the cable."""

    def plug(self) -> None:
        """Puts it back, as a kernel sees it: perhaps under another address."""


class Here:
    """A driver in this process; its cable is the bench's PTY."""

    def __init__(self, driver: IdCardReader, bench: VirtualIdCardReader) -> None:
        self._driver, self._bench = driver, bench

    def call(self, verb: str, *arguments: Any, **named: Any) -> Any:
        """Runs one verb."""
        return getattr(self._driver, verb)(*arguments, **named)

    def unplug(self) -> None:
        """Pulls the cable."""
        self._bench.act("unplug")

    def plug(self) -> None:
        """Puts it back."""
        self._bench.act("plug")


class There:
    """A driver in the process that sees the USB bus."""

    def __init__(self, remote: Remote, bus: UsbBus, bench: VirtualIdCardReader, split: bool) -> None:
        self._remote, self._bus, self._bench = remote, bus, bench
        self._device = SPLIT_CARD_READER if split else CARD_READER

    def call(self, verb: str, *arguments: Any, **named: Any) -> Any:
        """Runs one verb."""
        return self._remote.call(verb, *arguments, **named)

    def unplug(self) -> None:
        """Pulls the plug."""
        self._bus.unplug(self._device.name)

    def plug(self) -> None:
        """Plugs it in, each time under another bus address."""
        self._device = self._device.at(self._device.address + 1)
        self._bus.plug(self._device, str(self._bench.state()["link"]))


@contextmanager
def on_serial(bench: VirtualIdCardReader, timeout: float = PATIENT) -> Iterator[Wired]:
    """The driver on the bench's PTY, open."""
    driver = IdCardReader(port=str(bench.state()["link"]), timeout=timeout)
    driver.open()
    try:
        yield Here(driver, bench)
    finally:
        driver.close()


@contextmanager
def on_tcp(bench: VirtualIdCardReader, timeout: float = PATIENT) -> Iterator[Wired]:
    """The driver behind a serial server, open."""
    server = SerialServer(bench)
    server.start()
    driver = IdCardReader(port=f"127.0.0.1:{server.port}", timeout=timeout)
    driver.open()
    try:
        yield Here(driver, bench)
    finally:
        driver.close()
        server.stop()


@contextmanager
def on_usb(
    bench: VirtualIdCardReader, bus: UsbBus, remote: Remote, *, split: bool, timeout: float = PATIENT
) -> Iterator[Wired]:
    """The driver on the bus, open, at the port that it takes when the settings name none."""
    wired = There(remote, bus, bench, split)
    wired.plug()
    remote.make(READER, port=registry.USUAL_PORTS["id_card_reader_usb"], timeout=timeout)
    wired.call("open")
    try:
        yield wired
    finally:
        remote.call("close")
        bus.unplug_all()


class ScriptedModule:
    """The far end of a PTY that answers by a table: for modules that behave unlike ours."""

    def __init__(self, answers: dict[tuple[int, int], list[bytes]]) -> None:
        self._answers = answers
        self.asked: list[tuple[int, int]] = []
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)
        self.port = os.ttyname(self._slave)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread by a request of its own that no driver sends."""
        os.write(self._slave, b"\0" * 9)
        self._thread.join()
        os.close(self._master)
        os.close(self._slave)

    def _serve(self) -> None:
        while (request := os.read(self._master, 4096))[0]:
            command = (request[7], request[8])
            self.asked.append(command)
            frames = self._answers.get(command, [])
            if frames:
                os.write(self._master, frames[0] if len(frames) == 1 else frames.pop(0))


OK = sam_frames.answer_frame(0x90)
FOUND = sam_frames.answer_frame(0x9F, bytes(4))
SELECTED = sam_frames.answer_frame(0x90, bytes(8))
NO_CARD = sam_frames.answer_frame(0x80)
UNKNOWN = sam_frames.answer_frame(0x21)
GREETING = {sam_frames.SAM_ID: [sam_frames.answer_frame(0x90, SAM_ID)], sam_frames.STATUS: [OK]}


def card_frame(key: str) -> bytes:
    """The answer to a read: the card of one of the demo's people."""
    text = id_card.encode(card_of(person(key)))
    return sam_frames.answer_frame(0x90, bytes.fromhex("01000400") + text + bytes(1024))


@contextmanager
def scripted(
    answers: dict[tuple[int, int], list[bytes]], **options: Any
) -> Iterator[tuple[IdCardReader, ScriptedModule]]:
    """A driver before a module that answers by the table; lists are used up but for their last."""
    module = ScriptedModule(GREETING | answers)
    driver = IdCardReader(port=module.port, timeout=TIMEOUT, **options)
    driver.open()
    try:
        yield driver, module
    finally:
        driver.close()
        module.close()
