"""Debian's ippeveprinter as a child of ours, with a message bus of its own and nothing of the system's."""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from signal import SIGKILL

from drivers.virtual.processes import Child, Command, accepts

PANEL = "bench-panel"  # name of the jobs that only set the printer's state
_BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>custom</type><listen>unix:abstract={address}</listen><auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/><allow send_destination="*"/><allow send_type="method_call"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class MissingProgram(OSError):
    """A program of the virtual A4 printer is not installed; the text names the Debian package."""


class A4Process:
    """The printer process on `127.0.0.1:port` and what it needs in `folder`.

    Its children end with it, or with the owner if that dies; the spool is emptied. `line` is the
    abstract socket to which each job is brought (see a4_print_command.py); `duplex`: it prints two sides.
    """

    def __init__(self, port: int, folder: Path, *, duplex: bool = True) -> None:
        self.port = port
        self._duplex = duplex
        self.folder = folder
        self.line = f"kiosk-a4-{uuid.uuid4().hex}"
        self._children: list[Child] = []
        # The kernel ends a child when the thread that started it ends, so one thread starts them all.
        self._owner: ThreadPoolExecutor | None = None

    @property
    def running(self) -> bool:
        return bool(self._children) and all(child.running for child in self._children)

    def start(self) -> None:
        """Starts bus and printer, waits for the port. MissingProgram, OSError (port taken), ProcessError."""
        programs = {name: _program(name, package) for name, package in _PROGRAMS.items()}
        self._wait_for_port()
        spool = self.folder / "spool"
        shutil.rmtree(spool, ignore_errors=True)  # a killed bench leaves its spool behind
        spool.mkdir(parents=True, exist_ok=True)
        command = self._write_command()
        bus = f"kiosk-bus-{uuid.uuid4().hex}"
        configuration = self.folder / "bus.conf"
        configuration.write_text(_BUS.format(address=bus), encoding="ascii")
        address = {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:abstract={bus}", "KT_A4_LINE": self.line}
        bus_command = [programs["dbus-daemon"], f"--config-file={configuration}", "--nofork", "--nopidfile"]
        printer = [programs["ippeveprinter"], "-p", str(self.port), "-n", "localhost", "-r", "off"]
        printer += ["-M", "Virtual", "-m", "A4", "-F", "application/pdf", "-f", "application/pdf"]
        printer += ["-d", str(spool), "-D", "file:///dev/null", "-c", str(command)]
        keys = self.folder / "keys"  # of ipps://, made at the first question that wants them
        keys.mkdir(exist_ok=True)
        printer += ["-K", str(keys)]
        printer += ["-2", "KioskA4"] if self._duplex else ["KioskA4"]
        self._owner = ThreadPoolExecutor(1, "a4-process")
        try:
            self._launch(Command("message bus", bus_command, stop_signal=SIGKILL), lambda: _bus_answers(bus))
            self._launch(
                Command("ippeveprinter", printer, port=self.port, environment=address, stop_signal=SIGKILL)
            )
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Ends both at once, as pulling the plug does, and empties the spool. May be called twice."""
        while self._children:
            self._children.pop().kill9()
        if self._owner is not None:
            self._owner.shutdown()
            self._owner = None
        shutil.rmtree(self.folder / "spool", ignore_errors=True)

    def _wait_for_port(self) -> None:
        """A printer whose bench was killed lets go of its port within a moment."""
        end = time.monotonic() + 2
        while accepts(self.port):
            if time.monotonic() > end:
                raise OSError(f"port {self.port} of the virtual A4 printer is taken")
            time.sleep(0.05)

    def _launch(self, command: Command, ready: Callable[[], bool] = lambda: True) -> None:
        child = Child(command, self.folder / f"{command.name.replace(' ', '-')}.log")
        assert self._owner is not None
        self._owner.submit(child.launch).result()
        self._children.append(child)
        end = time.monotonic() + 5
        while not ready() and child.running and time.monotonic() < end:
            time.sleep(0.01)
        child.wait_ready(10)

    def _write_command(self) -> Path:
        """ippeveprinter takes one executable file without arguments."""
        script = Path(__file__).with_name("a4_print_command.py")
        command = self.folder / "print-command"
        command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{script}" "$1"\n', encoding="utf-8")
        command.chmod(stat.S_IRWXU)
        return command.resolve()


_PROGRAMS = {"ippeveprinter": "cups-ipp-utils", "dbus-daemon": "dbus-daemon"}


def _program(name: str, package: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin")
    if found is None:
        raise MissingProgram(f"{name} is not installed: apt-get install --no-install-recommends {package}")
    return found


def _bus_answers(address: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex("\0" + address) == 0
