"""What `main.py journal verify` prints: the journal's chain, and beside it what the hall has seen."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator

import httpx

from config.settings import Settings
from kiosk.data import journal
from kiosk.data.journal import HallRow, Report
from kiosk.data.store import StoreError, read_only
from kiosk.enrolment import identity

PAGE = 1000
LOOKS = 3
REMEDY = (
    "show it a token of an account that may watch this terminal's area (main.py hall account token), "
    "in the environment as KT_HALL_TOKEN or in a file with --hall-token"
)
_TOLD = HallRow.__dataclass_fields__


def run(settings: Settings, hall: str | None = None, token: str = "") -> int:
    """Checks and prints; `hall` is the address of the desk to compare with, `token` what it knows us by.

    Returns 0 when all is sound, 1 when it is not, 2 when a side cannot be read.
    """
    try:
        with read_only(settings.data) as read:
            sound = _say("journal", journal.verify(read))
        if hall:
            sound = _say("hall", _compared(settings, hall, token)) and sound
    except StoreError as error:
        print(f"{error}\n  look at `data` in the settings: {settings.data}")
        return 2
    except identity.IdentityError as error:
        print(error)
        return 2
    except httpx.HTTPStatusError as error:
        print(f"the hall at {hall} says {error.response.status_code}: {REMEDY}")
        return 2
    except (httpx.HTTPError, OSError) as error:
        print(f"the hall at {hall} does not answer ({type(error).__name__}): check the address of its desk")
        return 2
    return 0 if sound else 1


def _compared(settings: Settings, hall: str, token: str) -> Report:
    """Looks again when the two differ: a terminal at work may have told the hall something in between."""
    place = settings.identity
    path = f"{place.area}/{place.hall}/{place.kiosk}"
    verify = _trusted(settings)
    for look in range(LOOKS):
        if look:
            time.sleep(1.0)
        with read_only(settings.data) as read:
            report = journal.compare(read, _rows(hall, path, token, verify))
        if report.sound:
            break
    return report


def _trusted(settings: Settings) -> ssl.SSLContext | bool:
    """The roots that the enrolment brought; the system's own where there is none. IdentityError."""
    found = identity.readable(settings.data)
    return True if found is None else ssl.create_default_context(cadata=found.roots())


def _say(what: str, report: Report) -> bool:
    print(f"{what}: {report.entries} entries, {len(report.problems)} problems, head {report.head[:16]}")
    for problem in report.problems:
        print(f"  {problem.what}  entry {problem.n or '-'}  {problem.id}")
    return report.sound


def _rows(hall: str, path: str, token: str, verify: ssl.SSLContext | bool) -> Iterator[HallRow]:
    """Every message of the terminal that the hall has stored, page by page."""
    address = f"{hall.rstrip('/')}/api/terminals/{path}/messages"
    after = 0
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(timeout=10.0, trust_env=False, headers=headers, verify=verify) as http:
        while True:
            answer = http.get(address, params={"after": after, "limit": PAGE}).raise_for_status()
            items = answer.json()["items"]
            yield from (HallRow(**{name: item[name] for name in _TOLD}) for item in items)
            if len(items) < PAGE:
                return
            after = items[-1]["n"]
