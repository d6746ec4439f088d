"""A terminal with a scripted citizen in a process of its own, to be killed.

`python -m tests.journeys.terminal_child SETTINGS HALL --visits N [--at POINT --do kill|wait]`
Prints `settled` when the citizen has finished, nothing is open and the outbox is empty.
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import pickle
import signal
import sys
from pathlib import Path

from config import settings as terminal_settings
from config.catalogue_files import load_catalogue
from config.settings import Settings
from kiosk import terminal
from kiosk.data.records import open_records
from kiosk.data.store import read_only
from kiosk.prompts import Chosen, Consent
from mqtt import outbox
from tests.journeys import points
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall

PR_SET_PDEATHSIG = 1  # prctl(2)


def main() -> None:
    """Runs until stdin closes."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # never outlive the test
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("settings", type=Path)
    parser.add_argument("hall", type=Path, help="a pickled Hall without its children")
    parser.add_argument("--visits", type=int, default=1)
    parser.add_argument("--at", choices=(*points.POINTS, *points.MONEY_POINTS))
    parser.add_argument("--service", default="SB01")
    parser.add_argument("--do", choices=("kill", "wait"), default="kill")
    told = parser.parse_args()
    if told.at:
        points.reach(told.at, points.kill_self if told.do == "kill" else points.tell_parent_and_wait)
    hall: Hall = pickle.loads(told.hall.read_bytes())
    asyncio.run(serve(terminal_settings.load(told.settings), hall, told.visits, told.service))


async def serve(settings: Settings, hall: Hall, visits: int, service: str, person: str = "zhang") -> None:
    """The core, with a citizen who takes the quick way: a code instead of his face."""
    citizen = Citizen(hall, person=person, visits=visits, service=service, ways={Consent: Chosen("other")})
    core = asyncio.create_task(terminal.serve(settings, load_catalogue(settings.catalogue), citizen))
    finished = asyncio.create_task(citizen.finished.wait())
    await asyncio.wait({core, finished}, return_when=asyncio.FIRST_COMPLETED)
    if core.done():
        await core
    while not _settled(settings.data):  # noqa: ASYNC110  (a store that others write has no event)
        await asyncio.sleep(0.1)
    print("settled\n", end="", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    core.cancel()
    await asyncio.gather(core, return_exceptions=True)


def _settled(data: Path) -> bool:
    """Nothing is under way; a print that only staff can settle may stay unknown."""
    with read_only(data) as read:
        still = [r for r in open_records(read) if not (r.kind == "print" and r.state == "unknown")]
        return not still and outbox.depth(read) == 0


if __name__ == "__main__":
    main()
