"""Who is it: cards, codes, face, secret numbers, staff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from config.words import Words
from kiosk.prompts.doing import Row
from kiosk.prompts.frame import Picture


class CardScene(StrEnum):
    """What the picture of the card reader shows."""

    PLACE = "place"
    READING = "reading"
    READ = "read"
    REMOVE = "remove"
    REFUSED = "refused"


CardKind = Literal["id", "social", "both"]


@dataclass(frozen=True)
class PlaceCard:
    """Asks for a card. The reader answers; touches: back, home, `Chosen("other")` if offered."""

    scene: CardScene
    problem: Words | None = None
    other: Words | None = None  # the name of another way, offered after two failures
    card: CardKind = "id"  # which card may be placed, or which one it is that is read or removed


@dataclass(frozen=True)
class HoldCode:
    """Asks for a QR code before the scanner. The scanner answers; touches: back, home, `Chosen("other")`."""

    question: Words
    hint: Words
    problem: Words | None = None
    other: Words | None = None


@dataclass(frozen=True)
class EnterPin:
    """The secret number of a card. Never shown nor read aloud. Answer: `Chosen(pin)`, `Chosen("other")`."""

    question: Words
    digits: int  # exactly so many
    problem: Words | None = None  # how many tries are left
    other: Words | None = None


@dataclass(frozen=True)
class StaffCheck:
    """Staff compare the person with the card. Answer: `StaffSaid(…)` or `Chosen("other")`."""

    question: Words
    rows: tuple[Row, ...]  # what the card says
    other: Words
    problem: Words | None = None


@dataclass(frozen=True)
class Consent:
    """Separate consent for one use of personal data. Answer: `Chosen("agree")` or `Chosen("other")`."""

    question: Words
    points: tuple[Words, ...]
    agree: Words
    other: Words


@dataclass(frozen=True)
class LookAtCamera:
    """The live picture and a hint. The face check answers; touches: back, home, `Chosen("other")`."""

    frames: Callable[[], Picture | None]
    hint: Words
    attempt: int  # 1-based
    attempts: int
    other: Words


@dataclass(frozen=True)
class EnterCode:
    """A code of `digits` digits sent to `sent_to` (masked). Answer: `Chosen(code)` or `Chosen("again")`."""

    question: Words
    sent_to: str
    digits: int
    problem: Words | None = None
    again_after: float = 60.0  # seconds until the code may be sent again
