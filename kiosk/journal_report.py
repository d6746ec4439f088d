"""`main.py journal verify`: does the journal hold, and does the hall have what it says?"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import httpx

from config.settings import Settings
from kiosk import journal
from kiosk.journal import HallRow, Report
from kiosk.store import StoreError, read_only

PAGE = 500


def run(settings: Settings, hall: str | None) -> int:
    """Prints what was found; 0 all agrees, 1 something does not, 2 it cannot be read."""
    try:
        with read_only(settings.data) as read:
            reports = [("journal", journal.verify(read))]
            if hall is not None:
                reports.append(("hall", journal.compare(read, _hall_rows(settings, hall))))
    except StoreError as error:
        print(f"{error.code}: {error.detail}", file=sys.stderr)
        return 2
    except httpx.HTTPError as error:
        print(
            f"the hall at {hall} does not answer ({type(error).__name__}): check the address", file=sys.stderr
        )
        return 2
    for name, report in reports:
        _print(name, report)
    return 0 if all(report.sound for _, report in reports) else 1


def _hall_rows(settings: Settings, hall: str) -> Iterator[HallRow]:
    """Every message that the hall holds of this terminal, page by page."""
    identity = settings.identity
    path = f"/api/terminals/{identity.area}/{identity.hall}/{identity.kiosk}/messages"
    with httpx.Client(base_url=hall, timeout=10.0, trust_env=False) as client:
        after = 0
        while True:
            answer = client.get(path, params={"after": after, "limit": PAGE})
            answer.raise_for_status()
            rows = answer.json()["items"]
            for row in rows:
                fields = ("id", "stream", "boot", "seq", "digest", "head")
                yield HallRow(**{field: row[field] for field in fields})
            if len(rows) < PAGE:
                return
            after = rows[-1]["n"]


def _print(name: str, report: Report) -> None:
    state = "sound" if report.sound else f"{len(report.problems)} problems"
    print(f"{name}: {report.entries} entries, head {report.head[:16]}…, {state}")
    for problem in report.problems:
        print(f"  {problem.what}: entry {problem.n} {problem.id}")
