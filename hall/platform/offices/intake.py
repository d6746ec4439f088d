"""自助收件: papers taken in before a window looks at them; originals wait in a compartment of the locker."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import insert, select

from config.platform_api import ORIGINALS_HOURS, ResultRow
from config.words import Words, same, words
from hall.platform.clock import as_utc
from hall.platform.office import Decision, Filing, Handler
from hall.platform.short_codes import short_code
from hall.platform.tables import lockers

COMPARTMENTS = 24  # at a terminal
KEPT = timedelta(hours=ORIGINALS_HOURS)


def _pre_accept(filing: Filing) -> Decision:
    """ZH04: a receipt; for originals a compartment with a code, or the window when all are full."""
    rows = [
        _row("item", filing.option("item", filing.text("item"))),
        _row("about", same(filing.text("about"))),
        _row("pages", filing.option("sheets", filing.text("sheets"))),
    ]
    compartment, message = 0, words("office_general.intake_message")
    if filing.text("originals") == "yes":
        compartment = _free(filing)
        if compartment:
            rows += _put_by(filing, compartment)
        else:
            message = words("office_general.intake_full")
    return Decision(
        "accepted",
        words("office_general.intake_title"),
        message,
        words("office_general.intake_event"),
        decided=False,
        rows=tuple(rows),
        compartment=compartment,
    )


def _free(filing: Filing) -> int:
    """The first compartment of the terminal that nothing lies in; 0 when all are full."""
    now = as_utc(filing.now)
    taken = set(
        filing.transaction.scalars(
            select(lockers.c.compartment).where(
                lockers.c.terminal == filing.submission.terminal, lockers.c.until > now
            )
        )
    )
    return next((number for number in range(1, COMPARTMENTS + 1) if number not in taken), 0)


def _put_by(filing: Filing, compartment: int) -> list[ResultRow]:
    code, until = short_code(6), filing.now + KEPT
    filing.transaction.execute(
        insert(lockers).values(
            case_no=filing.case_no,
            terminal=filing.submission.terminal,
            compartment=compartment,
            code=code,
            until=as_utc(until),
        )
    )
    return [
        _row("compartment", words("office_general.intake_number", number=compartment)),
        _row("code", same(code)),
        _row("until", same(f"{until:%Y-%m-%d %H:%M}")),
    ]


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"office_general.intake_{name}"), value=value)


HANDLERS = {"ZH04": Handler(decides=_pre_accept)}
