"""Who is it? The card on the reader, and the platform's handle for its holder."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from config import rules
from config.devices import Kind
from config.faults import any_fault
from config.identity_api import IdentityClaim
from config.words import words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.social_card import SocialCard
from kiosk import card_readers
from kiosk.card_readers import Card
from kiosk.platform import PlatformError
from kiosk.prompts import CardScene, Chosen, PlaceCard
from kiosk.session import Outcome
from kiosk.visit import Leave, Visit

REMOVAL_SECONDS = 6.0  # how long we wait for the card to be lifted before going on with a reminder
FOLLOW_SECONDS = 0.5  # until the page tells that a reader has come or gone
OTHER_AFTER = 2  # failures after which another way is offered
_TAKE = {
    Kind.ID_CARD_READER: words("journey.take_card"),
    Kind.SOCIAL_CARD_READER: words("journey.take_social_card"),
}


async def identify(visit: Visit) -> None:
    """Reads a card that is valid and eligible, and opens the holder's subject at the platform."""
    visit.session.person = visit.session.subject = None
    devices = visit.backstage.devices
    card = await _card(visit)
    kind = card_readers.kind_of(card)
    if card.valid_to is not None and card.valid_to < visit.backstage.today():
        social = kind is Kind.SOCIAL_CARD_READER
        await visit.tell_trouble("card_expired" if social else "id_expired", "again", "window", "home")
        return await identify(visit)
    await _check_eligible(visit, card)
    visit.show(PlaceCard(CardScene.REMOVE, card=card_readers.KINDS[kind]))
    removal = asyncio.ensure_future(card_readers.removed(devices, kind, REMOVAL_SECONDS))
    try:
        await _open_subject(visit, card)
        left = [] if await removal else [kind]
        left += await card_readers.left_behind(devices, kind)
        visit.reminders.extend(_TAKE[one] for one in left)
    finally:
        removal.cancel()
    visit.session.person, visit.session.means = card, "card"


async def _card(visit: Visit) -> Card:
    """Asks until a card is read. Bad cards are told; after two the window is offered."""
    devices = visit.backstage.devices
    failures, problem = 0, None
    while True:
        other = words("journey.way_window") if failures >= OTHER_AFTER else None
        scene = CardScene.REFUSED if problem else CardScene.PLACE
        prompt = PlaceCard(scene, problem, other, card_readers.wanted(devices))
        try:
            found = await visit.ask_or(prompt, _coming(visit, prompt))
        except DeviceError as error:
            if not card_readers.is_about_the_card(error.code):
                await visit.tell_trouble(error.code, "again", "window", "home")
                continue
            failures, problem = failures + 1, any_fault(error.code).citizen
            continue
        if isinstance(found, IdCard | SocialCard):
            return found
        if isinstance(found, Chosen) and found.value == "other":
            await visit.tell_trouble("id_unreadable", "window", "again", "home")


async def _coming(visit: Visit, prompt: PlaceCard) -> Card:
    """The first card; meanwhile the page speaks of the readers that are ready, and then of the one in use."""
    devices = visit.backstage.devices

    async def follow() -> None:
        told = prompt.card
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if (now := card_readers.wanted(devices)) != told:
                told = now
                visit.show(replace(prompt, card=now))

    following = asyncio.ensure_future(follow())

    def reading(kind: Kind) -> None:
        following.cancel()
        visit.show(PlaceCard(CardScene.READING, card=card_readers.KINDS[kind]))

    try:
        return await card_readers.first_card(devices, reading)
    finally:
        following.cancel()


async def _check_eligible(visit: Visit, card: Card) -> None:
    facts = {"today": visit.backstage.today(), "birth": card.birth}
    for use in visit.service.eligibility:
        complaint = rules.complaint(use.rule, use.parameters, None, facts, {})
        if complaint is not None:
            await visit.tell_trouble("platform_refused", "window", "home", what=complaint)
            raise Leave(Outcome.REFERRED)


async def _open_subject(visit: Visit, card: Card) -> None:
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
