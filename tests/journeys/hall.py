"""A whole hall on free ports: broker, bench, platform, ingest, scheduler, and a way to each end."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from config import settings as terminal_settings
from config.settings import Settings
from drivers.virtual import broker, demo_settings
from drivers.virtual.demo_settings import REPO, DemoSettings, Ports
from drivers.virtual.processes import Child, Command

QUICK = {"session.idle_seconds": 120.0, "link.health_seconds": 2.0, "platform.timeout_seconds": 20.0}


@dataclass(frozen=True)
class Hall:
    """The running hall. Children by name: broker, bench, platform, ingest, scheduler."""

    folder: Path
    ports: Ports
    children: dict[str, Child]
    catalogue: Path  # a folder of further services that terminal and platform read

    def settings(self, kiosk: str, **changes: Any) -> Settings:
        """Settings of a fresh terminal `kiosk` of this hall, with its own data folder."""
        data = self.folder / kiosk
        dotted = {name.replace("__", "."): value for name, value in changes.items()}
        chosen = DemoSettings(
            data=data,
            changes={
                **QUICK,
                "data": str(data / "terminal"),
                "catalogue": [str(self.catalogue)],
                "identity.kiosk": kiosk,
                "platform.trust": str(self.folder / "platform" / "root.pem"),
                "devices.id_card_reader.port": str(self.folder / "bench" / "id-card-reader"),
                "devices.code_scanner.port": str(self.folder / "bench" / "code-scanner"),
                "devices.io_board.port": str(self.folder / "bench" / "io-board"),
                "devices.io_board.options.timeout": 3.0,  # seconds; the bench of a busy computer is slow
                # These citizens leave their paper in the tray, for the test to count it.
                "devices.io_board.options.inputs": {"cabinet_door": 0},
                "devices.special_printer": None,  # a fresh terminal has no blanks; who wants some, adds it
                **dotted,
            },
        )
        return terminal_settings.load(demo_settings.write_terminal(chosen, self.ports))

    def act(self, device: str, action: str, **arguments: Any) -> None:
        """Does something at the bench: `act("id_card_reader", "put", person="zhang")`."""
        body = {"device": device, "action": action, **arguments}
        answer = httpx.post(f"{self.bench}/act", json=body, timeout=60.0, trust_env=False)
        assert answer.status_code == 204, answer.text

    def state(self) -> dict[str, Any]:
        """What the bench sees of its devices."""
        found: dict[str, Any] = httpx.get(f"{self.bench}/state", timeout=60.0, trust_env=False).json()
        return found

    def messages(self) -> list[dict[str, Any]]:
        """The text messages at the bench, newest first."""
        return list(httpx.get(f"{self.bench}/sms", timeout=60.0, trust_env=False).json())

    @property
    def bench(self) -> str:
        return f"http://127.0.0.1:{self.ports.bench}"

    @property
    def platform_database(self) -> Path:
        return next((self.folder / "platform").glob("*.db"), self.folder / "platform" / "platform.sqlite")

    @property
    def hall_database(self) -> Path:
        return self.folder / "hall" / "hall.db"

    def rows(self, database: Path, sql: str, *parameters: Any) -> list[dict[str, Any]]:
        """Rows of one of the hall's databases, read only."""
        connection = sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=60)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(sql, parameters)]
        finally:
            connection.close()


@contextmanager
def open_hall(folder: Path, page_seconds: float = 2.0) -> Iterator[Hall]:
    """Starts the hall in `folder` and ends it, whatever happens. `page_seconds`: of its A4 printer."""
    catalogue = folder / "services"
    catalogue.mkdir(parents=True)
    ports = demo_settings.choose_ports(0)
    base = DemoSettings(data=folder, changes={"catalogue": [str(catalogue)]})
    terminal = demo_settings.write_terminal(base, ports)
    hall = demo_settings.write_hall(base, ports, terminal)
    platform = demo_settings.write_platform(base, ports, terminal)
    unhurried = platform.read_text(encoding="utf-8")
    for limit, none in (
        ("code_pause_seconds = 10.0", "code_pause_seconds = 0.0"),
        ("hour = 60", "hour = 9999"),
    ):
        assert limit in unhurried
        unhurried = unhurried.replace(limit, none)
    platform.write_text(unhurried, encoding="utf-8")  # tests ask for more codes than a person may
    wires = demo_settings.wires(ports)
    cashier = ("--cashier", f"http://127.0.0.1:{ports.platform}", "--page-seconds", page_seconds)
    commands = (
        broker.command(folder / "broker", ports.broker),
        _own("bench", "demo", "bench", "--port", ports.bench, *wires, *cashier, "--folder", folder / "bench"),
        _own("platform", "hall", "platform", "--settings", platform),
        _own("ingest", "hall", "ingest", "--settings", hall),
        _own("scheduler", "hall", "scheduler", "--settings", hall),
    )
    children = {one.name: Child(one, folder / "logs" / f"{one.name}.log") for one in commands}
    try:
        for child in children.values():
            child.launch()
        for child in children.values():
            child.wait_ready(60)
        yield Hall(folder, ports, children, catalogue)
    finally:
        for child in reversed(children.values()):
            child.stop()


def _own(name: str, *arguments: object) -> Command:
    argv = (sys.executable, str(REPO / "main.py"), *(str(one) for one in arguments))
    return Command(name, argv, ready=f"^{name} ready")


def until(what: Callable[[], Any], seconds: float = 60.0, why: str = "") -> Any:
    """Waits until `what()` is true and returns it; fails with `why` when it never is."""
    end = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        assert time.monotonic() < end, why or f"waited {seconds} s in vain"
        time.sleep(0.05)
