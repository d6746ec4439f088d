"""The real card daemon with two readers that have no plug: pcscd and vsmartcard's driver, as our own child.

pcscd's folder is compiled in (`/run/pcscd`). The child gets a `/run` of its own, in a mount namespace of a
user namespace: no root is needed, and a system's daemon, its socket and its pid file are out of reach.
Clients find it by libpcsclite's `PCSCLITE_CSOCK_NAME`, which each of them reads once in its life.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers.virtual.processes import Child, Command, ProcessError
from drivers.virtual.smart_card import VirtualSmartCard
from tests.peers.broker import free_port

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
READERS = ("Virtual PCD 00 00", "Virtual PCD 00 01")
_CONF = """FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:{port}
LIBPATH      {driver}
CHANNELID    {port}
"""
_IN_A_NAMESPACE = ("unshare", "--user", "--map-root-user", "--mount")
# A `/run` without anything of the system's; our folder lies where pcscd wants its own.
_OWN_RUN = (
    'mount -t tmpfs none /run && mkdir /run/pcscd && mount --bind "$1" /run/pcscd '
    '&& exec "$2" --foreground --info --config "$3"'
)


class Pcscd:
    """A running daemon. `kill` and `start` play a daemon that dies and comes back, on the same ports.

    A virtual card plugs into reader 0 at `ports[0]`, into reader 1 at `ports[1]`.
    """

    def __init__(self, folder: Path) -> None:
        self._run, self._conf, none = folder / "run", folder / "conf", folder / "no-usb-drivers"
        for part in (self._run, self._conf, none):
            part.mkdir(parents=True)
        first = two_free_ports()
        self.ports = (first, first + 1)
        self.socket = self._run / "pcscd.comm"
        program = shutil.which("pcscd", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None or not DRIVER.exists():
            raise ProcessError("pcscd or its virtual readers are missing: install pcscd and vsmartcard-vpcd")
        self._child = Child(
            Command(
                name="pcscd",
                argv=[*_IN_A_NAMESPACE, "sh", "-c", _OWN_RUN, "sh", str(self._run), program, str(self._conf)],
                ready="daemon ready",
                environment={
                    "PCSCLITE_HP_DROPDIR": str(none)
                },  # a USB reader plugged in here stays the system's
            ),
            folder / "pcscd.log",
        )

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs in its environment to find this daemon."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket)}

    def start(self, *, readers: bool = True) -> None:
        """Starts it, with its two readers or with none. ProcessError with its last lines."""
        text = _CONF.format(port=self.ports[0], driver=DRIVER) if readers else "# no reader\n"
        (self._conf / "vpcd").write_text(text, encoding="utf-8")
        self._child.launch()
        try:
            self._child.wait_ready(60)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """kill -9: every client's connection breaks, and what it has left in its folder is swept."""
        self._child.kill9()
        for left in ("pcscd.comm", "pcscd.pid"):
            (self._run / left).unlink(missing_ok=True)

    def halt(self) -> None:
        """It hangs: takes questions and answers none, until `go_on`."""
        self._child.pause()

    def go_on(self) -> None:
        self._child.resume()


@contextmanager
def pcscd(folder: Path) -> Iterator[Pcscd]:
    """A daemon for as long as the block runs; its socket, configuration and log are in `folder`."""
    running = Pcscd(folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()


@contextmanager
def pcscd_here(folder: Path) -> Iterator[Pcscd]:
    """As `pcscd`; meanwhile this process and its children find it."""
    with pytest.MonkeyPatch.context() as patch, pcscd(folder) as running:
        for name, value in running.environment.items():
            patch.setenv(name, value)
        yield running


@contextmanager
def card_slot(daemon: Pcscd) -> Iterator[VirtualSmartCard]:
    """The slot of the daemon's first reader, for cards to be put into."""
    card = VirtualSmartCard(daemon.ports[0])
    card.start()
    try:
        yield card
    finally:
        card.stop()


def two_free_ports() -> int:
    """The first of two neighbouring TCP ports on which nobody listens now."""
    first = free_port()
    while (second := free_port()) != first + 1:
        first = second
    return first
