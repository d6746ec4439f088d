"""Ten virtual devices in a process of their own: `python -m tests.bench.ten_devices FOLDER`.

Prints one line of JSON, a device's settings by its name, when all of them can be used; ends with its input.
"""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.code_scanner import VirtualCodeScanner
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.io_board import VirtualIoBoard
from drivers.virtual.locker import VirtualLocker
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from drivers.virtual.virtual_device import VirtualDevice

BOARD = {"inputs": {"door": 0}, "lights": {"card": 0}, "strikes": {"door": 1}}


def main(folder: Path) -> None:
    """Starts them, tells where they are, and waits for the end of the input."""
    ports = [choose_ports(0).camera for _ in range(2)]
    office = VirtualA4Printer(choose_ports(0).a4, folder / "a4")
    over_tcp, special = VirtualReceiptPrinter(), VirtualReceiptPrinter()
    cameras = VirtualCamera(ports[0]), VirtualDocumentCamera(ports[1])
    lines: dict[str, VirtualDevice] = {
        "reader": VirtualIdCardReader(folder / "reader"),
        "scanner": VirtualCodeScanner(folder / "scanner"),
        "receipt": VirtualReceiptPrinter(link=folder / "receipt"),
        "board": VirtualIoBoard(folder / "board"),
        "locker": VirtualLocker(folder / "locker"),
    }
    with ExitStack() as running:
        devices: list[VirtualDevice] = [office, over_tcp, special, *cameras, *lines.values()]
        for device in devices:
            device.start()
            running.callback(device.stop)
        told: dict[str, dict[str, Any]] = {
            "reader": _one("id_card_reader", "id_card_reader_serial", folder / "reader"),
            "scanner": _one("code_scanner", "code_scanner_serial", folder / "scanner"),
            "receipt": _one("receipt_printer", "receipt_printer_serial", folder / "receipt"),
            "second": _one("receipt_printer", "receipt_printer_tcp", f"127.0.0.1:{over_tcp.port}"),
            "office": _one("a4_printer", "a4_printer_ipp", f"ipp://127.0.0.1:{office.port}/ipp/print"),
            "special": _one("special_printer", "special_printer_escpos", f"127.0.0.1:{special.port}"),
            "person": _one("person_camera", "camera", cameras[0].url),
            "table": _one("document_camera", "document_camera", cameras[1].url),
            "board": _one("io_board", "io_board_modbus", folder / "board") | {"options": BOARD},
            "locker": _one("locker", "locker_8a", folder / "locker"),
        }
        print(json.dumps(told), flush=True)
        sys.stdin.read()


def _one(kind: str, driver: str, port: Path | str) -> dict[str, Any]:
    return {"kind": kind, "driver": driver, "port": str(port)}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
