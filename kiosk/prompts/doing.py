"""From the confirmation on: what is done, paid, signed, waited for."""

from __future__ import annotations

from dataclasses import dataclass

from config.words import Words
from kiosk.prompts.ways_in import Option


@dataclass(frozen=True)
class Row:
    """A label and its value as people read them (numbers grouped, persons masked)."""

    label: Words
    value: Words


@dataclass(frozen=True)
class Confirm:
    """The last page before something is done. Answer: `Chosen("confirm")`."""

    question: Words
    rows: tuple[Row, ...]
    action: Words  # says what it does: 提交并打印
    note: Words | None = None


@dataclass(frozen=True)
class Pay:
    """A code to pay with a phone. The payment answers, nobody else; touches: back, home."""

    question: Words
    what: Words  # what is paid for
    fen: int
    code: str  # the text of the QR code
    seconds: int  # how long it can be paid, from when it is first shown
    note: Words


@dataclass(frozen=True)
class Sign:
    """Signing with the finger on the screen. Answer: `Signed(strokes)` with enough ink."""

    question: Words
    text: tuple[Words, ...]  # what is signed
    action: Words
    problem: Words | None = None


@dataclass(frozen=True)
class Working:
    """Something takes longer than a second: what is done and how long it usually takes."""

    doing: Words
    usual_seconds: int
    device: str = ""  # the kind whose picture is shown; empty: none
    note: Words | None = None  # in place of how long it usually takes


@dataclass(frozen=True)
class ShowCode:
    """A QR code for the citizen's phone, good for `seconds`. What the phone does may answer.

    Touches: back, home, `Chosen(value)` of one of the actions.
    """

    question: Words
    code: str  # the text of the QR code
    seconds: int
    note: Words
    actions: tuple[Option, ...] = ()
