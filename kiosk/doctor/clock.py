"""The clock: compared with what the hall's and the platform's servers say, and whether it is synchronised.

A wrong clock breaks certificates and puts a wrong time on papers, so it is told before them.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime

from config.words import Words, joined, words
from kiosk.doctor.parts import part
from kiosk.readiness.finding import Finding

WRONG = 60.0  # seconds away from the servers; codes by phone and signatures bear about as much
PROGRAM_SECONDS = 5.0


@dataclass
class Heard:
    """What servers said of the time, as seconds by which they are ahead of us. HTTP tells whole seconds."""

    ahead: dict[str, float] = field(default_factory=dict)

    def note(self, server: str, date: str) -> None:
        """`date` is the header of an answer that has just come (RFC 9110, 6.6.1); nonsense is not noted."""
        try:
            told = parsedate_to_datetime(date).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        self.ahead[server] = told + 0.5 - time.time()


def examine(heard: Heard) -> Finding:
    """The clock against all that was heard, and its synchronisation as far as this machine tells."""
    said = [_compared(server, seconds) for server, seconds in heard.ahead.items()]
    wrong = any(abs(seconds) > WRONG for seconds in heard.ahead.values())
    if not heard.ahead:
        said.append(words("doctor.clock_alone"))
    synchronised = is_synchronised()
    if synchronised is not None:
        said.append(words("doctor.synchronised" if synchronised else "doctor.not_synchronised"))
    return part(
        "time",
        joined(said),
        "clock_wrong" if wrong else "",
        "clock_unsynchronised" if synchronised is False else "",
    )


def _compared(server: str, ahead: float) -> Words:
    seconds = f"{abs(ahead):.0f}"
    named = words("doctor.part_hall" if server == "hall" else "doctor.part_platform")
    if seconds == "0":
        return words("doctor.clock_alike", server=named)
    return words("doctor.clock_behind" if ahead > 0 else "doctor.clock_ahead", server=named, seconds=seconds)


def is_synchronised() -> bool | None:
    """What timedatectl says; None on a machine without it, or without systemd."""
    program = shutil.which("timedatectl")
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "show", "--property=NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=PROGRAM_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return {"yes": True, "no": False}.get(done.stdout.strip())
