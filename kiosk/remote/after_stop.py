"""What becomes of a command that was running when the terminal stopped, whatever stopped it.

One table: some commands *are* the stop; some may be done again, since twice harms nobody; for the rest nobody
can say how far they came, and that is what the hall is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kiosk.remote.commands import Kept

MOST_RUNS = 2  # a command that brings the terminal down each time is not tried for ever
Fate = Literal["done", "again", "failed"]


@dataclass(frozen=True)
class Start:
    """This start of the terminal: which one, of which start of the computer, with which software."""

    boot: int
    machine: str
    software: str


@dataclass(frozen=True)
class Settled:
    """How it goes on: `code` when it failed."""

    fate: Fate
    code: str = ""
    detail: str = ""


def machine_start() -> str:
    """A name of this start of the computer, another after each reboot; empty where the kernel gives none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def settle(kept: Kept, now: Start) -> Settled:
    """What to do with a command that is still `running` at this start."""
    return _TABLE.get(kept.name, _cut_off)(kept, now)


def _cut_off(kept: Kept, now: Start) -> Settled:
    return Settled("failed", "command_interrupted")


def _done_anew(kept: Kept, now: Start) -> Settled:
    return Settled("again") if kept.runs < MOST_RUNS else _cut_off(kept, now)


def _restarted(kept: Kept, now: Start) -> Settled:
    """Whatever ended it: it has started again since."""
    return Settled("done") if now.boot > kept.boot else _cut_off(kept, now)


def _rebooted(kept: Kept, now: Start) -> Settled:
    """Done when the computer itself has started since, and not the terminal alone."""
    return Settled("done") if now.machine and now.machine != kept.machine else _cut_off(kept, now)


def _updated(kept: Kept, now: Start) -> Settled:
    """Done when what runs now is what was wanted."""
    if now.software == kept.arguments.get("version"):
        return Settled("done")
    return Settled("failed", "command_interrupted", f"runs {now.software}")


_TABLE: Mapping[str, Callable[[Kept, Start], Settled]] = {
    "restart": _restarted,
    "reboot": _rebooted,
    "update": _updated,
    "lock": _done_anew,
    "unlock": _done_anew,
    "readiness_report": _done_anew,
    "logs": _done_anew,
    "sync_catalogue": _done_anew,
    # A slip may have come out, or a word been said: nobody wants it twice.
    "test_device": _cut_off,
    # Whoever agreed to it has gone.
    "screenshot": _cut_off,
}
