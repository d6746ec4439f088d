"""Is it he, by the PIN of his own social security card? The card compares and counts, nobody else."""

from __future__ import annotations

from config.devices import Kind
from config.faults import any_fault
from config.service import Level
from config.words import Words, words
from drivers.device import DeviceError
from drivers.social_card import SocialCard
from drivers.social_pin import DIGITS
from kiosk import card_readers
from kiosk.means import Ended, count, lead_on
from kiosk.prompts import CardScene, Chosen, EnterPin, PlaceCard
from kiosk.steps.by_code import by_code
from kiosk.visit import Visit

_READER = Kind.SOCIAL_CARD_READER
REMOVAL_SECONDS = 6.0


async def by_pin(visit: Visit) -> Ended:
    """Held when the card of the session's person says that the number is right; at level 3 a code besides.

    A card that blocks closes this means; another person's card, and one that cannot be read, are failures.
    """
    try:
        ended = await _ask(visit)
    except DeviceError as error:
        if error.code in ("card_pin_blocked", "card_pin_none"):
            count(visit, "pin", all_of_them=True)
        await visit.tell_trouble(error.code, *lead_on(visit, "pin"))
        ended = Ended.FAILED
    await _lift(visit)
    if ended is Ended.HELD and visit.service.level is Level.STRONG:
        return await by_code(visit)
    return ended


async def _ask(visit: Visit) -> Ended:
    if not await _own_card(visit):
        return Ended.OTHER
    problem: Words | None = None
    while True:
        page = EnterPin(words("identify.pin_question"), DIGITS, problem, words("identify.other_way"))
        pin = await visit.choose(page)
        if pin == "other":
            return Ended.OTHER
        verdict = await visit.backstage.devices.call(_READER, "verify_pin", pin)
        if verdict.right:
            return Ended.HELD
        problem = words("identify.pin_wrong", left=verdict.tries_left)


async def _own_card(visit: Visit) -> bool:
    """Until the person's own card lies in the reader; False when another way is wanted. DeviceError."""
    person, devices = visit.session.person, visit.backstage.devices
    assert person is not None
    notice: Words | None = words("identify.pin_insert")
    scene = CardScene.PLACE
    while True:
        page = PlaceCard(scene, notice, words("identify.other_way"), "social")

        def reading(_: Kind) -> None:
            visit.show(PlaceCard(CardScene.READING, card="social"))

        try:
            card = await visit.ask_or(page, card_readers.first_card(devices, reading, (_READER,)))
        except DeviceError as error:
            if not card_readers.is_about_the_card(error.code):
                raise
            scene, notice = CardScene.REFUSED, any_fault(error.code).citizen
            continue
        if isinstance(card, Chosen):
            return False
        assert isinstance(card, SocialCard)
        if (card.number, card.name) == (person.number, person.name):
            return True
        raise DeviceError("card_not_yours")


async def _lift(visit: Visit) -> None:
    """The card is given back before anything else is asked."""
    devices = visit.backstage.devices
    if devices.ready(_READER) and not await card_readers.removed(devices, _READER, 0.0):
        visit.show(PlaceCard(CardScene.REMOVE, card="social"))
        if not await card_readers.removed(devices, _READER, REMOVAL_SECONDS):
            visit.reminders.append(words("journey.take_social_card"))
