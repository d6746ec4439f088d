"""What the hall may set at a terminal from afar: a closed table, with desired and reported values.

The terminal's settings file says what it is and has; these are the few things that a duty officer changes
while it runs. They take precedence over the file, and a value that is not wanted any more falls back to it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

Value = str | int
LONGEST = 80  # characters of a line that a citizen reads
# A line as people write it: no control characters, none that turn its direction, no space at its ends.
_BAD = r"\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff"
LINE = rf"(?!\s)[^{_BAD}]{{2,{LONGEST}}}(?<!\s)"


@dataclass(frozen=True)
class Item:
    """One value: a whole number in bounds, or a text that matches `pattern`. `restart`: holds after one.

    `longest`: characters of a text that people read; 0 for a text of few characters.
    """

    least: int = 0
    most: int = 0
    pattern: str = ""
    example: str = ""  # of what fits the pattern, for who is told that something else does not
    restart: bool = False
    longest: int = 0


ITEMS: Mapping[str, Item] = {
    "volume": Item(0, 100),  # percent; 0 is silent
    "brightness": Item(5, 100),  # percent; a screen that shows nothing helps nobody
    "hours": Item(  # open for citizens
        pattern=r"always|([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", example="always, 09:00-17:00"
    ),
    "language": Item(pattern=r"zh|en", example="zh, en"),  # that the home page begins in
    "speak": Item(pattern=r"on|off", example="on, off"),  # each question is read aloud
    "help_phone": Item(pattern=r"[0-9 +-]{3,20}", example="0571 12345"),
    # where the next terminal is, for who finds this one out of service
    "elsewhere_zh": Item(pattern=LINE, example="2–80 characters", longest=LONGEST),
    "elsewhere_en": Item(pattern=LINE, example="2–80 characters", longest=LONGEST),
    "idle_seconds": Item(30, 600),
    "health_seconds": Item(5, 600),
}


def objection(name: str, value: Value) -> str:
    """Why this value cannot be set; empty when it can."""
    item = ITEMS.get(name)
    if item is None:
        return "unknown"
    if item.pattern:
        fits = isinstance(value, str) and re.fullmatch(item.pattern, value) is not None
        return "" if fits else f"must be like {item.example}"
    if not isinstance(value, int) or isinstance(value, bool) or not item.least <= value <= item.most:
        return f"must be a whole number from {item.least} to {item.most}"
    return ""


def is_open(hours: str, clock: str) -> bool:
    """Whether `09:30` lies in `09:00-17:00`, or in a span that passes midnight; always: it does."""
    if hours == "always":
        return True
    begin, _, end = hours.partition("-")
    if begin == end:
        return True
    return begin <= clock < end if begin < end else clock >= begin or clock < end


def hours_read(hours: str) -> str:
    """`08:30-17:30` as people read it, `08:30–17:30`: a hyphen joins, the longer dash means *until*."""
    return hours.replace("-", "–")


def next_opening(hours: str, now: datetime) -> datetime | None:
    """When it opens next, in hours as of `is_open`; None while it is open."""
    if is_open(hours, now.strftime("%H:%M")):
        return None
    hour, minute = hours.partition("-")[0].split(":")
    opening = now.replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return opening if opening > now else opening + timedelta(days=1)
