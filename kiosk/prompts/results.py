"""What came of it: results, tables, papers, ratings, trouble, the end."""

from __future__ import annotations

from dataclasses import dataclass

from config.words import Words
from kiosk.prompts.doing import Row
from kiosk.prompts.frame import Picture
from kiosk.prompts.ways_in import Option


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
class ShowTable:
    """What was found, as a table that pages. Columns in `hidden` are masked until they are touched.

    Answer: `Chosen(value)` of one of the actions; the first is the main one.
    """

    title: Words
    heads: tuple[Words, ...]
    lines: tuple[tuple[Words, ...], ...]
    rows: tuple[Row, ...] = ()  # above the table
    hidden: tuple[int, ...] = ()
    note: Words | None = None
    actions: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Preview:
    """A document page by page before it is printed or sent. Answer: `Chosen(value)` of one of the actions."""

    question: Words
    pages: tuple[Picture, ...]
    actions: tuple[Option, ...]
    note: Words | None = None


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
    write: bool = False  # own words may be added, up to 150 characters


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
    """The terminal cannot serve now. No answer is wanted. `note`: the hall's notice, or the cause.

    `hours` tells when it is open, `elsewhere` where the next terminal is; neither where nobody knows.
    """

    what: Words
    call: Words
    note: Words | None = None
    hours: Words | None = None
    elsewhere: Words | None = None


@dataclass(frozen=True)
class Masked:
    """What staff may see of a page in a session: which one it is, never what is in it. Shown to no citizen.

    `heading` is what it says aloud, `blanks` how many things are in it.
    """

    kind: str  # the name of the prompt's class
    heading: Words | None
    blanks: int = 0
