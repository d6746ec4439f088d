"""What a technician is asked, in a mode of its own that no citizen sees: dense pages, many choices.

An action `back` or `leave` is not drawn beside the others where the frame has a button for it (`Place`):
that button answers with it then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from config.words import Words
from kiosk.prompts.doing import Row
from kiosk.prompts.frame import Picture
from kiosk.prompts.ways_in import Option


class Condition(StrEnum):
    """How a line of the technician's lists stands; told by word and shape, not by colour alone."""

    READY = "ready"
    ATTENTION = "attention"  # it works; somebody must see to it this week or today
    NOT_READY = "not_ready"
    UNKNOWN = "unknown"
    PLAIN = "plain"  # it has none: a page that is only read. Neither shape nor word


@dataclass(frozen=True)
class TechnicianKey:
    """Who are you? A technician's card answers, or `StaffSaid(number, pin)` with the six digits of his code.

    Touches: home, which leaves. `card` tells whether a reader is there that may read one.
    """

    question: Words
    card: bool
    problem: Words | None = None


@dataclass(frozen=True)
class WorkLine:
    """One line of a list: a device, a part of the machine, a finding. `value` answers when it is touched."""

    value: str  # "" cannot be touched
    name: Words
    told: Words  # its state in a few words
    condition: Condition


@dataclass(frozen=True)
class WorkList:
    """A list that pages, with its condition at each line. Answer: `Chosen(value)` of a line or an action."""

    title: Words
    lines: tuple[WorkLine, ...]
    actions: tuple[Option, ...] = ()  # at most six
    note: Words | None = None
    at: str = ""  # the line that he comes back from: its page is shown first


@dataclass(frozen=True)
class WorkSheet:
    """One thing in full: what is known of it, what can be done. Answer: `Chosen(value)` of an action."""

    title: Words
    rows: tuple[Row, ...]
    actions: tuple[Option, ...]  # at most eight
    condition: Condition = Condition.UNKNOWN
    note: Words | None = None  # the remedy, where there is one
    main: str = ""  # the action that comes next, if one does; the others are equal


@dataclass(frozen=True)
class TouchCrosses:
    """Crosses to be touched one after the other, at these parts (0–1) of width and height.

    Answer: `Touched(points)`, or home, which changes nothing. Leaves by itself with home after `seconds`,
    since a screen whose touch is far off can touch nothing else.
    """

    question: Words
    crosses: tuple[tuple[float, float], ...]
    seconds: float = 30.0


@dataclass(frozen=True)
class CameraSight:
    """A camera's live picture with what is measured in it now. Answer: `Chosen(value)` of an action.

    `measured` is called with each picture, on the drawing thread, and must not block.
    """

    title: Words
    frames: Callable[[], Picture | None] = field(repr=False)
    measured: Callable[[], tuple[WorkLine, ...]] = field(repr=False)
    actions: tuple[Option, ...] = ()
