"""The form goes on at the citizen's phone: a code on the screen, good once."""

from __future__ import annotations

from config.form_check import asked_values
from config.phone_api import HandOver
from config.words import words
from kiosk.platform import PlatformError
from kiosk.prompts import Option, ShowCode, Working
from kiosk.session import Outcome
from kiosk.stage import GoBack
from kiosk.visit import Leave, Visit

USUAL_CODE = 2  # seconds


async def hand_over(visit: Visit) -> None:
    """Shows the code. Raises Leave when the citizen goes on by phone; *back* leads to the form again."""
    session = visit.session
    form = HandOver(
        service=visit.service.id,
        subject=session.subject.subject if session.subject else None,
        values=asked_values(visit.service.fields, {**session.values, **session.typed}),
    )
    visit.show(Working(words("bring.making_code"), USUAL_CODE))
    try:
        with visit.clock.hold():
            code = await visit.backstage.platform.hand_over(form)
        page = ShowCode(
            question=words("bring.phone_question"),
            code=code.url,
            seconds=code.valid_seconds,
            note=words("bring.phone_note"),
            actions=(Option("done", words("bring.way_on_phone")),),
        )
        await visit.choose(page)
    except PlatformError as error:
        await visit.tell_refusal(error, "back", "home")
    except GoBack:
        if session.subject is None and visit.service.level:
            raise
        return
    raise Leave(Outcome.CONSULTED)
