"""A bench of our own, with the settings of a terminal for it, and every hand of it that may do harm."""

from __future__ import annotations

import ast
import inspect
import textwrap
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings, load
from drivers.virtual import a4_condition, bench, receipt_condition
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.bench import BenchSettings
from drivers.virtual.bench_page import Bench
from drivers.virtual.demo_settings import DemoSettings, choose_ports, write_terminal
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.virtual_device import VirtualDevice
from kiosk.data import stock
from kiosk.data.store import Store

BLANKS = 40  # in the special printer's tray, and in the account
# What sets a device right again, whatever was done to it.
REPAIRS = {
    "id_card_reader": ("plug", "repair", "take"),
    "code_scanner": ("plug",),
    "io_board": ("plug", "repair"),
    "locker": ("plug", "repair"),
    "person_camera": ("plug", "uncover"),
    "document_camera": ("plug", "uncover", "remove"),
    "receipt_printer": ("plug", "speak", "close_cover", "clear_cutter", "refill", "tear"),
    "a4_printer": ("plug", "close_cover", "clear_jam", "change_toner", "refill", "take"),
    "special_printer": ("plug", "speak", "close_cover", "clear_cutter", "refill", "tear"),
}


@dataclass(frozen=True)
class Stand:
    """The bench and the settings that fit it."""

    bench: Bench
    settings: Settings

    def device(self, name: str) -> VirtualDevice:
        return self.bench.devices()[name]

    def act(self, device: str, action: str, **arguments: object) -> None:
        """Moves a hand."""
        self.device(device).act(action, **arguments)

    def mend(self, device: str) -> None:
        """As it was when new, with nothing under way in it: a job that the doctor gave up would swallow what
        is meant for the next one, or come out behind it."""
        for action in REPAIRS[device]:
            self.act(device, action)
        end = time.monotonic() + 60
        while self.device(device).state().get("printing"):
            assert time.monotonic() < end, f"{device} never came to rest"
            time.sleep(0.02)
        if device == "io_board":
            for contact in ("cabinet_door", "presence", "tray", "metal_detector"):
                self.act(device, "off", input=contact)
        if device == "locker":
            for door in range(1, 13):
                self.act(device, "free", door=door)
                self.act(device, "close", door=door)


@contextmanager
def stand(folder: Path) -> Iterator[Stand]:
    """A bench in `folder`, as fast as it can be, and a terminal that has never run but for its blanks."""
    ports = choose_ports(0)
    wires = BenchSettings(
        folder=folder / "bench",
        receipt_port=ports.receipt,
        a4_port=ports.a4,
        camera_port=ports.camera,
        document_port=ports.document,
        special_port=ports.special,
        real_time=False,
    )
    changes = {
        "data": str(folder / "terminal"),
        "devices.id_card_reader.port": str(folder / "bench" / "id-card-reader"),
        "devices.id_card_reader.options.timeout": 2.0,
        "devices.code_scanner.port": str(folder / "bench" / "code-scanner"),
        "devices.io_board.port": str(folder / "bench" / "io-board"),
        "devices.io_board.options.timeout": 2.0,
        "devices.receipt_printer.options.timeout": 2.0,
        "devices.special_printer.options.timeout": 2.0,
        # On a busy computer the bench draws slowly, which is not what is tried.
        "devices.person_camera.options": {"open_timeout": 20.0, "read_timeout": 10.0, "fresh_seconds": 5.0},
        "devices.document_camera.options": {"open_timeout": 20.0, "read_timeout": 10.0, "fresh_seconds": 5.0},
        "devices.locker.kind": "locker",
        "devices.locker.driver": "locker_8a",
        "devices.locker.port": str(folder / "bench" / "locker"),
        "devices.locker.options": {"locks": [12], "timeout": 2.0, "open_timeout": 8.0},
    }
    settings = load(write_terminal(DemoSettings(data=folder / "demo", changes=changes), ports))
    store = Store(settings.data)
    try:
        store.write_sync(lambda tx: stock.load(tx, "special_printer", BLANKS, "GZ000101"))
    finally:
        store.close()
    with bench.opened(wires) as made:
        made.special.act("load", first="GZ000101", count=BLANKS)
        yield Stand(made, settings)


def hands(device: VirtualDevice) -> set[str]:
    """Every action that this device of the bench knows, read from its code."""
    found = _spoken(type(device), "act") | _spoken(type(device), "_prepare")
    if isinstance(inner := getattr(device, "printer", None), VirtualReceiptPrinter):
        found |= hands(inner)
    if isinstance(device, VirtualReceiptPrinter):
        found |= set(receipt_condition.HANDS)
    if isinstance(device, VirtualA4Printer):
        found |= set(a4_condition.HANDS)
    return found


def _spoken(of: type, method: str) -> set[str]:
    """The texts that a method compares its `action` with, by `==`, `in` or `match`."""
    if not hasattr(of, method):
        return set()
    found: set[str] = set()
    for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(getattr(of, method))))):
        if isinstance(node, ast.Compare) and isinstance(node.left, ast.Name) and node.left.id == "action":
            found |= _texts(node)
        if isinstance(node, ast.match_case) and isinstance(node.pattern, ast.MatchSequence):
            found |= _texts(node.pattern.patterns[0])
    return found


def _texts(tree: ast.AST) -> set[str]:
    nodes = (one.value for one in ast.walk(tree) if isinstance(one, ast.Constant))
    return {value for value in nodes if isinstance(value, str)}
