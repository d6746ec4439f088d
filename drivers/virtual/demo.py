"""Everything on one computer: broker, hall, platform, bench and a terminal's window, each a child process.

`main.py demo` ends when the terminal's window is closed, on Ctrl-C and on SIGTERM; all children end with
it, in order. A child that dies by itself is said, with its last lines, and started again with back-off.
`running.py` tells others where everything is meanwhile.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

from config.commands import RESTART_CODE
from drivers.virtual import (
    broker,
    demo_account,
    demo_blanks,
    demo_settings,
    demo_technician,
    display,
    running,
)
from drivers.virtual.demo_settings import REPO, DemoSettings, Ports
from drivers.virtual.processes import Child, Command, ProcessError

MAIN = REPO / "main.py"
LOOK_SECONDS = 0.1
BACK_OFF = (0.5, 1.0, 2.0, 5.0, 15.0)  # seconds before the first, second … restart in a row
CALM_SECONDS = 60.0  # after so long without a death the back-off begins anew
OWN = ("terminal", "desk", "scheduler", "ingest", "platform", "bench")  # these end with 0 when asked to
STAGES = (("terminal", "web view", "view"), OWN[1:], ("broker", "display"))


class DemoRuns(Exception):
    """Another demo uses this data folder, or nobody can write there."""


class _Stop(Exception):
    """Somebody asked the demo to end."""


@dataclass
class _Watch:
    """What is known of a child's deaths."""

    deaths: int = 0
    last: float = 0.0
    again_at: float = 0.0  # monotonic; 0: it runs


@dataclass
class _Demo:
    """The running demo: its children by name."""

    settings: DemoSettings
    ports: Ports
    display: str = ""
    children: dict[str, Child] = field(default_factory=dict)
    watches: dict[str, _Watch] = field(default_factory=dict)
    stop_asked: bool = False

    def check(self) -> None:
        if self.stop_asked:
            raise _Stop


def run(settings: DemoSettings) -> int:
    """Runs until somebody ends it. Returns 0; 1 when something could not be started.

    Raises PortTaken, DemoRuns and ConfigError before anything was started.
    """
    with _only_one(settings.data):
        demo = _Demo(settings, demo_settings.choose_ports(settings.port_base))
        _write_settings(demo)
        with _signals(demo):
            try:
                _start(demo)
                _tell(demo)
                _watch(demo)
            except _Stop:
                pass
            except ProcessError as error:
                print(f"\n{error}\n  all logs: {settings.logs}", file=sys.stderr, flush=True)
                return 1
            finally:
                _end(demo)
                running.forget(settings.data)
    return 0


# ── starting ────────────────────────────────────────────────────────────────
def _write_settings(demo: _Demo) -> None:
    """The settings files of terminal, hall and platform, anew at each start: ports may have moved."""
    terminal = demo_settings.write_terminal(demo.settings, demo.ports)
    demo_settings.write_hall(demo.settings, demo.ports, terminal)
    demo_settings.write_platform(demo.settings, demo.ports, terminal)


def _start(demo: _Demo) -> None:
    """All children but the terminal side by side, then the terminal."""
    pack = demo_blanks.enter(demo.settings, MAIN)
    try:
        _start_servers(demo)
        if pack is not None:
            demo_blanks.lay(pack, demo.ports.bench, demo.check)
    finally:
        if pack is not None:
            pack.stop()
    _launch(demo, _terminal(demo))
    demo_account.ensure(demo.settings.data, MAIN)
    demo_technician.ensure(demo.settings.data, demo.settings.terminal, MAIN)
    if demo.display and demo.settings.view:
        _launch(demo, display.mirror(demo.display, demo.ports.vnc))
        _launch(demo, display.web(demo.ports.view, demo.ports.vnc))
    for child in list(demo.children.values()):
        child.wait_ready(60, meanwhile=demo.check)
    _write_run(demo)


def _start_servers(demo: _Demo) -> None:
    for command in _servers(demo):
        _launch(demo, command)
    if demo.settings.headless or not display.reachable():
        _launch(demo, display.screen(*demo.settings.size))
    for child in list(demo.children.values()):
        child.wait_ready(60, meanwhile=demo.check)
    if "display" in demo.children:
        demo.display = display.number(demo.children["display"])


def _launch(demo: _Demo, command: Command) -> None:
    demo.check()
    child = Child(command, demo.settings.logs / f"{command.name.replace(' ', '-')}.log")
    demo.children[command.name] = child
    demo.watches[command.name] = _Watch()
    child.launch()


def _servers(demo: _Demo) -> list[Command]:
    data, ports = demo.settings.data, demo.ports
    wires = demo_settings.wires(ports)
    cashier = ("--cashier", f"http://127.0.0.1:{ports.platform}")
    return [
        broker.command(data / "broker", ports.broker),
        _own("bench", "demo", "bench", "--port", ports.bench, *wires, *cashier, "--folder", data / "bench"),
        _own("platform", "hall", "platform", "--settings", data / "platform.toml"),
        _own("ingest", "hall", "ingest", "--settings", data / "hall.toml"),
        _own("scheduler", "hall", "scheduler", "--settings", data / "hall.toml"),
        _own("desk", "hall", "desk", "--settings", data / "hall.toml"),
    ]


def _terminal(demo: _Demo) -> Command:
    environment = {"DISPLAY": demo.display} if demo.display else {}
    return _own("terminal", "terminal", "--settings", demo.settings.terminal, environment=environment)


def _own(name: str, *arguments: object, environment: Mapping[str, str] | None = None) -> Command:
    """A child that is this program again."""
    argv = (sys.executable, str(MAIN), *(str(one) for one in arguments))
    return Command(name, argv, ready=f"^{name} ready", environment=environment or {})


# ── while it runs ───────────────────────────────────────────────────────────
def _watch(demo: _Demo) -> None:
    """Restarts what dies, until the terminal's window is closed or somebody ends the demo."""
    while True:
        demo.check()
        for name, child in demo.children.items():
            watch = demo.watches[name]
            if watch.again_at:
                if time.monotonic() >= watch.again_at:
                    _restart(demo, name)
            elif not child.running:
                if name == "terminal" and child.code == 0:
                    print("the terminal's window was closed", flush=True)
                    return
                if name == "terminal" and child.code == RESTART_CODE:
                    print("the terminal starts again, as it was told to", flush=True)
                    _restart(demo, name)
                    continue
                if name == "display":
                    raise ProcessError(child.obituary())
                _mourn(child, watch)
        time.sleep(LOOK_SECONDS)


def _mourn(child: Child, watch: _Watch) -> None:
    """Says that a child died and sets when it is started again."""
    now = time.monotonic()
    watch.deaths = 0 if now - watch.last > CALM_SECONDS else watch.deaths + 1
    watch.last = now
    wait = BACK_OFF[min(watch.deaths, len(BACK_OFF) - 1)]
    watch.again_at = now + wait
    child.kill9()  # what it had started itself
    print(f"\n{child.obituary()}\n  starting it again in {wait:g} s", file=sys.stderr, flush=True)


def _restart(demo: _Demo, name: str) -> None:
    demo.watches[name].again_at = 0.0
    demo.children[name].launch()
    _write_run(demo)


def _end(demo: _Demo) -> None:
    """Ends the children in stages: what serves others goes last."""
    print("\nending …", flush=True)
    for stage in STAGES:
        there = [demo.children[name] for name in stage if name in demo.children]
        for child in there:
            child.ask_to_end()
        for child in there:
            code = child.stop(grace=15)
            if code not in (0, None) and child.command.name in OWN:
                print(child.obituary(), file=sys.stderr, flush=True)


# ── telling ─────────────────────────────────────────────────────────────────
def _addresses(demo: _Demo) -> dict[str, str]:
    ports = demo.ports
    told = {"desk": f"http://127.0.0.1:{ports.desk}/", "bench": f"http://127.0.0.1:{ports.bench}/"}
    if not demo.display:
        return {**told, "terminal": f"window on display {os.environ.get('DISPLAY', '')}"}
    if not demo.settings.view:
        return {**told, "terminal": f"window on virtual display {demo.display}"}
    return {**told, "terminal": f"http://127.0.0.1:{ports.view}/vnc.html?autoconnect=1&resize=scale"}


def _tell(demo: _Demo) -> None:
    addresses = _addresses(demo)
    account = demo_account.read(demo.settings.data)
    technician = demo_technician.read(demo.settings.data)
    print(
        "\nThe hall is open:\n"
        f"  terminal  {addresses['terminal']}\n"
        f"  bench     {addresses['bench']}   (put a card on the reader, stand before the camera)\n"
        f"  desk      {addresses['desk']}   (account {account.name}, password {account.password})\n"
        f"  technician: on an empty spot of the screen hold two seconds, tap three times, hold two seconds;\n"
        f"             number {technician.number}, code from an authenticator with {technician.secret}\n"
        f"Data and logs are in {demo.settings.data}. Ctrl-C ends everything.",
        flush=True,
    )


def _write_run(demo: _Demo) -> None:
    told = {
        "ports": asdict(demo.ports),
        "addresses": _addresses(demo),
        "display": demo.display,
        "settings": str(demo.settings.terminal),
        "account": str(demo.settings.data / demo_account.NAME),
    }
    pids = {name: child.pid for name, child in demo.children.items() if child.running}
    running.write(demo.settings.data, told, pids)


# ── owning ──────────────────────────────────────────────────────────────────
@contextlib.contextmanager
def _only_one(data: Path) -> Iterator[None]:
    """Holds the data folder. Raises DemoRuns when another demo does, or nobody can write there."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        held = (data / ".lock").open("w")
    except OSError as error:
        raise DemoRuns(f"no demo can write in {data} ({error.strerror}): name another --data") from None
    with held as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise DemoRuns(f"a demo runs with the data in {data}: end it, or name another --data") from None
        yield


@contextlib.contextmanager
def _signals(demo: _Demo) -> Iterator[None]:
    """SIGINT and SIGTERM ask the demo to end, as does SIGHUP, when its terminal window is closed."""

    def ask(number: int, frame: FrameType | None) -> None:
        demo.stop_asked = True

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, ask) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
