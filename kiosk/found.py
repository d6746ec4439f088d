"""What the platform found, as a page: rows and a timeline, or a table; and how it is asked."""

from __future__ import annotations

from collections.abc import Sequence

from config.platform_api import Query, QueryResult
from config.words import words
from kiosk.platform import PlatformError
from kiosk.prompts import Event, Option, Row, ShowResult, ShowTable, Working
from kiosk.visit import Visit

USUAL_ANSWER = 2  # seconds


def query_of(visit: Visit) -> Query:
    """What the platform is asked: this service, whoever is known here, and the form as it stands."""
    session = visit.session
    subject = session.subject.subject if session.subject else None
    return Query(service=visit.service.id, subject=subject, values=dict(session.values))


async def ask(visit: Visit, *ways: str) -> QueryResult:
    """The platform's answer to the form; what it refuses is told, with these ways on."""
    query = query_of(visit)
    while True:
        visit.show(Working(words("journey.asking"), USUAL_ANSWER))
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.ask(query)
        except PlatformError as error:
            await visit.tell_refusal(error, *ways)


def page(result: QueryResult, actions: Sequence[Option]) -> ShowResult | ShowTable:
    """The answer with these actions; 查无记录 says so kindly."""
    rows = tuple(Row(row.label, row.value) for row in result.rows)
    note = result.note if result.found else result.note or words("journey.nothing_found")
    if result.table is not None and result.found:
        table = result.table
        return ShowTable(
            result.title, table.heads, table.rows, rows, table.hidden, note, actions=tuple(actions)
        )
    timeline = tuple(
        Event(event.when.strftime("%Y-%m-%d %H:%M"), event.what, event.done) for event in result.timeline
    )
    return ShowResult(result.found, result.title, rows, timeline, note, tuple(actions))
