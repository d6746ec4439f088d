"""What is made after a review: when it is ready, and who may collect it. Here a review is days by the clock.

A service whose paper is `later` has two requests under one id: `apply` is filed and reviewed, `collect` hands
out what is done (field `what`). The case says from when (`ready_on`), and what was told counts; the paper is
issued under the number of the case that asked for it, when it is collected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, select

from config.platform_api import CaseResult, FormData, FormOption, Referral, ResultRow
from config.platform_body import Value
from config.words import Words, same, words
from hall.platform.earlier import Earlier, earlier
from hall.platform.issuing import Request, issue
from hall.platform.office import Asking, Decision, Filing, refused, row
from hall.platform.tables import documents
from hall.platform.workdays import working_day

APPLY, COLLECT = "apply", "collect"
CODE = 6  # letters of a case number that are its code: those that chance made


@dataclass(frozen=True)
class Awaited:
    """A request whose paper was not collected."""

    case: Earlier
    ready_on: date

    @property
    def code(self) -> str:
        """What the receipt says."""
        return collect_code(self.case.result.case_no)


def collect_code(case_no: str) -> str:
    """What is typed to collect: unguessable, and of no use without the citizen's card."""
    return case_no[-CODE:]


def awaited(connection: Connection, number: str, service: str) -> tuple[Awaited, ...]:
    """What a citizen with this identity number asked for and did not collect, the oldest first."""
    found = []
    for case in earlier(connection, number, service):
        ready, case_no = case.result.ready_on, case.result.case_no
        if ready is not None and not is_collected(connection, case_no):
            found.append(Awaited(case, ready))
    return tuple(reversed(found))


def is_collected(connection: Connection, case_no: str) -> bool:
    """Was the paper of this case handed out?"""
    made = select(documents.c.number).where(documents.c.case_no == case_no)
    return connection.execute(made).first() is not None


def is_ready(connection: Connection, result: CaseResult, today: date) -> bool:
    """Does a paper of this case wait to be collected?"""
    if result.ready_on is None or result.ready_on > today:
        return False
    return not is_collected(connection, result.case_no)


def with_choice(asking: Asking, values: dict[str, Value], source: Words) -> FormData:
    """The form: what to do, chosen already when something waits, and what is known for a new request."""
    ready: tuple[Awaited, ...] = ()
    if asking.subject is not None:
        with asking.parts.store.reading() as connection:
            found = awaited(connection, asking.subject.number, asking.service.id)
        ready = tuple(one for one in found if one.ready_on <= asking.today)
    offered = next(spec.options for spec in asking.service.fields if spec.key == "what")
    options = tuple(
        FormOption(value=one.value, name=one.name) for one in offered if ready or one.value == APPLY
    )
    sources = dict.fromkeys(values, source)
    if ready:
        values = {**values, "what": COLLECT, "code": ready[0].code}
        sources["code"] = words("review.source")
    else:
        values = {**values, "what": APPLY}
    return FormData(values=values, sources=sources, options={"what": options})


def to_collect(filing: Filing) -> Earlier | Decision:
    """The case whose paper may be handed out now, or why none may."""
    assert filing.subject is not None, "the level is 2 or 3"
    code, number = filing.text("code").strip().upper()[-CODE:], filing.subject.number
    found = awaited(filing.transaction, number, filing.service.id)
    wanted = tuple(one for one in found if code in ("", one.code))
    title = words("review.none_title")
    if not wanted:
        return refused(title, words("review.none_message"), _referral(filing))
    first = wanted[0]
    if first.ready_on > filing.today:
        return refused(title, words("review.not_ready", day=first.ready_on))
    return first.case


def _referral(filing: Filing) -> Referral:
    guide = filing.service.guide
    where = guide.window or words("review.window")
    return Referral(what=words("review.referral"), where=where, phone=guide.phone)


def taken_in(filing: Filing, days: int) -> Decision:
    """A request, reviewed for so many working days: what the receipt says, and from when it is ready."""
    ready = working_day(filing.today, days)
    post = filing.text("delivery") == "post"
    rows = [ResultRow(label=words("review.ready_on"), value=same(f"{ready:%Y-%m-%d}"))]
    if not post:
        rows.insert(0, ResultRow(label=words("review.code"), value=same(collect_code(filing.case_no))))
    return Decision(
        "accepted",
        words("platform.accepted_title"),
        words("review.posted" if post else "review.accepted", day=ready),
        words("review.event", day=ready),
        decided=False,
        rows=tuple(rows),
        ready_on=None if post else ready,  # nobody collects what is posted
    )


def handed_out(
    filing: Filing, case: Earlier, template: str, purpose: Words, facts: dict[str, Any]
) -> Decision:
    """The paper of an earlier case, issued under its number."""
    assert filing.person is not None
    request = Request(template, case.result.case_no, filing.person, purpose, facts)
    issued = issue(filing.parts, filing.transaction, request, filing.now)
    return Decision(
        "accepted",
        words("review.collected_title"),
        words("review.collected_message"),
        words("platform.event_issued"),
        rows=(
            row("valid_until", same(issued.valid_until)),
            row("number", same(issued.document.number)),
        ),
        documents=(issued.document,),
    )


def filed_already(filing: Filing, *keys: str) -> Decision | None:
    """A refusal when the same (by these fields) is being reviewed or waits; None when it is new."""
    assert filing.subject is not None
    for case in earlier(filing.transaction, filing.subject.number, filing.service.id):
        if case.text("what") != APPLY or any(case.text(key) != filing.text(key) for key in keys):
            continue
        posted = working_day(case.when.date(), filing.service.item.promised_days)
        ready = case.result.ready_on or posted
        waits = not is_collected(filing.transaction, case.result.case_no)
        if waits and (case.result.ready_on is not None or filing.today < posted):
            return refused(words("review.again_title"), words("review.again", day=ready))
    return None
