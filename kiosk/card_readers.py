"""The readers at which a citizen may identify himself, and the card that comes first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from config.devices import Kind
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.social_card import SocialCard
from kiosk.devices.devices import Devices
from kiosk.prompts import CardKind

Card = IdCard | SocialCard

KINDS: Final[dict[Kind, CardKind]] = {Kind.ID_CARD_READER: "id", Kind.SOCIAL_CARD_READER: "social"}
FIND_SECONDS = 0.3
_NO_CARD = ("id_no_card", "card_none")


def kind_of(card: Card) -> Kind:
    """The reader that it was read at."""
    return Kind.SOCIAL_CARD_READER if isinstance(card, SocialCard) else Kind.ID_CARD_READER


def reader_of(card: str) -> Kind:
    """The reader for a kind of card: `resident`, `permit`, `foreign`, `social`."""
    return Kind.SOCIAL_CARD_READER if card == "social" else Kind.ID_CARD_READER


def for_cards(cards: Iterable[str]) -> tuple[Kind, ...]:
    """The readers for what a service takes, in their own order; an app's code wants none."""
    kinds = {reader_of(card) for card in cards if card != "app"}
    return tuple(kind for kind in KINDS if kind in kinds)


def wanted(devices: Devices, kinds: tuple[Kind, ...] = tuple(KINDS)) -> CardKind:
    """Which card to ask for: of these readers that are ready, or the identity card when none is."""
    ready = [KINDS[kind] for kind in kinds if devices.ready(kind)]
    return "both" if len(ready) > 1 else ready[0] if ready else "id"


def is_about_the_card(code: str) -> bool:
    """True when another try with the card may help, and nothing is wrong with the reader."""
    return code.startswith(("id_", "card_")) or code == "device_garbled"


async def first_card(
    devices: Devices, found: Callable[[Kind], None], at: tuple[Kind, ...] = tuple(KINDS)
) -> Card:
    """Waits at these readers for a card, tells where it is `found`, and reads it.

    DeviceError when that card does not read, or when no reader works any more. A reader that is away is
    told only then.
    """
    kinds = [kind for kind in at if devices.has(kind)] or [Kind.ID_CARD_READER]
    tasks = [asyncio.ensure_future(_card_at(devices, kind, kinds, found)) for kind in kinds]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        good = [task for task in done if task.exception() is None]
        return (good or list(done))[0].result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def removed(devices: Devices, kind: Kind, seconds: float) -> bool:
    """True when the card was lifted; False when it still lies there or the reader cannot tell."""
    try:
        return bool(await devices.call(kind, "wait_removed", seconds))
    except DeviceError:
        return False


async def left_behind(devices: Devices, but: Kind) -> list[Kind]:
    """The other readers in which a card still lies that was tried there, such as one that needs a PSAM."""
    found = []
    for kind in KINDS:
        if kind is not but and devices.ready(kind):
            with suppress(DeviceError):
                if not await devices.call(kind, "wait_removed", 0.0):
                    found.append(kind)
    return found


async def _card_at(devices: Devices, kind: Kind, kinds: list[Kind], found: Callable[[Kind], None]) -> Card:
    """Looking is apart from reading, and short: a reading that was given up with the page would have used
    the card up for the next page, since a card is found again only after it has been lifted."""
    others = [other for other in kinds if other is not kind]
    while True:
        try:
            if not await devices.call(kind, "find_card", FIND_SECONDS):
                continue
        except DeviceError as error:
            if is_about_the_card(error.code) or not await _comes_back(devices, kind, others):
                raise
            continue
        found(kind)
        try:
            card = await devices.call(kind, "read_card", FIND_SECONDS)
        except DeviceError as error:  # told, whatever it is: somebody has just laid a card there
            if error.code not in _NO_CARD:
                raise
        else:
            assert isinstance(card, IdCard | SocialCard)
            return card


async def _comes_back(devices: Devices, kind: Kind, others: list[Kind]) -> bool:
    """Waits for a reader that is away, as long as another one serves; False when none does."""
    while any(devices.ready(other) for other in others):
        await asyncio.sleep(FIND_SECONDS)
        if devices.ready(kind):
            return True
    return False
