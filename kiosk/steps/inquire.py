"""A question that changes nothing: ask the platform, show the answer, print it if the citizen likes."""

from __future__ import annotations

from config.devices import Kind
from config.platform_api import Query, QueryResult
from config.words import words
from kiosk import papers, slips
from kiosk.platform import PlatformError
from kiosk.prompts import Event, Row, ShowResult, TakePaper, Working
from kiosk.session import Outcome
from kiosk.visit import Leave, Visit


async def inquire(visit: Visit) -> None:
    """Shows what the platform answers; 查无记录 is an honest answer too."""
    result = await _ask(visit)
    visit.session.outcome = Outcome.CONSULTED
    printable = visit.backstage.devices.ready(Kind.RECEIPT_PRINTER)
    ways = ("done", "print" if result.found else "refer") if printable else ("done",)
    way = await visit.choose(
        ShowResult(
            good=result.found,
            title=result.title,
            rows=tuple(Row(row.label, row.value) for row in result.rows),
            timeline=tuple(
                Event(event.when.strftime("%Y-%m-%d %H:%M"), event.what, event.done)
                for event in result.timeline
            ),
            note=None if result.found else words("journey.nothing_found"),
            actions=tuple(papers.option(way) for way in ways),
        )
    )
    if way == "print":
        await _print(visit, result)
    elif way == "refer":
        raise Leave(Outcome.REFERRED, result.title)


async def _ask(visit: Visit) -> QueryResult:
    session = visit.session
    query = Query(
        service=visit.service.id,
        subject=session.subject.subject if session.subject else None,
        values=dict(session.values),
    )
    while True:
        visit.show(Working(words("journey.asking"), 2))
        try:
            with visit.clock.hold():
                return await visit.backstage.platform.ask(query)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "home")


async def _print(visit: Visit, result: QueryResult) -> None:
    visit.show(Working(words("journey.printing_slip"), 4, Kind.RECEIPT_PRINTER))
    printed = await visit.shielded(slips.print_slip(visit, "progress", papers.progress_slip(visit, result)))
    if printed.state == "confirmed":
        await slips.hand_over(visit, TakePaper(words("journey.take_slip"), Kind.RECEIPT_PRINTER))
    else:
        await visit.tell_trouble(printed.code, "done", "home")
