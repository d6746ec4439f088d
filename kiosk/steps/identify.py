"""Who is it? The card on the reader, and the platform's handle for its holder."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from config import rules
from config.devices import Kind
from config.faults import any_fault
from config.platform_api import IdentityClaim
from config.words import words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from kiosk.devices import Devices
from kiosk.platform import PlatformError
from kiosk.prompts import CardScene, Chosen, PlaceCard
from kiosk.session import Outcome
from kiosk.stage import ask_or
from kiosk.visit import Leave, Visit

REMOVAL_SECONDS = 6.0  # how long we wait for the card to be lifted before going on with a reminder
FIND_SECONDS = 0.3
OTHER_AFTER = 2  # failures after which another way is offered


async def identify(visit: Visit) -> None:
    """Reads a card that is valid and eligible, and opens the holder's subject at the platform."""
    visit.session.person = visit.session.subject = None
    card = await _card(visit)
    if card.valid_to is not None and card.valid_to < visit.backstage.today():
        await visit.tell_trouble("id_expired", "again", "window", "home")
        return await identify(visit)
    await _check_eligible(visit, card)
    visit.show(PlaceCard(CardScene.REMOVE))
    removal = asyncio.ensure_future(_removed(visit.backstage.devices))
    try:
        await _open_subject(visit, card)
        if not await removal:
            visit.reminders.append(words("journey.take_card"))
    finally:
        removal.cancel()
    visit.session.person, visit.session.means = card, "card"


async def _card(visit: Visit) -> IdCard:
    """Asks until a card is read. Bad cards are told; after two the window is offered."""

    def reading() -> None:
        visit.show(PlaceCard(CardScene.READING))

    failures, problem = 0, None
    while True:
        other = words("journey.way_window") if failures >= OTHER_AFTER else None
        prompt = PlaceCard(CardScene.REFUSED if problem else CardScene.PLACE, problem, other)
        try:
            found = await ask_or(visit.stage, prompt, visit.place, _read(visit.backstage.devices, reading))
        except DeviceError as error:
            if not error.code.startswith("id_") and error.code != "device_garbled":
                await visit.tell_trouble(error.code, "again", "window", "home")
                continue
            failures, problem = failures + 1, any_fault(error.code).citizen
            continue
        if isinstance(found, IdCard):
            return found
        if isinstance(found, Chosen) and found.value == "other":
            await visit.tell_trouble("id_unreadable", "window", "again", "home")


async def _read(devices: Devices, found: Callable[[], None]) -> IdCard:
    """Waits for a card, tells that it is `found`, and reads it. DeviceError when it does not read.

    Looking is apart from reading, and short: a reading that was given up with the page would have used the
    card up for the next page, since a card is found again only after it has been lifted.
    """
    while True:
        try:
            if await devices.call(Kind.ID_CARD_READER, "find_card", FIND_SECONDS):
                found()
                card = await devices.call(Kind.ID_CARD_READER, "read_card", FIND_SECONDS)
                assert isinstance(card, IdCard)
                return card
        except DeviceError as error:
            if error.code != "id_no_card":
                raise


async def _removed(devices: Devices) -> bool:
    """True when the card was lifted; False when it still lies there or the reader cannot tell."""
    try:
        return bool(await devices.call(Kind.ID_CARD_READER, "wait_removed", REMOVAL_SECONDS))
    except DeviceError:
        return False


async def _check_eligible(visit: Visit, card: IdCard) -> None:
    facts = {"today": visit.backstage.today(), "birth": card.birth}
    for use in visit.service.eligibility:
        complaint = rules.complaint(use.rule, use.parameters, None, facts, {})
        if complaint is not None:
            await visit.tell_trouble("platform_refused", "window", "home", what=complaint)
            raise Leave(Outcome.REFERRED)


async def _open_subject(visit: Visit, card: IdCard) -> None:
    claim = IdentityClaim(
        name=card.name, number=card.number, birth=card.birth, valid_to=card.valid_to, card=card.card
    )
    while True:
        try:
            subject = await visit.backstage.platform.identify(claim)
            break
        except PlatformError as error:
            await visit.tell_trouble(error.code, "again", "home", what=error.words)
    if not subject.known:
        await visit.tell_trouble("platform_refused", "window", "home", what=words("journey.no_record"))
    visit.session.subject = subject
