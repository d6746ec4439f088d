"""Is it the card's holder? By the means that he chooses among those that service and machine have.

Each failure leads on to the others that are left; three of one means close it for the session; when none is
left, the window has it, with a slip.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from config.service import Means
from config.words import words
from kiosk import means
from kiosk.means import Ended, Offer
from kiosk.prompts import ChooseOne, Option
from kiosk.session import Outcome
from kiosk.stage import GoBack
from kiosk.steps.by_code import by_code
from kiosk.steps.by_face import by_face
from kiosk.steps.by_pin import by_pin
from kiosk.steps.by_staff import by_staff
from kiosk.visit import Leave, Visit

_WAYS: Mapping[Means, Callable[[Visit], Awaitable[Ended]]] = {
    "face": by_face,
    "pin": by_pin,
    "sms": by_code,
    "staff": by_staff,
}


async def verify_person(visit: Visit) -> None:
    """Sets the session's means to one that held, or leaves the journey as referred."""
    tried: Means | None = None  # just now, and not to be offered alone again
    while True:
        offers = means.offers(visit)
        open_ones = [one.means for one in offers if one.reason is None]
        if not open_ones:
            await visit.tell_trouble("person_unproved", "window", "home")
            raise Leave(Outcome.REFERRED)
        wanted = await _wanted(visit, offers, open_ones, tried)
        try:
            ended = await _WAYS[wanted](visit)
        except GoBack:
            if len(open_ones) == 1:
                raise
            tried = None
            continue
        if ended is Ended.HELD:
            visit.session.means = wanted
            return
        if ended is Ended.FAILED:
            means.count(visit, wanted)
        elif open_ones == [wanted]:
            await visit.tell_trouble(
                "person_unproved", "again", "window", "home", what=words("identify.no_other")
            )
        tried = wanted


async def _wanted(
    visit: Visit, offers: tuple[Offer, ...], open_ones: list[Means], tried: Means | None
) -> Means:
    """The only one that is open, or that is left besides the one just tried; else the citizen chooses."""
    others = [one for one in open_ones if one != tried] or open_ones
    if len(others) == 1:
        return others[0]
    options = tuple(Option(one.means, one.name, one.note, one.reason) for one in offers)
    chosen = await visit.choose(ChooseOne(words("identify.means_question"), options))
    return next(one.means for one in offers if one.means == chosen)
