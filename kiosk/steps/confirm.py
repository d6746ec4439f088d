"""The last page before something is done: what, for whom, on which device."""

from __future__ import annotations

from collections.abc import Iterator

from config.money import yuan
from config.platform_api import Query
from config.words import Words, words
from kiosk import brought, shown
from kiosk.availability import why_not
from kiosk.platform import PlatformError
from kiosk.printing import left_paper
from kiosk.prompts import Confirm, Row
from kiosk.visit import Visit


async def confirm(visit: Visit) -> None:
    """Asks for the confirmation. Paper and devices are checked before it, and by carry_out after it."""
    await devices_ready(visit)
    await _price(visit)
    await visit.choose(
        Confirm(
            question=words("journey.confirm_question"),
            rows=(*shown.rows(visit), *brought.rows(visit), *_to_be_paid(visit)),
            action=visit.service.action,
            note=_note(visit),
        )
    )


async def _price(visit: Visit) -> None:
    """Asks what it costs, where the form decides that."""
    fee, subject = visit.service.fee, visit.session.subject
    if fee is None or not fee.field:
        return
    query = Query(
        service=visit.service.id,
        subject=subject.subject if subject else None,
        values=dict(visit.session.values),
    )
    while True:
        try:
            visit.priced = await visit.backstage.platform.price(query)
            return
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "home")


def _to_be_paid(visit: Visit) -> Iterator[Row]:
    """What it costs."""
    fee = visit.service.fee
    if fee is not None:
        yield Row(fee.words, words("journey.confirm_fee", yuan=yuan(visit.fee)))


def _note(visit: Visit) -> Words:
    """What comes next: it is filed at once, or signed and paid for before."""
    signs = brought.signs(visit)
    if visit.service.fee is not None:
        return words("journey.confirm_note_sign_pay" if signs else "journey.confirm_note_pay")
    return words("journey.confirm_note_sign" if signs else "journey.confirm_note")


async def devices_ready(visit: Visit) -> None:
    """Tells of an empty tray before the citizen commits himself, not after; or of another's paper in it."""
    await left_paper.look(visit.backstage)
    while True:
        reason = why_not(visit.service, visit.backstage.devices, visit.backstage.now())
        if reason is None:
            return
        faults = (visit.backstage.devices.fault(kind) for kind in visit.service.needs)
        code = next((code for code in faults if code), "")  # none: it is closed by now, and nothing is broken
        await visit.tell_trouble(code, "again", "home", what=reason)
