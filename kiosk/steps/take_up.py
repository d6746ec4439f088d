"""What was begun elsewhere, or another day, goes on for whoever began it; what a phone filed is printed."""

from __future__ import annotations

from config.words import words
from kiosk import drafts
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


async def take_draft(visit: Visit, code: str) -> None:
    """Opens the draft of this code for its owner, and destroys it; somebody else is told, and learns nothing.

    Raises GoHome.
    """
    session, data = visit.session, visit.backstage.settings.data
    draft = await drafts.look(data, code)
    whose = drafts.digest(session.person.number) if session.person else ""
    if draft is None or draft.owner not in ("", whose):
        what = words("bring.code_unknown" if draft is None else "bring.draft_foreign")
        await visit.tell_trouble("platform_refused", "home", what=what)
        return
    await drafts.take(data, code)
    session.typed.update(draft.values)
    session.taken_up = True
