"""End a `make run` of this clone that was cut off: `python config/deploy/kill.py`.

Its children (broker, hall, bench, terminal) end with it. Processes of another clone or another user are
left alone.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
SECONDS = 15.0  # the demo ends its children in order


def main() -> int:
    """Ends them, by force after `SECONDS`; says how many there were."""
    found = demos()
    for pid in found:
        send(pid, signal.SIGTERM)
    end = time.monotonic() + SECONDS
    while demos() and time.monotonic() < end:
        time.sleep(0.1)
    for pid in demos():
        send(pid, signal.SIGKILL)
    print(f"kill: ended {len(found)} demo(s) of {REPO}")
    return 0


def demos() -> list[int]:
    """The processes that run `main.py demo` of this clone with its own Python."""
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and is_demo(entry)]


def is_demo(process: Path) -> bool:
    """Whether this is a demo of ours. False for one that ended meanwhile or that we may not look at."""
    try:
        words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
        folder = (process / "cwd").resolve(strict=True)
        python = REPO / ".venv" / "bin" / "python"
        return (
            len(words) > 2
            and (folder / words[0]).absolute() == python
            and (folder / words[1]).resolve() == REPO / "main.py"
            and words[2] == "demo"
        )
    except OSError:
        return False


def send(pid: int, what: signal.Signals) -> None:
    """A signal to a process that may just have ended."""
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        pass


if __name__ == "__main__":
    sys.exit(main())
