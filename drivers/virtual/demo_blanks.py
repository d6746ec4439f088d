"""The demo's first pack of certificate blanks: into the terminal's account, and into the tray at the bench.

It is what a technician does before the terminal's first start. Later packs are his, too.
"""

from __future__ import annotations

import json
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from drivers.virtual import special_tray
from drivers.virtual.demo_settings import DemoSettings
from drivers.virtual.processes import POLL_SECONDS, Child, Command, ProcessError

FIRST, COUNT = "YZ000101", 50
SECONDS = 60.0


def enter(demo: DemoSettings, main: Path) -> Child | None:
    """Begins to enter the pack with `main` (main.py), side by side with the servers' start.

    None where terminal and tray remember: a pack was loaded at an earlier start.
    """
    if (demo.data / "bench" / special_tray.NAME).is_file() and any((demo.data / "terminal").glob("*.sqlite")):
        return None
    load = ("stock", "load", "--settings", demo.terminal, "--count", COUNT, "--first", FIRST)
    argv = (sys.executable, str(main), *(str(one) for one in load))
    child = Child(Command("stock", argv), demo.logs / "stock.log")
    child.launch()
    return child


def lay(pack: Child, bench: int, meanwhile: Callable[[], None]) -> None:
    """Waits until the account has the pack, and lays it into the tray at the bench (its `bench` port).

    An account that refuses it (it holds others) leaves the tray as it is: numbers must not differ.
    ProcessError when it takes too long.
    """
    end = time.monotonic() + SECONDS
    while pack.running:
        if time.monotonic() > end:
            raise ProcessError(f"the blanks were not entered within {SECONDS:.0f} s")
        meanwhile()
        time.sleep(POLL_SECONDS)
    if pack.code != 0:
        print(f"no blanks were loaded:\n{pack.tail()}", file=sys.stderr, flush=True)
        return
    for action in ({"action": "empty"}, {"action": "load", "first": FIRST, "count": COUNT}):
        body = json.dumps({"device": "special_printer", **action}).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{bench}/act", body)
        try:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10).close()
        except OSError as error:
            raise ProcessError(f"the bench did not take the blanks: {error}") from None
