"""The demo's own technician: registered at its first start, kept in its folder, for its owner only."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from drivers.virtual import demo_secret
from drivers.virtual.processes import ProcessError

NAME = "technician.json"
NUMBER = "107"
SECONDS = 60.0
_TYPED = re.compile(r"^or type it: ([A-Z2-7 ]+)$", re.MULTILINE)


@dataclass(frozen=True)
class DemoTechnician:
    """Who may enter the technician's mode, with the secret (Base32) for an authenticator app."""

    number: str
    secret: str


def ensure(data: Path, terminal: Path, main: Path) -> DemoTechnician:
    """The technician of the demo in `data`, whose terminal has these settings. ProcessError."""
    if (data / NAME).is_file() and (data / "technicians.toml").is_file():
        return read(data)
    command = (sys.executable, str(main), "technician", "add", NUMBER, "--anew", "--settings", str(terminal))
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise ProcessError(f"the demo's technician was not registered within {SECONDS:.0f} s") from None
    typed = _TYPED.search(said.stdout)
    if said.returncode or typed is None:
        raise ProcessError(f"the demo's technician was not registered:\n{said.stderr.strip()}")
    made = DemoTechnician(NUMBER, typed[1].replace(" ", ""))
    demo_secret.keep(data / NAME, asdict(made))
    return made


def read(data: Path) -> DemoTechnician:
    """The technician that is kept in `data`. OSError where none is."""
    return DemoTechnician(**demo_secret.read(data / NAME))
