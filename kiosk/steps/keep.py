"""The form is kept for another day, if the citizen asks: sealed, and only the slip's code opens it."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from config.devices import Kind
from config.form_check import asked_values
from config.identifiers import uuid7
from config.words import words
from kiosk import drafts
from kiosk.documents import papers
from kiosk.documents.receipts import Receipt
from kiosk.drafts import Draft
from kiosk.printing import slips
from kiosk.printing.printing import Order, print_order, sealed_receipt
from kiosk.prompts import ChooseOne, Option, TakePaper, Working
from kiosk.session import Outcome
from kiosk.stage import GoBack
from kiosk.visit import Leave, Visit

USUAL_SLIP = 4  # seconds


def can_keep(visit: Visit) -> bool:
    """Without a slip nobody could open it again."""
    return visit.backstage.devices.ready(Kind.RECEIPT_PRINTER)


async def keep(visit: Visit) -> None:
    """Asks once more, prints the code and ends the visit; *back* leads to the form again.

    Raises Leave when it is kept. Without its slip nothing is kept, and that is told.
    """
    yes = Option("keep", words("bring.way_keep_it"))
    no = Option("form", words("bring.way_form"))
    page = ChooseOne(words("bring.keep_question"), (yes, no), words("bring.keep_note"))
    try:
        if await visit.choose(page) != "keep":
            return
    except GoBack:
        return
    session, stage = visit.session, visit.backstage
    values = asked_values(visit.service.fields, {**session.values, **session.typed})
    visit.show(Working(words("bring.keeping"), USUAL_SLIP, Kind.RECEIPT_PRINTER))
    data = stage.settings.data
    owner = drafts.digest(session.person.number) if session.person else ""
    code = await visit.shielded(drafts.keep(data, Draft(visit.service.id, values, owner)))
    order = Order(session.id, visit.service.id, "draft", uuid7())
    # Never kept for a reprint: then the code would lie on the disk beside what it opens.
    printing = print_order(stage.devices, stage.ledger, order, sealed_receipt(_slip(visit, code)), keep=False)
    printed = await visit.shielded(slips.at_the_mouth(stage, printing))
    if not printed.came:
        await drafts.take(data, code)
        await visit.tell_trouble(printed.code, "back", "home")
    await slips.hand_over(visit, TakePaper(words("bring.take_draft"), Kind.RECEIPT_PRINTER))
    raise Leave(Outcome.CONSULTED)


def _slip(visit: Visit, code: str) -> Receipt:
    zone = ZoneInfo(visit.backstage.settings.identity.time_zone)
    until = datetime.now(zone) + timedelta(hours=drafts.HOURS)
    values = {
        "draft_code": code,
        "draft_letters": drafts.spaced(code),
        "until": until.strftime("%Y-%m-%d %H:%M"),
    }
    return papers.paper(visit.backstage, "draft", values, service=visit.service)
