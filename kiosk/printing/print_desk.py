"""What staff do about prints: look, print one again, say how one ended that the terminal cannot know of.

The list is read from the store, also when no terminal runs. The rest is the running terminal's to do: it has
the printers, and knows whether a citizen stands before it.
"""

from __future__ import annotations

import sqlite3
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from config.faults import any_fault
from config.identifiers import made_at
from config.settings import Settings
from kiosk import control
from kiosk.control import Answer, Asked, Reprint, Settle
from kiosk.data import records
from kiosk.data.records import Record
from kiosk.data.store import StoreError, read_only
from kiosk.printing.reprint import Fate

RECENT = 20
PATIENCE = 300.0  # seconds: a print takes its time, and the one before it too
_SHOWN = 8  # characters of a certificate's number


def show(settings: Settings) -> int:
    """Lists the open prints and the newest ones, nothing personal; 0."""
    try:
        with read_only(settings.data) as read:
            found = records.prints(read, RECENT)
    except StoreError:  # nothing has ever run here
        found = []
    except sqlite3.Error:
        print("this store is of an older software: start the terminal once, then say this again")
        return 1
    zone = ZoneInfo(settings.identity.time_zone)  # the hall's time, as on the papers themselves
    for record in found:
        print(described(record, zone))
    if not found:
        print("nothing has been printed here")
    return 0


def reprint(settings: Settings, record: str) -> int:
    """Has a document printed again; 0, or 1 with the reason why not."""
    return _ask(settings, Reprint(record))


def settle(settings: Settings, record: str, fate: Fate) -> int:
    """Says how an unknown print ended; 0, or 1 with the reason why not."""
    return _ask(settings, Settle(record, fate))


def described(record: Record, zone: ZoneInfo) -> str:
    """One print in a line: a certificate by the end of its number, no other paper has one."""
    when = datetime.fromtimestamp(made_at(record.id), zone).strftime("%Y-%m-%d %H:%M:%S")
    number = f"…{records.document_name(record.key)[-_SHOWN:]}" if record.document == "certificate" else "-"
    state = record.state if record.begun else f"{record.state}, nothing came out"
    decided = f", decided by {record.decided_by}" if record.decided_by else ""
    what = record.document or "(not known)"
    return f"{record.id}  {when}  {record.service}  {what}  {number}  copy {record.copy}  {state}{decided}"


def _ask(settings: Settings, asked: Asked) -> int:
    try:
        answer = control.ask(settings.data, asked, PATIENCE)
    except (OSError, ValueError) as error:
        print(f"the terminal did not answer ({type(error).__name__}): look at the list, then try again")
        return 1
    if answer is None:
        print("no terminal runs on this data folder: start it, then say this again")
        return 1
    return _told(answer)


def _told(answer: Answer) -> int:
    if answer.state:
        print(f"{answer.record}  {answer.state}")
    if answer.code:
        print(f"{answer.code}: {any_fault(answer.code).technician.en}", file=sys.stderr)
    return 0 if answer.state and not answer.code else 1
