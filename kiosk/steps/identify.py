"""Who is it? A card on a reader, the code of an app, or a typed number; and the platform's handle for him."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial

from config import rules
from config.devices import Kind
from config.faults import any_fault
from config.identity_api import IdentityClaim, Subject
from config.words import Words, words
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.social_card import SocialCard
from kiosk import card_readers
from kiosk.app_holder import Holder
from kiosk.card_readers import Card
from kiosk.platform import PlatformError
from kiosk.prompts import CardScene, ChooseOne, Chosen, Option, PlaceCard
from kiosk.session import Means, Outcome
from kiosk.stage import GoBack
from kiosk.steps.by_app import by_app
from kiosk.steps.by_number import by_number
from kiosk.visit import Leave, Visit

REMOVAL_SECONDS = 6.0  # how long we wait for the card to be lifted before going on with a reminder
FOLLOW_SECONDS = 0.5  # until the page tells that a reader has come or gone
OTHER_AFTER = 2  # failures after which every other way is offered
_TAKE = {
    Kind.ID_CARD_READER: words("journey.take_card"),
    Kind.SOCIAL_CARD_READER: words("journey.take_social_card"),
}


@dataclass(frozen=True)
class Told:
    """Who it is, by what, and the platform's handle. `staff`: who of them has looked, if anybody has."""

    person: Holder
    subject: Subject
    means: Means
    staff: str = ""


async def identify(visit: Visit) -> None:
    """Learns who it is, by a card or another way that the service takes, and opens his subject.

    For an agent's principal eligibility is asked later; of everybody else now.
    """
    session = visit.session
    session.person = session.subject = None
    session.means, session.staff = "none", ""
    told = await who(visit)
    if not session.acting:
        await check_eligible(visit, told.person)
    session.person, session.subject = told.person, told.subject
    session.means, session.staff = told.means, told.staff


async def who(visit: Visit, notice: Words | None = None) -> Told:
    """Asks until somebody is known to the platform. `notice`: whose card is wanted, if not plainly his."""
    failures = 0
    while True:
        card, failures = await _card(visit, failures, notice)
        if card is None:
            told = await _another_way(visit, failures)
        else:
            told = await _of_the_card(visit, card)
        if told is not None:
            return told


async def check_eligible(visit: Visit, person: Holder) -> None:
    """Leaves the journey as referred when the service is not for this person."""
    facts = {"today": visit.backstage.today(), "birth": person.birth}
    for use in visit.service.eligibility:
        complaint = rules.complaint(use.rule, use.parameters, None, facts, {})
        if complaint is not None:
            await visit.tell_trouble("platform_refused", "window", "home", what=complaint)
            raise Leave(Outcome.REFERRED)


# ── by a card ───────────────────────────────────────────────────────────────
async def _of_the_card(visit: Visit, card: Card) -> Told | None:
    """The holder of a card that was read; None when it is told why it does not do."""
    devices = visit.backstage.devices
    kind = card_readers.kind_of(card)
    if card.card not in visit.service.cards:
        accepted = [words(f"identify.kind_{one}") for one in _offered(visit)]
        what = words(
            "identify.not_accepted", card=words(f"identify.kind_{card.card}"), accepted=_list(accepted)
        )
        await visit.tell_trouble("id_refused", "again", "window", "home", what=what)
        return None
    if card.valid_to is not None and card.valid_to < visit.backstage.today():
        social = kind is Kind.SOCIAL_CARD_READER
        await visit.tell_trouble("card_expired" if social else "id_expired", "again", "window", "home")
        return None
    visit.show(PlaceCard(CardScene.REMOVE, card=card_readers.KINDS[kind]))
    removal = asyncio.ensure_future(card_readers.removed(devices, kind, REMOVAL_SECONDS))
    try:
        subject = await _subject(visit, card)
        left = [] if await removal else [kind]
        left += await card_readers.left_behind(devices, kind)
        visit.reminders.extend(_TAKE[one] for one in left)
    finally:
        removal.cancel()
    return Told(card, subject, "card")


def _offered(visit: Visit) -> list[str]:
    """What the service takes and this machine can read."""
    devices, cards = visit.backstage.devices, visit.service.cards
    kinds = card_readers.for_cards(cards)
    read = [one for one in cards if one != "app" and devices.has(card_readers.reader_of(one))]
    return read + (["app"] if _app(visit) else []) if kinds else list(cards)


def _list(names: list[Words]) -> Words:
    comma = words("journey.comma")
    return Words(comma.zh.join(one.zh for one in names), comma.en.join(one.en for one in names))


async def _card(visit: Visit, failures: int, notice: Words | None) -> tuple[Card | None, int]:
    """A card that was read, or None when another way is wanted; and how many were bad by now."""
    kinds = card_readers.for_cards(visit.service.cards)
    devices = visit.backstage.devices
    problem: Words | None = None
    while True:
        prompt = PlaceCard(
            CardScene.REFUSED if problem else CardScene.PLACE,
            problem or notice,
            _other(visit, failures),
            card_readers.wanted(devices, kinds),
        )
        try:
            found = await visit.ask_or(prompt, _coming(visit, prompt, kinds))
        except DeviceError as error:
            if not card_readers.is_about_the_card(error.code):
                way = await visit.tell_trouble(error.code, *_from_the_readers(visit), "window", "home")
                if way == "other":
                    return None, max(failures, OTHER_AFTER)
                continue
            failures, problem = failures + 1, any_fault(error.code).citizen
            continue
        if isinstance(found, IdCard | SocialCard):
            return found, failures
        if isinstance(found, Chosen) and found.value == "other":
            return None, failures


def _from_the_readers(visit: Visit) -> tuple[str, ...]:
    return (
        ("again", "other") if _app(visit) or visit.backstage.settings.identification.staffed else ("again",)
    )


async def _coming(visit: Visit, prompt: PlaceCard, kinds: tuple[Kind, ...]) -> Card:
    """The first card; meanwhile the page speaks of the readers that are ready, and then of the one in use."""
    devices = visit.backstage.devices

    async def follow() -> None:
        told = prompt.card
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            if (now := card_readers.wanted(devices, kinds)) != told:
                told = now
                visit.show(replace(prompt, card=now))

    following = asyncio.ensure_future(follow())

    def reading(kind: Kind) -> None:
        following.cancel()
        visit.show(PlaceCard(CardScene.READING, card=card_readers.KINDS[kind]))

    try:
        return await card_readers.first_card(devices, reading, kinds)
    finally:
        following.cancel()


async def _subject(visit: Visit, card: Card) -> Subject:
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
    return subject


# ── another way ─────────────────────────────────────────────────────────────
def _app(visit: Visit) -> bool:
    return "app" in visit.service.cards and visit.backstage.devices.has(Kind.CODE_SCANNER)


def _other(visit: Visit, failures: int) -> Words | None:
    """What the small button beneath the card says: the app's code at first, everything after two failures."""
    if failures < OTHER_AFTER:
        return words("identify.use_app") if _app(visit) else None
    if _app(visit) or visit.backstage.settings.identification.staffed:
        return words("identify.other_way")
    return words("journey.way_window")


async def _another_way(visit: Visit, failures: int) -> Told | None:
    """None when it comes to nothing, and the card is asked for once more."""
    way = "app" if failures < OTHER_AFTER else await _choice(visit)
    try:
        match way:
            case "app":
                holder = await by_app(visit)
                if holder is not None:
                    return Told(*holder, "app")
            case "typed":
                looked = await by_number(visit)
                if looked is not None:
                    return Told(looked.person, looked.subject, "staff", looked.staff)
            case "window":
                await visit.tell_trouble("id_unreadable", "window", "again", "home")
    except GoBack:
        pass
    return None


async def _choice(visit: Visit) -> str:
    """The other ways that there are; straight to the window when that is the only one."""
    ways = ["app"] if _app(visit) else []
    ways += ["typed"] if visit.backstage.settings.identification.staffed else []
    if not ways:
        return "window"
    noted = partial(_option, noted=True)
    options = (*map(noted, ways), _option("card"), _option("window"))
    return await visit.choose(ChooseOne(words("identify.other_question"), options))


def _option(way: str, noted: bool = False) -> Option:
    note = words(f"identify.way_{way}_note") if noted else None
    return Option(way, words(f"identify.way_{way}"), note)
