"""Trying what needs a person's hand: a card laid, a code held, a key touched, a signature, a finger.

What is read is dropped where it was read: a report says that a card was read, never whose.
"""

from __future__ import annotations

from typing import Any

from config.devices import Kind
from config.words import Words, joined, words
from drivers.device import DeviceError
from kiosk.readiness.workplace import Allowed, Tried, Workplace

HAND_SECONDS = 20.0  # for somebody to do it
_SLACK = 5.0
_NONE = ("id_no_card", "card_none")  # nobody laid one: that is no fault of the reader


async def id_card(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """The module's own number asked; with somebody there a card read."""
    module = ""
    if place.devices.offers(Kind.ID_CARD_READER, "sam_id"):
        module = str(await _ask(place, Kind.ID_CARD_READER, name, "sam_id", seconds=10.0))
    found = words("doctor.module", number=module) if module else None
    if not allowed.person:
        tried = words("doctor.tried_module" if module else "doctor.tried_state")
        return Tried(tried, found, untried=words("doctor.untried_card"))
    return await _card(place, Kind.ID_CARD_READER, name, found, words("doctor.ask_id_card"))


async def social_card(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """With somebody there a card read."""
    if not allowed.person:
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_card"))
    return await _card(place, Kind.SOCIAL_CARD_READER, name, None, words("doctor.ask_social_card"))


async def _card(place: Workplace, kind: Kind, name: str, found: Words | None, asked: Words) -> Tried:
    place.ask(asked)
    tried = words("doctor.tried_card")
    try:
        await _ask(place, kind, name, "read_card", HAND_SECONDS)
    except DeviceError as error:
        if error.code not in _NONE:
            raise
        return Tried(words("doctor.tried_state"), found, untried=_no_hand())
    return Tried(tried, joined([*([found] if found else []), words("doctor.card_read")]))


async def scanner(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """With somebody there a code read, of which only the length is told."""
    if not allowed.person:
        return Tried(words("doctor.tried_state"), untried=words("doctor.untried_code"))
    await _forget(place, Kind.CODE_SCANNER, name)
    place.ask(words("doctor.ask_code"))
    code = await _ask(place, Kind.CODE_SCANNER, name, "read_code", HAND_SECONDS, fresh=False)
    if code is None:
        return Tried(words("doctor.tried_state"), untried=_no_hand())
    return Tried(words("doctor.tried_code"), words("doctor.code_read", n=len(code)))


async def rating_pad(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """With somebody there a key touched."""
    question = words("doctor.ask_key")
    return await _pad(place, Kind.RATING_PAD, name, allowed, question, "ask", question, HAND_SECONDS)


async def signature_pad(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """With somebody there a few strokes."""
    return await _pad(
        place, Kind.SIGNATURE_PAD, name, allowed, words("doctor.ask_strokes"), "sign", HAND_SECONDS
    )


async def fingerprint(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """With somebody there a finger captured."""
    return await _pad(
        place, Kind.FINGERPRINT_READER, name, allowed, words("doctor.ask_finger"), "capture", HAND_SECONDS
    )


async def _pad(
    place: Workplace, kind: Kind, name: str, allowed: Allowed, asked: Words, verb: str, *arguments: object
) -> Tried:
    state = words("doctor.tried_state")
    if not allowed.person:
        return Tried(state, untried=words("doctor.untried_hand"))
    place.ask(asked)
    answered = await _ask(place, kind, name, verb, *arguments) is not None
    await _forget(place, kind, name)
    if not answered:
        return Tried(state, untried=_no_hand())
    return Tried(words("doctor.tried_hand"), words("doctor.hand_felt"))


def _no_hand() -> Words:
    return words("doctor.untried_no_hand", seconds=f"{HAND_SECONDS:.0f}")


def asks(kind: Kind) -> Words | None:
    """What somebody will be asked to do when a device of this kind is tried; None: nothing."""
    row = _ASKS.get(kind)
    return words(f"doctor.ask_{row}") if row else None


_ASKS = {
    Kind.ID_CARD_READER: "id_card",
    Kind.SOCIAL_CARD_READER: "social_card",
    Kind.CODE_SCANNER: "code",
    Kind.RATING_PAD: "key",
    Kind.SIGNATURE_PAD: "strokes",
    Kind.FINGERPRINT_READER: "finger",
}


async def _forget(place: Workplace, kind: Kind, name: str) -> None:
    """What was scanned, touched or written before, and what was now."""
    if place.devices.offers(kind, "reset"):
        await _ask(place, kind, name, "reset", seconds=_SLACK)


async def _ask(
    place: Workplace,
    kind: Kind,
    name: str,
    verb: str,
    *arguments: object,
    seconds: float = HAND_SECONDS + _SLACK,
    **named: object,
) -> Any:
    return await place.devices.call(kind, verb, *arguments, seconds=seconds, device=name, **named)
