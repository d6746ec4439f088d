"""What a terminal needs around it: display, broker, virtual devices, platform and ingest, without the demo.

The demo would start the terminal too, and here a terminal is started and ended by itself, and timed.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from drivers.virtual import broker, demo_settings, display
from drivers.virtual.demo_settings import REPO, DemoSettings, Ports
from drivers.virtual.processes import Child, Command

SIZE = (720, 1280)


@dataclass(frozen=True)
class Surroundings:
    """Where everything is."""

    settings: DemoSettings
    ports: Ports
    display: str
    servers: tuple[Child, ...]

    def leave_alone(self) -> None:
        """Ends the servers; display and terminal stay."""
        for server in self.servers:
            server.stop()

    @property
    def outline(self) -> Path:
        """The socket on which a terminal tells what it shows."""
        return self.settings.data / "outline"

    def terminal(self, name: str, environment: dict[str, str] | None = None) -> Child:
        """A terminal among them, not yet launched."""
        argv = (sys.executable, str(REPO / "main.py"), "terminal", "--settings", str(self.settings.terminal))
        where = {"DISPLAY": self.display, **(environment or {})}
        command = Command(name, argv, ready="^terminal ready", environment=where)
        return Child(command, self.settings.logs / f"{name}.log")


@contextlib.contextmanager
def surroundings(folder: Path, changes: Mapping[str, Any] | None = None) -> Iterator[Surroundings]:
    """Starts all of it in a folder of its own and ends it; `changes` are of the terminal's settings.

    ProcessError when something does not start.
    """
    told = {"screen.outline_socket": str(folder / "outline"), **(changes or {})}
    settings = DemoSettings(data=folder, port_base=0, headless=True, size=SIZE, changes=told)
    ports = demo_settings.choose_ports(0)
    terminal = demo_settings.write_terminal(settings, ports)
    hall = demo_settings.write_hall(settings, ports, terminal)
    platform = demo_settings.write_platform(settings, ports, terminal)
    wires = demo_settings.wires(ports)
    commands = [
        broker.command(folder / "broker", ports.broker),
        _own("bench", "demo", "bench", "--port", ports.bench, *wires, "--folder", folder / "bench"),
        _own("platform", "hall", "platform", "--settings", platform),
        _own("ingest", "hall", "ingest", "--settings", hall),
    ]
    with contextlib.ExitStack() as stack:
        number = stack.enter_context(screen(settings.logs))
        children = [Child(command, settings.logs / f"{command.name}.log") for command in commands]
        for child in children:
            stack.callback(child.stop)
            child.launch()
        for child in children:
            child.wait_ready(60)
        yield Surroundings(settings, ports, number, tuple(children))


@contextlib.contextmanager
def screen(logs: Path) -> Iterator[str]:
    """A virtual display of its own; its name."""
    with Child(display.screen(*SIZE), logs / "display.log") as xvfb:
        yield display.number(xvfb)


def outline(path: Path) -> dict[str, Any]:
    """What a terminal shows; its page is empty while nothing answers."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(5.0)
            line.connect(str(path))
            told: dict[str, Any] = json.loads(line.makefile("rb").readline())
            return told
    except (OSError, ValueError):
        return {"page": "", "items": []}


def wait_page(path: Path, page: str, seconds: float = 20.0) -> dict[str, Any]:
    """Waits until a terminal shows a page and takes touches on it. TimeoutError."""
    end = time.monotonic() + seconds
    while (told := outline(path))["page"] != page:
        if time.monotonic() > end:
            raise TimeoutError(f"the terminal shows {told['page'] or 'nothing'}, not {page}")
        time.sleep(0.01)
    return told


def family(child: Child) -> list[psutil.Process]:
    """The processes of a child and all it started, by their session: a browser's are many."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
            if os.getsid(process.pid) == child.pid:
                found.append(process)
    return found


def _own(name: str, *arguments: object) -> Command:
    argv = (sys.executable, str(REPO / "main.py"), *(str(one) for one in arguments))
    return Command(name, argv, ready=f"^{name} ready")
