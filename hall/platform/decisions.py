"""What the office decides on a submission: one function a service, and one for all the others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection

from config.people import Person
from config.platform_api import IssuedDocument, ResultRow, Submission, Value
from config.service import Service
from config.words import Words, same, words
from hall.platform import windows
from hall.platform.insurance import paid, pension_year, years_on_record
from hall.platform.issuing import Issued, Request, issue
from hall.platform.parts import Parts
from hall.platform.subjects import Subject


@dataclass(frozen=True)
class Filing:
    """One checked submission within its transaction."""

    parts: Parts
    transaction: Connection
    service: Service
    submission: Submission
    subject: Subject | None
    case_no: str
    now: datetime

    def option(self, field: str, value: str) -> Words:
        """The name of an option of the form."""
        options = next(spec.options for spec in self.service.fields if spec.key == field)
        return next(option.name for option in options if option.value == value)


@dataclass(frozen=True)
class Decision:
    """What was decided. `event` is the last line of the case's progress."""

    state: Literal["accepted", "refused"]
    title: Words
    message: Words
    event: Words
    decided: bool = True
    rows: tuple[ResultRow, ...] = ()
    documents: tuple[IssuedDocument, ...] = ()


def decide(filing: Filing) -> Decision:
    """The decision, with everything it makes written in the filing's transaction.

    A service without a function of its own is taken in and left to the department.
    """
    return _DECISIONS.get(filing.service.id, _take_in)(filing)


def _take_in(filing: Filing) -> Decision:
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("platform.accepted_message"),
        words("platform.event_pending"),
        decided=False,
    )


def _queue_number(filing: Filing) -> Decision:
    """ZH03: a number at the window, and how many wait before it."""
    window = _text(filing.submission.values["window"])
    offered = next(spec.options for spec in filing.service.fields if spec.key == "window")
    ticket = windows.take(filing.transaction, tuple(o.value for o in offered), window, filing.now)
    return Decision(
        "accepted",
        words("platform.zh03_title"),
        words("platform.zh03_message"),
        words("platform.event_ticket", ticket=ticket.text),
        rows=(
            _row("ticket", same(ticket.text)),
            _row("window", filing.option("window", window)),
            _row("waiting", same(str(ticket.waiting))),
            _row("minutes", _wait(ticket.minutes)),
        ),
    )


def _proof_of_insurance(filing: Filing) -> Decision:
    """SB01: a certificate of what was paid in the period, or a kind no when nothing was."""
    values = filing.submission.values
    person = filing.subject.person if filing.subject else None
    found = (
        paid(person, tuple(values["insurances"]), _text(values["from"]), _text(values["to"]))
        if person is not None
        else ()
    )
    if not found:
        return Decision(
            "refused",
            words("platform.sb01_none_title"),
            words("platform.sb01_none_message"),
            words("platform.event_refused"),
        )
    assert person is not None
    facts = {
        "first": _text(values["from"]),
        "last": _text(values["to"]),
        "insurances": [{**asdict(row), "name": filing.option("insurances", row.kind).zh} for row in found],
    }
    purpose = filing.option("purpose", _text(values["purpose"]))
    issued = _issue(filing, "sb01", person, purpose, facts)
    names = [filing.option("insurances", row.kind) for row in found]
    listed = names[0]
    for name in names[1:]:
        listed = words("platform.listed", first=listed, rest=name)
    return Decision(
        "accepted",
        words("platform.sb01_title"),
        words("platform.sb01_message"),
        words("platform.event_issued"),
        rows=(
            _row("insurances", listed),
            _row("period", same(f"{values['from']} – {values['to']}")),
            _row("valid_until", same(issued.valid_until)),
            _row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _pension_year(filing: Filing) -> Decision:
    """SB02: what was paid for the pension in one year, front and back of a sheet."""
    year = _text(filing.submission.values["year"])
    person = filing.subject.person if filing.subject else None
    if person is None or year not in years_on_record(person, filing.now.date()):
        return Decision(
            "refused",
            words("platform.sb01_none_title"),
            words("platform.sb02_none_message"),
            words("platform.event_refused"),
        )
    told = pension_year(person, int(year))
    facts = {
        "year": year,
        "employer": told.employer,
        "months": sum(told.paid),
        "total": told.totals[-1],
        "since": told.since,
        "until": told.until,
        "table": [
            {
                "month": f"{year}-{month:02}",
                "state": words("platform.month_paid" if paid else "platform.month_unpaid").zh,
                "total": total,
            }
            for month, (paid, total) in enumerate(zip(told.paid, told.totals, strict=True), start=1)
        ],
    }
    issued = _issue(filing, "sb02", person, words("platform.sb02_purpose"), facts)
    return Decision(
        "accepted",
        words("platform.sb01_title"),
        words("platform.sb02_message"),
        words("platform.event_issued"),
        rows=(
            _row("year", same(year)),
            _row("months", same(str(sum(told.paid)))),
            _row("valid_until", same(issued.valid_until)),
            _row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def _issue(filing: Filing, template: str, holder: Person, purpose: Words, facts: dict[str, Any]) -> Issued:
    request = Request(template, filing.case_no, holder, purpose, facts)
    return issue(filing.parts, filing.transaction, request, filing.now)


def _wait(minutes: int) -> Words:
    return words("platform.minutes", minutes=minutes) if minutes else words("platform.no_wait")


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"platform.row_{name}"), value=value)


def _text(value: Value) -> str:
    assert isinstance(value, str), "checks.py let another kind through"
    return value


_DECISIONS: dict[str, Callable[[Filing], Decision]] = {
    "SB01": _proof_of_insurance,
    "SB02": _pension_year,
    "ZH03": _queue_number,
}
