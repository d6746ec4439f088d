"""What the office decides on a submission: one function a service, and one for all the others."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection, insert

from config.certificate import issue_number
from config.platform_api import IssuedDocument, ResultRow, Submission, Value
from config.service import Service
from config.words import Words, same, words
from hall.platform import windows
from hall.platform.certificates import CertificateError, InsuranceRow, ProofOfInsurance
from hall.platform.clock import months_later
from hall.platform.insurance import Paid, paid
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.store import documents
from hall.platform.subjects import Subject

VALID_MONTHS = 3
# Without 0 O 1 I L, which people take for each other when they type from paper.
_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


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
            _row("minutes", words("platform.minutes", minutes=ticket.minutes)),
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
    issued, valid_until = _issue(filing, found)
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
            _row("valid_until", same(valid_until)),
            _row("number", same(issued.number)),
        ),
        documents=(issued,),
    )


def _issue(filing: Filing, found: tuple[Paid, ...]) -> tuple[IssuedDocument, str]:
    """Renders, signs and keeps the certificate. Refused `certificate_failed`."""
    assert filing.subject is not None and filing.subject.person is not None
    person, parts, today = filing.subject.person, filing.parts, filing.now.date()
    valid_until = months_later(today, VALID_MONTHS)
    code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(10))
    # The serial cannot be guessed, so that nobody can walk through the public's page by counting.
    number = issue_number(f"{today:%Y%m%d}{code}")
    values = filing.submission.values
    proof = ProofOfInsurance(
        title=words("platform.certificate_title").zh,
        number=number,
        name=person.name,
        id_number=person.number,
        first=_text(values["from"]),
        last=_text(values["to"]),
        purpose=filing.option("purpose", _text(values["purpose"])).zh,
        insurances=tuple(
            InsuranceRow(
                filing.option("insurances", row.kind).zh, row.first, row.last, row.months, row.employer
            )
            for row in found
        ),
        issuer=words("platform.issuer").zh,
        issued_on=f"{today:%Y-%m-%d}",
        valid_until=f"{valid_until:%Y-%m-%d}",
        watermark=words("platform.watermark").zh,
        verify_site=f"{parts.public_url}/v",
        verify_url=f"{parts.public_url}/v/{number}",
        short_code=f"{code[:5]} {code[5:]}",
    )
    try:
        sealed = parts.press.proof_of_insurance(proof, filing.now)
    except CertificateError as error:
        raise Refused("certificate_failed", 424) from error
    handle = secrets.token_urlsafe(18)
    filing.transaction.execute(
        insert(documents).values(
            document=handle,
            number=number,
            code=code,
            case_no=filing.case_no,
            kind="certificate",
            holder=masked_name(person.name),
            sha256=sealed.sha256,
            pages=sealed.pages,
            issued_on=proof.issued_on,
            valid_until=proof.valid_until,
            pdf=sealed.pdf,
        )
    )
    issued = IssuedDocument(
        document=handle, kind="certificate", number=number, sha256=sealed.sha256, pages=sealed.pages
    )
    return issued, proof.valid_until


def masked_name(name: str) -> str:
    """`张**`: the first character only."""
    return name[:1] + "*" * (len(name) - 1)


def _row(name: str, value: Words) -> ResultRow:
    return ResultRow(label=words(f"platform.row_{name}"), value=value)


def _text(value: Value) -> str:
    assert isinstance(value, str), "checks.py let another kind through"
    return value


_DECISIONS: dict[str, Callable[[Filing], Decision]] = {
    "SB01": _proof_of_insurance,
    "ZH03": _queue_number,
}
