"""What was found of a device or a part of the machine, as a line and as a page of its own."""

from __future__ import annotations

from config.faults import any_fault
from config.words import Words, words
from kiosk.prompts import Condition, Row, WorkLine, WorkSheet
from kiosk.readiness.finding import Finding
from kiosk.technician.fault_rows import fault_rows
from kiosk.technician.workshop import action


def line(value: str, found: Finding) -> WorkLine:
    """In a list: the name of its first fault, or else what was found."""
    told = any_fault(found.codes[0]).name if found.codes else found.found
    return WorkLine(value, _title(found), told, _stands(found))


def sheet(found: Finding) -> WorkSheet:
    """What was tried, found and left out, every code, and what to do about the first."""
    rows = [Row(words("technician.tried"), found.tried), Row(words("technician.found"), found.found)]
    rows += [Row(words("technician.untried"), found.untried)] if found.untried else []
    rows += fault_rows(found.codes)
    note = found.remedies[0] if found.codes else None
    return WorkSheet(_title(found), tuple(rows), (action("back"),), _stands(found), note)


def _title(found: Finding) -> Words:
    """As the devices' names are written; on the command line a part of the machine begins small."""
    return Words(found.title.zh, found.title.en[:1].upper() + found.title.en[1:])


def _stands(found: Finding) -> Condition:
    if not found.ready:
        return Condition.NOT_READY
    return Condition.ATTENTION if found.codes else Condition.READY
