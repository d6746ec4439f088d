"""The commands that docs/technicians.md tells a technician to type, for the tests that type them."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

REPO = Path(__file__).resolve().parents[1]
MANUAL = (REPO / "docs" / "technicians.md").read_text("utf-8")
INSTALL, SYSTEM = "sudo bash install.sh ", ("sudo systemctl ", "sudo journalctl ")
_FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def commands() -> list[str]:
    """Every line of every fence, in order."""
    lines = [line.strip() for fence in _FENCE.findall(MANUAL) for line in fence.splitlines()]
    return [line for line in lines if line and not line.startswith("#")]


def on_a_bare_machine() -> list[list[str]]:
    """What install.sh is given, one list a command: tests/deploy/test_install.py runs it on a bare Debian."""
    return [shlex.split(line.removeprefix(INSTALL)) for line in commands() if line.startswith(INSTALL)]


def on_a_running_system() -> list[str]:
    """What systemd is asked, as root (tests/deploy/test_boot.py asks a booted machine)."""
    return [line.removeprefix("sudo ") for line in commands() if line.startswith(SYSTEM)]


def with_kiosk() -> list[str]:
    """What the program does: tests/test_technicians_manual.py types it at a demo terminal and a hall."""
    return [line for line in commands() if line.startswith("sudo kiosk ")]
