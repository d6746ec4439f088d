"""Cases on their way to a department with a system of its own, and what comes back.

The row is written in the transaction that accepts the case: `intended`, `sent` before the first byte leaves,
then `accepted`, `refused` or `unknown`. What is unknown is asked after by the case's number, and sent again
where the department never saw it: for days, and never twice. What has been accepted is asked how far it is,
until it is decided; then its document is sealed here and lies with the case.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, insert, select, update

from config.platform_api import CaseResult, TimelineEvent
from config.words import Words, words
from hall.platform.clock import as_utc, from_utc
from hall.platform.department import Department, DepartmentError
from hall.platform.department_api import Citizen, HandedOver, Standing
from hall.platform.issuing import Request, issue
from hall.platform.office import Filing
from hall.platform.outcomes import Sheet
from hall.platform.parts import Parts
from hall.platform.tables import cases, handed_over
from hall.platform.timeline import add_event

LOOK_SECONDS = 0.2  # between looks for what is due
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=5), timedelta(hours=1)
TO_SEND, DECIDED = ("intended", "sent", "unknown"), ("granted", "refused")
log = structlog.get_logger("platform.department")


def intend(filing: Filing, result: CaseResult) -> None:
    """In the filing's own transaction: an accepted case of such a department is to be handed over."""
    department = filing.parts.settings.department_of(filing.service.id)
    if department is None or result.state != "accepted" or result.decided:
        return
    subject, person = filing.subject, filing.person
    citizen = Citizen(name=person.name, number=person.number) if subject and person else None
    body = HandedOver(
        case_no=result.case_no,
        service=filing.service.id,
        citizen=citizen,
        values=dict(filing.submission.values),
        accepted_at=filing.now,
    )
    row = {"case_no": result.case_no, "department": department.name, "body": body.model_dump_json()}
    now = as_utc(filing.now)
    filing.transaction.execute(
        insert(handed_over).values(**row, state="intended", reference="", tries=0, told=0, due=now, at=now)
    )


@contextmanager
def running(parts: Parts) -> Iterator[None]:
    """The thread that hands over and asks, until the block ends; none where no department is named."""
    lines = {one.name: Department(one) for one in parts.settings.departments}
    if not lines:
        yield
        return
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=(parts, lines, stop), name="departments")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()  # one call has its time-out
        for line in lines.values():
            line.close()


def _work(parts: Parts, lines: Mapping[str, Department], stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            go_round(parts, lines, stop)
        except Exception as error:
            log.error("failed", error=type(error).__name__)  # no text: it may quote a citizen
        stop.wait(LOOK_SECONDS)


def go_round(parts: Parts, lines: Mapping[str, Department], stop: threading.Event) -> None:
    """Everything that is due, each department by itself: one that is down keeps no other waiting long."""
    h = handed_over.c
    due = (h.state.not_in(DECIDED)) & (h.due <= as_utc(parts.now()))
    with parts.store.reading() as connection:
        rows = connection.execute(select(handed_over).where(due).order_by(h.due)).all()
    down: set[str] = set()
    for row in rows:
        line = lines.get(row.department)
        if line is None or row.department in down or stop.is_set():
            continue
        try:
            (_hand_over if row.state in TO_SEND else _follow)(parts, line, row)
        except DepartmentError as error:
            if error.trouble == "down":
                down.add(row.department)
            _later(parts, row, error)


def _hand_over(parts: Parts, line: Department, row: Row[Any]) -> None:
    if row.state != "intended" and line.status(row.case_no) is not None:
        _accepted(parts, row, "")
        return
    _set(parts, row, state="sent")
    try:
        taken = line.submit(HandedOver.model_validate_json(row.body))
    except DepartmentError as error:
        if error.trouble != "refused":
            raise
        refusal = error.words or words("department.refused")
        _decided(parts, row, Standing(case_no=row.case_no, state="refused", message=refusal))
        return
    _accepted(parts, row, taken.reference)


def _accepted(parts: Parts, row: Row[Any], reference: str) -> None:
    name = parts.settings.department_named(row.department).words
    with parts.store.transaction() as transaction:
        values = {"state": "accepted", "reference": reference, "tries": 0, "due": as_utc(parts.now())}
        if _change(transaction, row, values):
            _event(parts, transaction, row.case_no, words("department.event_taken", department=name), False)


def _follow(parts: Parts, line: Department, row: Row[Any]) -> None:
    """How far it is; what is new of its progress is added to the case's own."""
    standing = line.status(row.case_no)
    if standing is None:  # it has lost what it had taken
        _set(parts, row, state="unknown")
        raise DepartmentError("unclear")
    if standing.state == "open":
        pause = timedelta(seconds=line.settings.ask_seconds)
        with parts.store.transaction() as transaction:
            values = {"told": len(standing.events), "tries": 0, "due": as_utc(parts.now() + pause)}
            if _change(transaction, row, values):
                _add(transaction, row, standing.events)
        return
    _decided(parts, row, standing, line)


def _decided(parts: Parts, row: Row[Any], standing: Standing, line: Department | None = None) -> None:
    """The end, in one transaction: progress, result, and the certificate of what was granted."""
    paper = line.document(row.case_no) if line and standing.document else None
    granted = standing.state == "granted"
    with parts.store.transaction() as transaction:
        if not _change(transaction, row, {"state": standing.state, "told": len(standing.events)}):
            return
        _add(transaction, row, standing.events)
        known = transaction.execute(select(cases).where(cases.c.case_no == row.case_no)).one()
        result = CaseResult.model_validate_json(known.result)
        told: dict[str, Any] = {"state": "accepted" if granted else "refused", "decided": True}
        told["title"] = words("department.granted" if granted else "department.refused")
        told["message"] = standing.message or told["title"]
        holder = parts.citizens.get(known.citizen or "")
        if paper is not None and holder is not None:
            what = parts.catalogue.services[known.service].name
            facts = Sheet(paper.rows).facts()
            request = Request("department", row.case_no, holder, what, facts)
            issued = issue(parts, transaction, request, parts.now())
            told["documents"] = (*result.documents, issued.document)
        new = result.model_copy(update=told).model_dump_json()
        transaction.execute(update(cases).where(cases.c.case_no == row.case_no).values(result=new))
        _event(parts, transaction, row.case_no, told["message"], True)


def _later(parts: Parts, row: Row[Any], error: DepartmentError) -> None:
    """Tried again, later and later. Of what may have arrived, nothing is sent before it was asked for."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(row.tries, 12))
    values = {"tries": row.tries + 1, "due": as_utc(parts.now() + wait)}
    if error.trouble == "unclear" and row.state in TO_SEND:
        values["state"] = "unknown"
    with parts.store.transaction() as transaction:
        _change(transaction, row, values)
    age = (parts.now() - from_utc(row.at)).days
    log.warning("department_not_now", department=row.department, why=error.trouble, days=age)


def _add(transaction: Connection, row: Row[Any], events: tuple[TimelineEvent, ...]) -> None:
    for event in events[row.told :]:
        add_event(transaction, row.case_no, event)


def _event(parts: Parts, transaction: Connection, case_no: str, what: Words, done: bool) -> None:
    add_event(transaction, case_no, TimelineEvent(when=parts.now(), what=what, done=done))


def _set(parts: Parts, row: Row[Any], **values: Any) -> None:
    with parts.store.transaction() as transaction:
        _change(transaction, row, values)


def _change(transaction: Connection, row: Row[Any], values: Mapping[str, Any]) -> bool:
    """False when it has been decided meanwhile."""
    h = handed_over.c
    query = update(handed_over).where(h.case_no == row.case_no, h.state.not_in(DECIDED))
    return transaction.execute(query.values(**values)).rowcount == 1
