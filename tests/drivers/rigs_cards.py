"""Rigs of card readers behind the real card daemon: the plug that comes out is the daemon's own end.

A reader that is pulled out and a daemon that dies look alike to whoever uses them: every handle is worth
nothing. What befalls an answer is done between the daemon and the virtual card, message by message.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

from config.devices import Kind
from config.people import person
from drivers.device import DeviceError
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.smart_card import VirtualSmartCard
from tests.drivers.meddler import Meddler
from tests.drivers.rig import Call, Rig, Verb, settings_of
from tests.peers.pcscd import READERS, Pcscd, pcscd

LENGTH = 2  # bytes before each message between daemon and card


class Slot:
    """The wire between the daemon's reader (near) and the card in it (far), which comes to us."""

    def __init__(self, daemon: Pcscd) -> None:
        self._daemon, self._running = daemon, True
        self.port = choose_ports(0).receipt
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.setblocking(False)
        self._pair: tuple[socket.socket, socket.socket] | None = None

    def plug(self) -> None:
        if not self._running:
            self._daemon.start()
        self._running = True

    def unplug(self) -> None:
        if self._running:
            self._daemon.kill()
        self._running = False
        self.hang_up()

    def accept(self) -> bool:
        try:
            far, _ = self._listener.accept()
        except BlockingIOError:
            return False
        self.hang_up()
        try:
            near = socket.create_connection(("127.0.0.1", self._daemon.ports[0]), 2)
        except OSError:
            far.close()
            return False
        for end in (near, far):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._pair = (near, far)
        return True

    def handles(self) -> tuple[int, int] | None:
        if self._pair is None:
            return None
        for end in self._pair:  # the daemon sends the length by itself: else each message waits 40 ms
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        return self._pair[0].fileno(), self._pair[1].fileno()

    def waiting(self) -> int | None:
        return self._listener.fileno()

    def hang_up(self) -> None:
        pair, self._pair = self._pair, None
        for end in pair or ():
            end.close()

    def close(self) -> None:
        self._listener.close()


@contextmanager
def _reader(folder: Path, kind: Kind, driver: str, application: str) -> Iterator[Rig]:
    with pcscd(folder / "pcscd") as daemon:
        os.environ.update(daemon.environment)  # read by the driver's own child alone
        slot = Slot(daemon)
        card = VirtualSmartCard(slot.port)
        card.start()
        meddler = Meddler(slot, head=LENGTH)
        meddler.start()
        try:
            settings = settings_of(kind, driver, READERS[0], timeout=0.8)
            yield Rig(settings, meddler, _verbs(card, application))
        finally:
            card.stop()
            meddler.stop()
            slot.close()
            for name in daemon.environment:
                del os.environ[name]


def _verbs(card: VirtualSmartCard, application: str) -> dict[str, Verb]:
    people = cycle(("zhang", "wang"))  # two in turn, so that the card of the one before is wrong

    async def another_is_read(call: Call) -> None:
        """Card out, the next one in: the daemon looks every 0.4 s."""
        card.act("take")
        if not await call("wait_removed", 3.0):
            raise DeviceError("device_timeout", "the card seems to stay")
        lying = next(people)
        card.act("put", person=lying, application=application)
        if not await call("find_card", 3.0):
            raise DeviceError("device_timeout", "no card seems to come")
        assert (await call("read_card", 1.0)).name == person(lying).name
        if application == "social":
            assert (await call("verify_pin", "123456")).right

    return {"wait_removed, find_card, read_card (and verify_pin)": Verb(another_is_read, 12.0)}


@contextmanager
def social_card_reader_pcsc(folder: Path) -> Iterator[Rig]:
    with _reader(folder, Kind.SOCIAL_CARD_READER, "social_card_reader_pcsc", "social") as rig:
        yield rig


@contextmanager
def id_card_reader_pcsc(folder: Path) -> Iterator[Rig]:
    with _reader(folder, Kind.ID_CARD_READER, "id_card_reader_pcsc", "id") as rig:
        yield rig
