"""一件事: one form, several cases. Each item is decided by its own office, with its own values and number.

What one office refuses leaves the others' cases standing: each has a savepoint of the one transaction.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from config import form_check
from config.platform_api import CasePart, CaseResult, IssuedDocument, ResultRow, Submission
from config.platform_body import Value
from config.service import MemberSpec, Service
from config.words import Words, same, words
from hall.platform.case_rows import keep, new_number
from hall.platform.checks import check_eligibility
from hall.platform.handlers import handler
from hall.platform.office import Decision, Filing, take_in
from hall.platform.refusals import Refused


@dataclass(frozen=True)
class Part:
    """What became of one item."""

    told: CasePart
    decided: bool = True
    documents: tuple[IssuedDocument, ...] = ()


def decide(filing: Filing) -> Decision:
    """Every item that is wanted, in the bundle's order. Accepted when at least one of them is."""
    parts: dict[str, Part] = {}
    for member in _wanted(filing.service, filing.submission.values):
        parts[member.service] = _item(filing, member, parts)
    accepted = [part for part in parts.values() if part.told.state == "accepted"]
    count = {"accepted": len(accepted), "all": len(parts)}
    if not accepted:
        title, message = "bundle_none", "bundle_none_message"
    elif len(accepted) < len(parts):
        title, message = "bundle_some", "bundle_some_message"
    else:
        title, message = "bundle_all", "bundle_all_message"
    return Decision(
        "accepted" if accepted else "refused",
        words(f"office_general.{title}", **count),
        words(f"office_general.{message}", **count),
        words("office_general.bundle_event", **count) if accepted else words("platform.event_refused"),
        decided=all(part.decided for part in parts.values()),
        rows=tuple(_row(part.told) for part in parts.values()),
        documents=tuple(document for part in accepted for document in part.documents),
        parts=tuple(part.told for part in parts.values()),
    )


def _wanted(service: Service, values: dict[str, Value]) -> Iterator[MemberSpec]:
    return (one for one in service.bundle if one.only_if is None or one.only_if.holds(values))


def _item(filing: Filing, member: MemberSpec, before: dict[str, Part]) -> Part:
    service = filing.parts.service(member.service)
    number = new_number(filing.transaction, f"{filing.parts.settings.region}{service.id}{filing.now:%Y%m%d}")
    first = before.get(member.after)
    if member.after and (first is None or first.told.state == "refused"):
        told = words("office_general.bundle_after", first=filing.parts.service(member.after).name)
        return Part(_told(service, "", "refused", told))
    own = replace(filing, service=service, case_no=number, submission=_submission(filing, member))
    try:
        with filing.transaction.begin_nested():
            return _decided(own)
    except Refused as refused:
        return Part(_told(service, "", "refused", refused.body().message))


def _submission(filing: Filing, member: MemberSpec) -> Submission:
    """What the item's own form would have said: the bundle's answers under the item's names."""
    given = filing.submission.values
    values: dict[str, Value] = {**member.values}
    values |= {theirs: given[ours] for theirs, ours in member.fields.items() if ours in given}
    return filing.submission.model_copy(update={"service": member.service, "values": values})


def _decided(filing: Filing) -> Part:
    """The item's case, as if it had been filed by itself. Raises Refused."""
    service, values = filing.service, filing.submission.values
    birth = filing.subject.birth if filing.subject else None
    check_eligibility(service, birth, filing.today)
    for key, complaint in form_check.check(service.fields, values, {"today": filing.today}).items():
        label = next(spec.label for spec in service.fields if spec.key == key)
        raise Refused("form_invalid", 422, field=label, complaint=complaint)
    decision = (handler(service.id).decides or take_in)(filing)
    body = filing.submission.model_dump_json()
    result = CaseResult(
        key=filing.case_no,
        case_no=filing.case_no,
        state=decision.state,
        decided=decision.decided,
        title=decision.title,
        message=decision.message,
        rows=decision.rows,
        documents=decision.documents,
        referral=decision.referral,
    )
    keep(filing, decision, result, body, hashlib.sha256(body.encode()).hexdigest())
    told = _told(service, filing.case_no, decision.state, decision.message)
    return Part(told, decision.decided, decision.documents)


def _told(service: Service, case_no: str, state: Literal["accepted", "refused"], message: Words) -> CasePart:
    return CasePart(service=service.id, name=service.name, case_no=case_no, state=state, message=message)


def _row(part: CasePart) -> ResultRow:
    """As it stands on the receipt: the item, its own number, and what became of it."""
    if part.state == "accepted":
        return ResultRow(label=part.name, value=same(part.case_no))
    return ResultRow(label=part.name, value=words("office_general.bundle_refused", why=part.message))
