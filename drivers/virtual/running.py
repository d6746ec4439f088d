"""What a running demo tells of itself: `run.json` in its data folder.

It holds ports, addresses, the settings file, and each process by number and time of start, since numbers
come again. Tests find their way by it, and `make kill` ends what a demo that was cut off has left.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

NAME = "run.json"


def write(data: Path, told: Mapping[str, object], pids: Mapping[str, int]) -> None:
    """Tells it, whole or not at all, since others read meanwhile. `pids`: the children by name."""
    processes = {name: _identify(pid) for name, pid in pids.items()}
    draft = data / f"{NAME}.new"
    text = json.dumps({**told, "process": _identify(os.getpid()), "processes": processes}, indent=1)
    draft.write_text(text, encoding="utf-8")
    draft.replace(data / NAME)


def read(data: Path) -> dict[str, Any] | None:
    """What the demo tells; None when none runs with this data, or it is not ready."""
    told = _read(data)
    return told if told and _alive(*told["process"]) else None


def forget(data: Path) -> None:
    """Takes it away, when the demo ends."""
    (data / NAME).unlink(missing_ok=True)


def kill(data: Path, patience: float = 20.0) -> str:
    """Ends a demo and all that it left running, kindly at first. Returns what was done, in words."""
    told = _read(data)
    if not told:
        return "nothing to end"
    ended = ["demo"] if _end(told["process"], patience) else []
    ended += [name for name, process in told["processes"].items() if _end(process, 1.0)]
    forget(data)
    return f"ended: {', '.join(ended)}" if ended else "nothing to end"


def _read(data: Path) -> dict[str, Any] | None:
    with contextlib.suppress(FileNotFoundError, ValueError):
        told = json.loads((data / NAME).read_text(encoding="utf-8"))
        if isinstance(told, dict):
            return told
    return None


def _identify(pid: int) -> tuple[int, float]:
    try:
        return pid, psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        return pid, 0.0


def _alive(pid: int, created: float) -> bool:
    return created != 0.0 and _identify(pid)[1] == created


def _end(process_told: tuple[int, float], patience: float) -> bool:
    """Whether there was something to end."""
    if not _alive(*process_told):
        return False
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(process_told[0])
        family = process.children(recursive=True)
        process.terminate()
        _, stubborn = psutil.wait_procs([process, *family], timeout=patience)
        for one in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
    return True
