"""The running demo: started as `make run` starts it, headless, in a folder and on ports of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil

from drivers.virtual import demo_account, running
from drivers.virtual.processes import Child, Command
from kiosk.data import store
from tests.smoke.citizen import Bench, Citizen
from tests.smoke.line import Line
from tests.smoke.listener import Listener
from tests.smoke.report import Report, Stuck
from tests.smoke.window import Window

REPO = Path(__file__).resolve().parents[2]
WIDE = (1280, 720)  # pixels of a window that lies
IDLE, WARN = 50, 26  # seconds of the terminal's time-out, and how long before it the warning comes


class Whole:
    """Owns the demo's process and what watches it. Use it as a context manager."""

    def __init__(self, folder: Path, report: Report, wide: bool = False) -> None:
        self.folder, self._wide = folder, wide
        self.report = report
        self.data = folder / "data"
        self.line = Line(self._broker_port)
        self.demo = Child(self._command(), folder / "demo.log")
        self.told: dict[str, Any] = {}

    def start(self) -> None:
        """Starts everything and waits until the home page stands. Stuck with the last lines otherwise."""
        self.demo.launch()
        self.demo.wait_ready(90)
        self.told = running.read(self.data) or {}
        ports = self.told["ports"]
        self.bench = Bench(ports["bench"])
        self.window = Window(self.told["display"], self.folder / "outline")
        self.listener = Listener(ports["broker"])
        self.listener.open()
        self.window.page("Home", seconds=60)

    def stop(self) -> int | None:
        """Ends it as Ctrl-C does. Returns its exit code."""
        if hasattr(self, "listener"):
            self.listener.close()
            self.bench.close()
        return self.demo.stop(60)

    def close(self) -> None:
        self.stop()
        self.line.close()

    def citizen(self, key: str) -> Citizen:
        """One of the invented people, at this terminal."""
        return Citizen(key, self.window, self.bench)

    # ── processes ───────────────────────────────────────────────────────────
    def pid(self, name: str) -> int:
        """The process of a child, 0 when it does not run."""
        told = running.read(self.data) or {}
        return int(told.get("processes", {}).get(name, (0, 0))[0])

    def kill9(self, name: str) -> int:
        """Ends a child as a power cut would. Returns the number it had."""
        pid = self.pid(name)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return pid

    def wait_restarted(self, name: str, before: int, seconds: float = 60.0) -> None:
        """Waits until the demo has started a child again."""
        end = time.monotonic() + seconds
        while self.pid(name) in (0, before):
            if time.monotonic() > end:
                raise Stuck(f"the demo did not start the {name} again")
            time.sleep(0.05)

    @contextlib.contextmanager
    def halted(self, name: str) -> Iterator[None]:
        """The child does nothing meanwhile (SIGSTOP)."""
        os.kill(self.pid(name), signal.SIGSTOP)
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid(name), signal.SIGCONT)

    def family(self) -> list[psutil.Process]:
        """The demo and all that it started, at any depth."""
        demo = psutil.Process(self.demo.pid)
        return [demo, *demo.children(recursive=True)]

    # ── the ends ────────────────────────────────────────────────────────────
    def terminal(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the terminal's own store."""
        with store.read_only(self.data / "terminal") as read:
            return read.execute(query, values).fetchall()

    def platform(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Rows of the platform's own database."""
        (database,) = (self.data / "platform").glob("*.db")
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=5)) as base:
            return base.execute(query, values).fetchall()

    def hall(self, what: str) -> list[dict[str, Any]]:
        """All rows of the hall's API: cases, prints, ratings, sessions …"""
        address = f"http://127.0.0.1:{self.told['ports']['desk']}/api/{what}"
        rows: list[dict[str, Any]] = []
        headers = {"Authorization": f"Bearer {self.account.token}"}
        with httpx.Client(timeout=30.0, trust_env=False, headers=headers) as http:
            while True:
                after = rows[-1]["n"] if rows else 0
                page = http.get(address, params={"after": after, "limit": 200}).raise_for_status().json()
                items = page["items"] if isinstance(page, dict) else page
                rows += items
                if len(items) < 200:
                    return rows

    @property
    def account(self) -> demo_account.Account:
        """Who may look at the desk."""
        return demo_account.read(self.data)

    @property
    def path(self) -> str:
        """The terminal as area/hall/kiosk."""
        told = tomllib.loads((self.data / "terminal.toml").read_text(encoding="utf-8"))["identity"]
        return f"{told['area']}/{told['hall']}/{told['kiosk']}"

    @property
    def desk_page(self) -> str:
        """The terminal's page on the desk."""
        return f"/terminals/{self.path}"

    def hall_messages(self) -> list[dict[str, Any]]:
        """Every message of this terminal that the hall has stored."""
        return self.hall(f"terminals/{self.path}/messages")

    def newest(self, what: str, document: str) -> dict[str, Any]:
        """The hall's youngest row of a kind of print."""
        return [row for row in self.hall(what) if row["document"] == document][-1]

    def health_of(self, device: str, level: str, since: float, seconds: float = 60.0) -> float:
        """Waits until the terminal tells the broker of a device's paper; returns that moment (monotonic)."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for heard in self.listener.heard("health", since):
                for told in heard.data["devices"]:
                    if told["name"] == device and told.get("supplies", {}).get("paper") == level:
                        return heard.at
            time.sleep(0.02)
        raise Stuck(f"the terminal never told that the paper of {device} is {level}")

    def outbox(self) -> int:
        """Messages that the hall has not acknowledged."""
        return int(self.terminal("SELECT COUNT(*) FROM outbox")[0][0])

    def main(self, *arguments: str) -> tuple[int, str]:
        """Runs `main.py …` of this tree: exit code and what it printed."""
        done = subprocess.run(
            [sys.executable, str(REPO / "main.py"), *arguments], capture_output=True, text=True, timeout=150
        )
        return done.returncode, done.stdout + done.stderr

    # ── starting ────────────────────────────────────────────────────────────
    def _command(self) -> Command:
        changes = {
            "link.port": self.line.port,  # by way of our own wire
            "screen.outline_socket": self.folder / "outline",
            # The citizens of this test leave their paper in the tray, to be counted.
            "devices.io_board.options.inputs": "{cabinet_door = 0}",
            "session.idle_seconds": IDLE,
            "session.warn_seconds": WARN,
        }
        argv = [sys.executable, str(REPO / "main.py"), "demo", "--data", str(self.data)]
        argv += ["--port-base", "0", "--headless", "--no-view"]
        if self._wide:
            argv += ["--size", "x".join(map(str, WIDE))]
        for key, value in changes.items():
            argv += ["--set", f"{key}={value}"]
        return Command("demo", argv, ready="The hall is open", stop_signal=signal.SIGINT)

    def _broker_port(self) -> int:
        settings = tomllib.loads((self.data / "hall.toml").read_text(encoding="utf-8"))
        return int(settings["broker"]["port"])
