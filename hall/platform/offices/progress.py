"""办件进度: how far somebody's own cases have come."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import literal_column, select

from config.platform_api import CaseResult, QueryResult, ResultRow, TimelineEvent
from config.service import Service
from config.words import Words, same, words
from hall.platform.clock import CHINA, from_utc
from hall.platform.office import Asking, Handler
from hall.platform.review import is_ready
from hall.platform.tables import cases
from hall.platform.timeline import TIMELINE
from hall.platform.workdays import working_day

MOST = 8  # cases shown, newest first
CLOSE = time(17)  # of a promised day


def _progress(asking: Asking) -> QueryResult:
    """Each case as a row, the newest first, and their events as one line of time.

    `case_no` may be the number of a case or of its certificate, if only that one is asked for.
    """
    assert asking.subject is not None, "the level is 1"
    parts, wanted = asking.parts, asking.text("case_no")
    rows: list[ResultRow] = []
    timeline: list[TimelineEvent] = []
    with parts.store.reading() as connection:
        found = connection.execute(
            select(cases.c.service, cases.c.result, cases.c.timeline, cases.c.accepted_at)
            .where(cases.c.citizen == asking.subject.number)
            .order_by(cases.c.accepted_at.desc(), literal_column("rowid").desc())
        )
        for row in found:
            result = CaseResult.model_validate_json(row.result)
            if not _is_wanted(result, wanted):
                continue
            ready = is_ready(connection, result, asking.today)
            state = words("review.state_ready") if ready else _state(result)
            value = words("platform.progress_case", case_no=result.case_no, state=state)
            service = parts.catalogue.services.get(row.service)
            rows.append(ResultRow(label=service.name if service else same(row.service), value=value))
            timeline.extend(TIMELINE.validate_json(row.timeline))
            if service is not None and (promised := _promised(service, result, row.accepted_at)):
                timeline.append(promised)
            if len(rows) == MOST:
                break
    if not rows:
        return QueryResult(found=False, title=words("platform.progress_none"))
    timeline.sort(key=lambda event: event.when)
    return QueryResult(
        found=True, title=words("platform.progress_title"), rows=tuple(rows), timeline=tuple(timeline)
    )


def _promised(service: Service, result: CaseResult, accepted_at: datetime) -> TimelineEvent | None:
    """By when an open case is decided, as its department has promised."""
    if result.decided or result.state == "refused" or not service.item.promised_days:
        return None
    day = result.ready_on or working_day(from_utc(accepted_at).date(), service.item.promised_days)
    what = words("office_general.promised", service=service.name)
    return TimelineEvent(when=datetime.combine(day, CLOSE, CHINA), what=what, done=False)


def _is_wanted(case: CaseResult, wanted: str) -> bool:
    numbers = {case.case_no, *(document.number for document in case.documents)}
    return not wanted or wanted.strip().upper() in numbers


def _state(result: CaseResult) -> Words:
    if result.state == "refused":
        return words("platform.state_refused")
    return words("platform.state_decided" if result.decided else "platform.state_accepted")


HANDLERS = {"ZH02": Handler(answers=_progress)}
