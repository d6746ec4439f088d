"""What an office holds is looked at before it is printed; 查无记录 ends with a slip that says where to go."""

from __future__ import annotations

from config.devices import Kind
from config.words import words
from kiosk import found
from kiosk.documents import papers
from kiosk.prompts import Option
from kiosk.session import Outcome
from kiosk.visit import Leave, Visit


async def look(visit: Visit) -> None:
    """Shows what was found. Raises Leave, referred, when nothing was."""
    result = await found.ask(visit, "again", "back", "home")
    if result.found:
        await visit.choose(found.page(result, (Option("go_on", words("bring.way_print_it")),)))
        return
    visit.referral = result.referral
    printable = visit.backstage.devices.ready(Kind.RECEIPT_PRINTER)
    ways = (papers.option("refer"), papers.option("done")) if printable else (papers.option("done"),)
    way = await visit.choose(found.page(result, ways))
    raise Leave(Outcome.REFERRED if way == "refer" else Outcome.CONSULTED, result.title)
