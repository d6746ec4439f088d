"""The demo's own account at the desk: made at its first start, kept in its folder, for its owner only."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from drivers.virtual import demo_secret
from drivers.virtual.processes import ProcessError

NAME = "account.json"
SECONDS = 60.0
DAYS = "3650"


@dataclass(frozen=True)
class Account:
    """Somebody who may everything at the demo's desk, and a token for the demo's own programs."""

    name: str
    password: str
    token: str


def ensure(data: Path, main: Path) -> Account:
    """The account of the demo in `data`; made with `main` (main.py) where it is not. ProcessError."""
    if (data / NAME).is_file() and (data / "hall" / "hall.db").is_file():
        return read(data)
    password = secrets.token_urlsafe(9)
    settings = str(data / "hall.toml")
    added = _hall(main, "add", "demo", "--command", "*", settings=settings, password=password)
    if added.returncode:  # the store knows it, but its password is gone
        _said(_hall(main, "password", "demo", settings=settings, password=password))
    token = _said(_hall(main, "token", "demo", "--label", "demo", "--days", DAYS, settings=settings))
    made = Account("demo", password, token)
    demo_secret.keep(data / NAME, asdict(made))
    return made


def read(data: Path) -> Account:
    """The account that is kept in `data`. OSError where none is."""
    return Account(**demo_secret.read(data / NAME))


def _hall(main: Path, *arguments: str, settings: str, password: str = "") -> subprocess.CompletedProcess[str]:
    """A command of the hall; the password goes by a pipe, since others can read a command line."""
    inner, outer = os.pipe()
    with open(outer, "w", encoding="utf-8") as pen:
        pen.write(password)
    try:
        told = ("--password-fd", str(inner)) if password else ()
        return subprocess.run(
            (sys.executable, str(main), "hall", "account", *arguments, "--settings", settings, *told),
            pass_fds=(inner,),
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProcessError(f"the demo's account was not made within {SECONDS:.0f} s") from None
    finally:
        os.close(inner)


def _said(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode:
        raise ProcessError(f"the demo's account was not made:\n{done.stderr.strip()}")
    return done.stdout.strip()
