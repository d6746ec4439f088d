"""What a department does for a service: it knows, it answers, it decides. `offices/` has one file for each.

The platform (the counter) believes no terminal: it has checked identity, form, papers and signature before
an office is asked. An office in this process reads `registers/`; one with a system of its own is asked over
HTTP (`department.py`). Either way: one submission, one case, no second entry (受办分离).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from sqlalchemy import Connection

from config.people import Person
from config.platform_api import (
    CasePart,
    Deficit,
    FormData,
    IssuedDocument,
    QueryResult,
    Referral,
    ResultRow,
    Submission,
)
from config.platform_body import Value
from config.service import Service
from config.words import Words, words
from hall.platform.authorisations import Acting
from hall.platform.issuing import Issued, Request, issue
from hall.platform.parts import Parts
from hall.platform.subjects import Subject


@dataclass(frozen=True)
class Asking:
    """Somebody asks about a service: for its form, or a question. `values` is the form so far."""

    parts: Parts
    service: Service
    subject: Subject | None
    now: datetime
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def person(self) -> Person | None:
        """The citizen whom the register knows under the card; None without a card or record."""
        return self.subject.person if self.subject else None

    @property
    def today(self) -> date:
        """The day here."""
        return self.now.date()

    def text(self, key: str) -> str:
        """A value that is one text; empty when it was not given."""
        return text(self.values.get(key, ""))

    def option(self, key: str, value: str) -> Words:
        """The name of an option of the form."""
        return option(self.service, key, value)


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
    acting: Acting | None = None  # who acts for the subject, when he is not there himself

    @property
    def person(self) -> Person | None:
        """The citizen whom the register knows under the card; None without a card or record."""
        return self.subject.person if self.subject else None

    @property
    def today(self) -> date:
        """The day here."""
        return self.now.date()

    def text(self, key: str) -> str:
        """A value that is one text; empty when it was not given."""
        return text(self.submission.values.get(key, ""))

    def option(self, key: str, value: str) -> Words:
        """The name of an option of the form."""
        return option(self.service, key, value)

    def issue(self, template: str, holder: Person, purpose: Words, facts: dict[str, Any]) -> Issued:
        """A certificate of this case. Refused `certificate_failed`."""
        request = Request(template, self.case_no, holder, purpose, facts)
        return issue(self.parts, self.transaction, request, self.now)


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
    parts: tuple[CasePart, ...] = ()
    deficit: Deficit | None = None
    referral: Referral | None = None
    compartment: int = 0  # of the terminal's locker, for originals
    ready_on: date | None = None  # from when a paper that is made after review can be collected


@dataclass(frozen=True)
class Handler:
    """What an office does for one service; what it does not do is None.

    `knows` fills the form in; `answers` a query, or the look before printing; `decides` a submission, all
    that it makes written in the filing's transaction. `price`: fen, of a service that is priced by a field.
    `has`: the keys of materials that the office holds itself or may ask another for.
    """

    knows: Callable[[Asking], FormData] | None = None
    answers: Callable[[Asking], QueryResult] | None = None
    decides: Callable[[Filing], Decision] | None = None
    price: Callable[[Asking], int] | None = None
    has: Callable[[Asking], frozenset[str]] | None = None


def take_in(filing: Filing) -> Decision:
    """Accepted, and left to the department."""
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("platform.accepted_message"),
        words("platform.event_pending"),
        decided=False,
    )


def refused(title: Words, message: Words, referral: Referral | None = None) -> Decision:
    """Not granted, by a rule that the message names; `referral`: where to go with it."""
    return Decision("refused", title, message, words("platform.event_refused"), referral=referral)


def text(value: Value) -> str:
    """A value that is one text."""
    assert isinstance(value, str), "checks.py let another kind through"
    return value


def option(service: Service, key: str, value: str) -> Words:
    """The name of an option of a form's field."""
    options = next(spec.options for spec in service.fields if spec.key == key)
    return next(option.name for option in options if option.value == value)


def row(name: str, value: Words) -> ResultRow:
    """A row of a result, labelled by `row_NAME` of the locale."""
    return ResultRow(label=words(f"platform.row_{name}"), value=value)
