"""What the core asks a citizen, and the answers, as plain data.

A prompt says *what* is asked, never how it is drawn: `screens/` has one page
per class, a test answers from a list. Words are bilingual, so a page can be
drawn again in another language without asking the core. A prompt lives no
longer than its session.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Literal

from config.strokes import Strokes
from config.words import Words

Value = str | tuple[str, ...]  # a field's value: text, code or `YYYY-MM`; several codes for `choices`


# ── where the citizen is ────────────────────────────────────────────────────
@dataclass(frozen=True)
class Place:
    """Where in the journey a prompt stands: the constant frame around it."""

    title: Words | None = None  # the service's name
    step: int = 0  # 1-based; 0 hides the step line
    steps: int = 0
    back: bool = True
    home: bool = True


# ── prompts ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Tile:
    """One theme of the home page."""

    value: str
    name: Words
    icon: str  # a name of the icon font
    count: int  # services under it


@dataclass(frozen=True)
class Home:
    """The eight themes. Answer: `Chosen(theme)`. `notice` tells of an outage, kindly."""

    tiles: tuple[Tile, ...]
    hall: Words
    notice: Words | None = None


@dataclass(frozen=True)
class Option:
    """One answer of a choice. A `reason` greys it and is shown beneath."""

    value: str
    name: Words
    note: Words | None = None
    reason: Words | None = None


@dataclass(frozen=True)
class ChooseService:
    """The services of a theme. Answer: `Chosen(service id)`."""

    theme: Words
    options: tuple[Option, ...]


@dataclass(frozen=True)
class ChooseOne:
    """One question, at most eight answers. Answer: `Chosen(value)`."""

    question: Words
    options: tuple[Option, ...]
    note: Words | None = None


@dataclass(frozen=True)
class Guide:
    """What a service needs, gives and excludes, before it starts. Answer: `Chosen("start")`."""

    name: Words
    summary: Words
    needs: tuple[Words, ...]
    gives: tuple[Words, ...]
    excludes: tuple[Words, ...]
    facts: tuple[tuple[Words, Words], ...]  # (label, value): fee, time, legal ground, phone
    action: Words
    blocked: Words | None = None  # why it cannot start now; the action is greyed


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
class Consent:
    """Separate consent for one use of personal data. Answer: `Chosen("agree")` or `Chosen("other")`."""

    question: Words
    points: tuple[Words, ...]
    agree: Words
    other: Words


@dataclass(frozen=True)
class Picture:
    """One live frame: RGB bytes, row by row from the top."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True)
class LookAtCamera:
    """The live picture and a hint. The face check answers; touches: back, home, `Chosen("other")`."""

    frames: Callable[[], Picture | None]
    hint: Words
    attempt: int  # 1-based
    attempts: int
    other: Words


@dataclass(frozen=True)
class ScanDocument:
    """The table under the document camera, live; with `actions`, a page just taken.

    Live, the camera answers. Touches: back, home, `Chosen(value)` of one of the actions, the first the main.
    """

    question: Words
    frames: Callable[[], Picture | None]
    hint: Words
    page: int = 1  # 1-based
    pages: int = 1
    actions: tuple[Option, ...] = ()


@dataclass(frozen=True)
class EnterCode:
    """A code of `digits` digits sent to `sent_to` (masked). Answer: `Chosen(code)` or `Chosen("again")`."""

    question: Words
    sent_to: str
    digits: int
    problem: Words | None = None
    again_after: float = 60.0  # seconds until the code may be sent again


class FieldKind(StrEnum):
    """How a field is answered."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    MONTH = "month"
    DATE = "date"
    PHONE = "phone"
    NUMBER = "number"


@dataclass(frozen=True)
class Field:
    """One field of a form. A locked one is shown with its source and cannot be changed."""

    key: str
    kind: FieldKind
    label: Words
    value: Value = ""
    options: tuple[Option, ...] = ()
    locked: bool = False
    source: Words | None = None
    required: bool = True
    earliest: date | None = None
    latest: date | None = None
    problem: Words | None = None
    scan: bool = False  # a code scanner is ready: a code held before it fills this field


@dataclass(frozen=True)
class FillForm:
    """A form, prefilled where data is known. Answer: `Filled(values)` of the unlocked fields."""

    question: Words
    fields: tuple[Field, ...]
    action: Words
    scanned: str = ""  # key of the field that a code has just filled: its value replaces what was typed


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
class Event:
    """One line of a timeline."""

    when: str  # as people read it
    what: Words
    done: bool = True


@dataclass(frozen=True)
class ShowResult:
    """The outcome. Answer: `Chosen(value)` of one of the actions; the first is the main one."""

    good: bool
    title: Words
    rows: tuple[Row, ...] = ()
    timeline: tuple[Event, ...] = ()
    note: Words | None = None
    actions: tuple[Option, ...] = ()


@dataclass(frozen=True)
class TakePaper:
    """Paper has come out. Answer: `Chosen("taken")`."""

    question: Words
    device: str  # kind of the printer whose picture is shown
    note: Words | None = None


@dataclass(frozen=True)
class Star:
    """One of the five ratings with its indicator codes (`code`, words)."""

    stars: int
    name: Words
    codes: tuple[Option, ...]


@dataclass(frozen=True)
class Rate:
    """Rating 1–5 with indicator codes. Answer: `Rated(…)` or `Chosen("skip")`."""

    question: Words
    stars: tuple[Star, ...]


@dataclass(frozen=True)
class Trouble:
    """Bad news, kindly: what happened, what is safe, what to do now, whom to call.

    Answer: `Chosen(value)` of one of the options.
    """

    what: Words
    safe: Words
    next: Words
    call: Words
    options: tuple[Option, ...]
    code: str = ""  # of faults.toml: for records and tests; staff read it at the desk, not here


@dataclass(frozen=True)
class Goodbye:
    """The end. Leaves by itself; answer (any touch): `Chosen("done")`."""

    thanks: Words
    reminders: tuple[Words, ...] = ()  # take your card, take your papers
    seconds: int = 8


@dataclass(frozen=True)
class OutOfService:
    """The terminal cannot serve now. No answer is wanted. `note`: the hall's notice, or the hours."""

    what: Words
    call: Words
    note: Words | None = None


@dataclass(frozen=True)
class Masked:
    """What staff may see of a page in a session: which one it is, never what is in it. Shown to no citizen.

    `heading` is what it says aloud, `blanks` how many things are in it.
    """

    kind: str  # the name of the prompt's class
    heading: Words | None
    blanks: int = 0


Prompt = (
    Home
    | ChooseService
    | ChooseOne
    | Guide
    | PlaceCard
    | Consent
    | LookAtCamera
    | ScanDocument
    | EnterCode
    | FillForm
    | Confirm
    | Pay
    | Sign
    | Working
    | ShowResult
    | TakePaper
    | Rate
    | Trouble
    | Goodbye
    | OutOfService
    | Masked
)


# ── answers ─────────────────────────────────────────────────────────────────
@dataclass(frozen=True)
class Chosen:
    """One value touched."""

    value: str


@dataclass(frozen=True)
class Filled:
    """The values of a form's unlocked fields."""

    values: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True)
class Rated:
    """A rating: 1–5 stars (5 best) and indicator codes."""

    stars: int
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Signed:
    """What was written with the finger."""

    strokes: Strokes


Answer = Chosen | Filled | Rated | Signed
