"""What is filled in and brought: fields, materials, pages under the camera."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from config.form import When
from config.words import Words
from kiosk.prompts.frame import Picture, Value
from kiosk.prompts.ways_in import Option, Way


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


class FieldKind(StrEnum):
    """How a field is answered."""

    TEXT = "text"
    CHOICE = "choice"
    CHOICES = "choices"
    MONTH = "month"
    DATE = "date"
    PHONE = "phone"
    NUMBER = "number"
    MONEY = "money"  # whole fen as digits
    REGION = "region"  # six digits, of config/regions.py
    ID_NUMBER = "id_number"
    CREDIT_CODE = "credit_code"
    BANK_CARD = "bank_card"
    PLATE = "plate"


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
    hint: Words | None = None
    masked: bool = False  # another person's number: shown masked once it is written
    long: bool = False  # a text of several lines
    most: int = 0  # characters; 0: as many as fit
    only_if: When | None = None  # asked only with these answers; else it is not on the page
    doubt: bool = False  # the citizen may say that this is wrong: `Wrong(key)`


@dataclass(frozen=True)
class FillForm:
    """A form, prefilled where data is known. Answer: `Filled(values)` of the unlocked fields, or `Wrong`.

    `noted` is told of what stands in the unlocked fields whenever something in it has changed, from any
    thread: *back*, home, `Wrong` and the end of time lose nothing. `ways` lead on elsewhere: `Chosen(value)`.
    """

    question: Words
    fields: tuple[Field, ...]
    action: Words
    scanned: str = ""  # key of the field that a code has just filled: its value replaces what was typed
    noted: Callable[[Mapping[str, Value]], None] | None = field(default=None, compare=False, repr=False)
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class MaterialLine:
    """One material and how it is had. `change` offers another way."""

    key: str
    name: Words
    way: Words  # 免交（数据核验） …
    done: bool  # had already; else it comes next
    change: bool = False


@dataclass(frozen=True)
class Materials:
    """The papers that a service wants. Answer: `Chosen("next")` or `Chosen("change:KEY")`."""

    question: Words
    lines: tuple[MaterialLine, ...]
    action: Words
    note: Words | None = None
