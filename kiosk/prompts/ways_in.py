"""What stands at the beginning: home, search, one question, the guide of a service."""

from __future__ import annotations

from dataclasses import dataclass

from config.form import When
from config.words import Words


@dataclass(frozen=True)
class Tile:
    """One theme of the home page."""

    value: str
    name: Words
    icon: str  # a name of the icon font
    count: int  # services under it


@dataclass(frozen=True)
class Way:
    """Another way in, or on: a small button with an icon."""

    value: str
    name: Words
    icon: str


@dataclass(frozen=True)
class Home:
    """The eight themes. Answer: `Chosen(theme)`, or of one of `ways`. `notice` tells of an outage, kindly.

    `ways` are the other ways in: search, questions, progress, what a phone or a receipt goes on with.
    """

    tiles: tuple[Tile, ...]
    hall: Words
    notice: Words | None = None
    ways: tuple[Way, ...] = ()


@dataclass(frozen=True)
class Option:
    """One answer of a choice. A `reason` greys it and is shown beneath."""

    value: str
    name: Words
    note: Words | None = None
    reason: Words | None = None
    only_if: When | None = None  # of a form's field: offered only with these answers


@dataclass(frozen=True)
class ChooseService:
    """The services of a theme. Answer: `Chosen(service id)`."""

    theme: Words
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Entry:
    """One service to be found. `letters` are the initials of its name in pinyin, small letters."""

    value: str
    name: Words
    letters: str
    note: Words | None = None  # its theme
    reason: Words | None = None


@dataclass(frozen=True)
class Find:
    """Search by initials or words: the page narrows the entries as letters are touched. Answer: `Chosen`."""

    question: Words
    entries: tuple[Entry, ...]


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
    ways: tuple[Way, ...] = ()  # for somebody else, on the phone: beside the action
