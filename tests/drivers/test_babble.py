"""A device that never stops talking: each driver gives it up within its time-out, and keeps little of it."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from drivers.code_frames import CodeFrames
from drivers.code_scanner import SerialCodeScanner
from drivers.device import DeviceError
from drivers.id_card_reader import IdCardReader
from drivers.io_board import IoBoard
from drivers.locker import Locker
from drivers.receipt_printer import ReceiptPrinter

NOISE = bytes((0x01, 0x01, 0x80, 0x01, 0x00))  # as the boards' answers begin; none is whole
PLENTY = 60.0  # seconds; whoever does not give up listens for ever


# Waits for a question, then sends as fast as it is read. A program of its own: a thread of ours would pause
# whenever the driver works.
BABBLE = """
import socket, sys
line, _ = socket.socket(fileno=int(sys.argv[1])).accept()
line.recv(1)
while True:
    line.sendall(bytes.fromhex(sys.argv[2]) * 4000)
"""


@contextmanager
def babbler() -> Iterator[str]:
    """The port of a device that babbles once it has been asked something."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-c", BABBLE, str(listener.fileno()), NOISE.hex()]
        with subprocess.Popen(command, pass_fds=[listener.fileno()], stderr=subprocess.DEVNULL) as child:
            try:
                yield f"127.0.0.1:{listener.getsockname()[1]}"
            finally:
                child.kill()


def scan(port: str) -> Any:
    scanner = SerialCodeScanner(port=port, trigger="16540D")
    scanner.open()
    try:
        return scanner.read_code(0.2, fresh=False)
    finally:
        scanner.close()


def status(driver: Any) -> Any:
    try:
        driver.open()
        return driver.status()
    finally:
        driver.close()


@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(scan, id="code scanner"),
        pytest.param(lambda port: status(IoBoard(port=port, inputs={"tray": 0}, timeout=0.2)), id="io board"),
        pytest.param(lambda port: status(Locker(port=port, timeout=0.2)), id="locker"),
        pytest.param(lambda port: status(IdCardReader(port=port, timeout=0.2)), id="id card reader"),
        pytest.param(lambda port: status(ReceiptPrinter(port=port, timeout=0.2)), id="receipt printer"),
    ],
)
def test_given_a_line_that_never_falls_quiet_the_driver_comes_back(ask: Callable[[str], Any]) -> None:
    ended = threading.Event()

    def run(port: str) -> None:
        with suppress(DeviceError):
            ask(port)
        ended.set()

    with babbler() as port:
        threading.Thread(target=run, args=(port,), daemon=True).start()
        assert ended.wait(PLENTY), "it listens for ever"


def test_codes_that_nobody_asks_for_are_not_kept_for_ever() -> None:
    frames = CodeFrames(b"\r", pause=0.1)
    for number in range(1000):
        frames.feed(f"SOMEBODY{number}\r".encode(), number)
    kept = []
    while (code := frames.take()) is not None:
        kept.append(code)
    assert kept == [f"SOMEBODY{number}" for number in range(992, 1000)]
