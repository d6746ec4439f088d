"""What a phone began is taken up by whoever began it; what it filed is only printed."""

from __future__ import annotations

from config.words import words
from kiosk.platform import PlatformError
from kiosk.prompts import Working
from kiosk.visit import Visit

USUAL_ASKING = 2  # seconds


async def take_up(visit: Visit) -> None:
    """Fetches what belongs to the session's code, once: it stands in the form, or as a case, afterwards.

    Raises GoHome when it is somebody else's, or was used up elsewhere.
    """
    session = visit.session
    subject = session.subject.subject if session.subject else None
    while True:
        visit.show(Working(words("journey.asking"), USUAL_ASKING))
        try:
            with visit.clock.hold():
                begun = await visit.backstage.platform.handed_over(session.handover, subject)
            break
        except PlatformError as error:
            ways = ("home",) if error.code == "platform_refused" else ("again", "home")
            await visit.tell_refusal(error, *ways)
    session.typed.update(begun.values)
    session.case, session.taken_up = begun.case, True
