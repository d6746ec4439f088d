"""The page at which a technician shows who he is: his card on a reader, or his number with six digits."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from config.devices import Kind
from config.faults import any_fault
from config.words import Words, words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.social_card import SocialCard
from kiosk import card_readers
from kiosk.card_readers import Card
from kiosk.prompts import Answer, CardScene, Place, PlaceCard, StaffSaid, TechnicianKey
from kiosk.stage import GoBack, GoHome, ask_or
from kiosk.technician import admission, people
from kiosk.technician.admission import TERMINAL, Judged, Said
from kiosk.technician.people import PeopleError, Technician
from kiosk.technician.workshop import Workshop
from mqtt.messages import TechnicianActed

PATIENCE_SECONDS = 60.0  # at this page without a touch
DOOR_SECONDS = 300.0  # at this page in all: meanwhile citizens and the hall's commands wait
REMOVAL_SECONDS = 6.0
AT_THE_DOOR = Place(back=False, home=True)


async def enter(shop: Workshop) -> str:
    """Asks until somebody may enter: his number. Empty when whoever made the gesture goes away."""
    problem: Words | None = None
    while True:
        page = TechnicianKey(words("technician.key"), _reader(shop), problem)
        try:
            shown = await _shown(shop, page)
            said = None if shown is None else await asyncio.to_thread(_said, shop, shown)
            known = await asyncio.to_thread(people.read, shop.backstage.settings.technician.people)
        except (GoBack, GoHome):
            return ""
        except DeviceError as error:
            problem = any_fault(error.code).technician
            continue
        except PeopleError as why:
            problem = words("technician.people_broken", why=why.detail)
            await _refuse(shop, why.code)
            continue
        if said is None:
            continue
        judged = await _judge(shop, known, said)
        if judged.technician is not None and not judged.code:
            if isinstance(shown, IdCard | SocialCard):
                await _card_removed(shop, shown)
            return judged.technician.number
        problem = _why(judged, bool(known))


def _reader(shop: Workshop) -> bool:
    devices = shop.backstage.devices
    return any(devices.ready(kind) for kind in card_readers.KINDS)


async def _shown(shop: Workshop, page: TechnicianKey) -> Card | StaffSaid | None:
    """A card that was read, or what was typed."""
    found: Answer | Card
    if page.card:
        found = await ask_or(shop.stage, page, AT_THE_DOOR, _card(shop))
    else:
        found = await shop.stage.ask(page, AT_THE_DOOR)
    return found if isinstance(found, IdCard | SocialCard | StaffSaid) else None


async def _card(shop: Workshop) -> Card:
    """The first card. DeviceError when it does not read; readers that fail keep nobody from typing."""
    laid: list[Kind] = []
    try:
        return await card_readers.first_card(shop.backstage.devices, laid.append)
    except DeviceError as error:
        if laid and card_readers.is_about_the_card(error.code):
            raise
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


def _said(shop: Workshop, shown: Card | StaffSaid) -> Said:
    """Of a card nothing but its digest goes on from here."""
    data = shop.backstage.settings.data
    if isinstance(shown, StaffSaid):
        name = people.number_digest(data, shown.number)
        return Said("code", name, number=shown.number, code=shown.pin)
    return Said("card", TERMINAL, card=people.card_digest(data, shown))


async def _judge(shop: Workshop, known: tuple[Technician, ...], said: Said) -> Judged:
    """Decides, and tells it, with a number only where it is one of the file's: a card is not spelled out."""
    now, ran = shop.clock(), shop.ran(shop.backstage.ledger).total
    judged = admission.judge(known, shop.memory(), said, now, datetime.fromtimestamp(now).date(), ran)
    if judged.technician is not None and not judged.code:
        entered = TechnicianActed(judged.technician.number, "entered", detail=said.how)
        await shop.keep(judged.memory, entered)
    else:
        number = judged.technician.number if judged.technician else ""
        await shop.keep(judged.memory, TechnicianActed(number, "refused", "", judged.code, said.how))
    return judged


async def _refuse(shop: Workshop, code: str) -> None:
    await shop.keep(shop.memory(), TechnicianActed("", "refused", "", code))


def _why(judged: Judged, anybody: bool) -> Words:
    if not anybody:
        return words("technician.nobody")
    text = any_fault(judged.code).technician
    if judged.wait < 1:
        return text
    return Words(
        *(f"{text[one]} {words('technician.wait', seconds=round(judged.wait))[one]}" for one in ("zh", "en"))
    )


async def _card_removed(shop: Workshop, card: Card) -> None:
    """His card must not lie there for the next citizen."""
    kind: Kind = card_readers.kind_of(card)
    page = PlaceCard(CardScene.PLACE, card=card_readers.KINDS[kind])
    shop.stage.show(replace(page, scene=CardScene.REMOVE), AT_THE_DOOR)
    await card_readers.removed(shop.backstage.devices, kind, REMOVAL_SECONDS)
