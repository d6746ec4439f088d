"""Questions that change nothing. ZH02: how far this person's cases have come."""

from __future__ import annotations

from fastapi import APIRouter
from sqlalchemy import literal_column, select

from config.platform_api import CaseResult, Query, QueryResult, ResultRow, TimelineEvent
from config.words import Words, same, words
from hall.platform.checks import check_eligibility, check_form
from hall.platform.door import PartsHere
from hall.platform.parts import Parts
from hall.platform.refusals import Refused
from hall.platform.store import cases
from hall.platform.timeline import TIMELINE

routes = APIRouter(prefix="/v1/queries", tags=["queries"])

MOST = 5  # cases shown, newest first


@routes.post("")
def ask(query: Query, parts: PartsHere) -> QueryResult:
    """The answer, or an honest *not found*.

    Refused `service_unknown` (404), `subject_missing`, `form_invalid` (422), `subject_unknown` (410),
    `platform_closed` (409).
    """
    parts.require_open()
    service = parts.service(query.service)
    holder = parts.subjects.get(query.subject) if query.subject else None
    if service.level and holder is None:
        raise Refused("subject_missing", 422)
    birth, today = holder.birth if holder else None, parts.now().date()
    check_eligibility(service, birth, today)
    check_form(service, query.values, birth, today)
    if query.service == "ZH02" and holder is not None:
        return _progress(parts, holder.number, str(query.values.get("case_no", "")))
    return QueryResult(found=False, title=words("platform.progress_none"))


def _progress(parts: Parts, citizen: str, wanted: str) -> QueryResult:
    """Each case as a row, the newest first, and their events as one line of time.

    `wanted`: the number of a case or of its certificate, if only that one is asked for.
    """
    rows: list[ResultRow] = []
    timeline: list[TimelineEvent] = []
    with parts.store.reading() as connection:
        found = connection.execute(
            select(cases.c.service, cases.c.result, cases.c.timeline)
            .where(cases.c.citizen == citizen)
            .order_by(cases.c.accepted_at.desc(), literal_column("rowid").desc())
        )
        for row in found:
            result = CaseResult.model_validate_json(row.result)
            if not _is_wanted(result, wanted):
                continue
            value = words("platform.progress_case", case_no=result.case_no, state=_state(result))
            service = parts.catalogue.services.get(row.service)
            rows.append(ResultRow(label=service.name if service else same(row.service), value=value))
            timeline.extend(TIMELINE.validate_json(row.timeline))
            if len(rows) == MOST:
                break
    if not rows:
        return QueryResult(found=False, title=words("platform.progress_none"))
    timeline.sort(key=lambda event: event.when)
    return QueryResult(
        found=True, title=words("platform.progress_title"), rows=tuple(rows), timeline=tuple(timeline)
    )


def _is_wanted(case: CaseResult, wanted: str) -> bool:
    numbers = {case.case_no, *(document.number for document in case.documents)}
    return not wanted or wanted.strip().upper() in numbers


def _state(result: CaseResult) -> Words:
    if result.state == "refused":
        return words("platform.state_refused")
    return words("platform.state_decided" if result.decided else "platform.state_accepted")
