"""`python -m tests.chaos.nursery LOG`: forks the terminals and ingests of a chaos run.

Everything is imported once, so that fifty processes are there in a second and one that was killed is back
at once. Orders come as lines of JSON on stdin; what the children say goes to stdout, a line of JSON each
(`tests/chaos/children.py` is the other end).
"""

from __future__ import annotations

import ctypes
import json
import os
import selectors
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

import structlog

from tests.chaos import ingest_child, terminal_child

KINDS: dict[str, Callable[[dict[str, Any], Callable[..., None]], None]] = {
    "terminal": terminal_child.live,
    "ingest": ingest_child.live,
    "scheduler": ingest_child.schedule,
}
_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG, prctl(2)


def main() -> None:
    """Forks and tells of deaths until stdin ends; the children end with it."""
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 2)
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))  # stdout is for JSON
    born: dict[int, str] = {}
    pending = b""
    reading, writing = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(writing)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with selectors.DefaultSelector() as selector:
        selector.register(0, selectors.EVENT_READ)
        selector.register(reading, selectors.EVENT_READ)
        _say("nursery", "ready")
        while True:
            for key, _ in selector.select():
                if key.fd == reading:
                    os.read(reading, 4096)
                    _bury(born)
                    continue
                said = os.read(0, 65536)
                if not said:
                    return
                *lines, pending = (pending + said).split(b"\n")
                for line in lines:
                    order = json.loads(line)
                    born[_fork(order)] = order["name"]


def _bury(born: dict[int, str]) -> None:
    while born:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        _say(born.pop(pid), "died", code=os.waitstatus_to_exitcode(status))


def _fork(order: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        name = order["name"]
        _say(name, "born", pid=os.getpid())
        KINDS[order["kind"]](order, lambda what, **more: _say(name, what, **more))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)  # nothing of the nursery may be ended twice


def _say(name: str, what: str, **more: Any) -> None:
    os.write(1, json.dumps({"name": name, "said": what, **more}).encode() + b"\n")  # short: written whole


if __name__ == "__main__":
    main()
