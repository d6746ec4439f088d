"""A question that changes nothing: ask the platform, show the answer, print it if the citizen likes."""

from __future__ import annotations

from config.devices import Kind
from config.platform_api import QueryResult
from config.words import words
from kiosk import found
from kiosk.documents import papers
from kiosk.platform import PlatformError
from kiosk.printing import slips
from kiosk.prompts import Option, TakePaper, Working
from kiosk.session import Outcome
from kiosk.steps.supplement import supplement
from kiosk.visit import Leave, Visit


async def inquire(visit: Visit) -> None:
    """Shows what the platform answers; 查无记录 is an honest answer too."""
    result = await found.ask(visit, "again", "home")
    visit.session.outcome = Outcome.CONSULTED
    visit.referral = result.referral
    printable = visit.backstage.devices.ready(Kind.RECEIPT_PRINTER)
    ways = ("done", "print" if result.found else "refer") if printable else ("done",)
    actions = [papers.option(way) for way in ways]
    if await _lacks_papers(visit, result):
        actions.append(Option("supplement", words("bring.way_supplement")))
    way = await visit.choose(found.page(result, actions))
    if way == "supplement":
        await supplement(visit)
    elif way == "print":
        await _print(visit, result)
    elif way == "refer":
        raise Leave(Outcome.REFERRED, result.title)


async def _lacks_papers(visit: Visit, result: QueryResult) -> bool:
    """Does a case whose progress is shown wait for papers? When that cannot be told, it is not offered."""
    subject = visit.session.subject
    if subject is None or not result.timeline:
        return False
    try:
        return bool((await visit.backstage.platform.open_cases(subject.subject)).items)
    except PlatformError:
        return False


async def _print(visit: Visit, result: QueryResult) -> None:
    visit.show(Working(words("journey.printing_slip"), 4, Kind.RECEIPT_PRINTER))
    printed = await visit.shielded(slips.print_slip(visit, "progress", papers.progress_slip(visit, result)))
    if printed.state == "confirmed":
        await slips.hand_over(visit, TakePaper(words("journey.take_slip"), Kind.RECEIPT_PRINTER))
    else:
        await visit.tell_trouble(printed.code, "done", "home")
