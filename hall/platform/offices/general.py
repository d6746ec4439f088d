"""政务服务: what belongs to no single department (ZH)."""

from __future__ import annotations

from sqlalchemy import literal_column, select

from config.platform_api import CaseResult, FormData, FormOption, QueryResult, ResultRow, TimelineEvent
from config.words import Words, same, words
from hall.platform import windows
from hall.platform.office import Asking, Decision, Filing, Handler, row
from hall.platform.store import cases
from hall.platform.timeline import TIMELINE

MOST = 5  # cases shown, newest first


def _windows(asking: Asking) -> FormData:
    """The windows, each with the people waiting."""
    offered = next(field for field in asking.service.fields if field.key == "window").options
    options = []
    with asking.parts.store.reading() as connection:
        for option in offered:
            count = windows.waiting(connection, option.value, asking.now)
            row = "platform.window_waiting" if count else "platform.window_free"
            options.append(FormOption(value=option.value, name=words(row, window=option.name, waiting=count)))
    return FormData(options={"window": tuple(options)})


def _queue_number(filing: Filing) -> Decision:
    """ZH03: a number at the window, and how many wait before it."""
    window = filing.text("window")
    offered = next(spec.options for spec in filing.service.fields if spec.key == "window")
    ticket = windows.take(filing.transaction, tuple(o.value for o in offered), window, filing.now)
    return Decision(
        "accepted",
        words("platform.zh03_title"),
        words("platform.zh03_message"),
        words("platform.event_ticket", ticket=ticket.text),
        rows=(
            row("ticket", same(ticket.text)),
            row("window", filing.option("window", window)),
            row("waiting", same(str(ticket.waiting))),
            row("minutes", _wait(ticket.minutes)),
        ),
    )


def _wait(minutes: int) -> Words:
    return words("platform.minutes", minutes=minutes) if minutes else words("platform.no_wait")


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
            select(cases.c.service, cases.c.result, cases.c.timeline)
            .where(cases.c.citizen == asking.subject.number)
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


HANDLERS = {
    "ZH02": Handler(answers=_progress),
    "ZH03": Handler(knows=_windows, decides=_queue_number),
}
