"""What a simulated fleet has seen: counts and spans of time, to be added up over processes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, fields

_FIRST = 1e-4  # seconds: the upper end of the first class
_RATIO = 1.05  # of one class to the next: what is said is at most 5 % too much
_CLASSES = 320  # up to ten minutes


@dataclass
class Spans:
    """Durations, counted in classes."""

    classes: list[int] = field(default_factory=lambda: [0] * _CLASSES)

    def note(self, seconds: float) -> None:
        """One more."""
        place = math.ceil(math.log(max(seconds, _FIRST) / _FIRST) / math.log(_RATIO))
        self.classes[min(place, _CLASSES - 1)] += 1

    @property
    def number(self) -> int:
        """How many were noted."""
        return sum(self.classes)

    def within(self, share: float) -> float:
        """Seconds within which this share (0 to 1) of them lay; 0 when there are none."""
        wanted, seen = share * self.number, 0
        for place, count in enumerate(self.classes):
            seen += count
            if count and seen >= wanted:
                return float(_FIRST * _RATIO**place)
        return 0.0


@dataclass
class Figures:
    """Counts of one process, or of all."""

    terminals: int = 0
    online: int = 0  # connected and subscribed now
    greeted: int = 0  # of those, whose birth the hall has answered
    connections: int = 0  # that were accepted
    failures: int = 0  # attempts that came to nothing, and lines that broke
    turned_away: int = 0  # attempts that the broker refused
    health: int = 0
    made: int = 0  # numbered messages
    sent: int = 0  # of those, publications, with repetitions
    acked: int = 0
    refused: int = 0
    births_asked: int = 0
    memory: int = 0  # bytes resident
    puback: Spans = field(default_factory=Spans)
    ack: Spans = field(default_factory=Spans)
    back: Spans = field(default_factory=Spans)  # from the storm's begin, or the line's end, to online again

    @property
    def unacked(self) -> int:
        """Numbered messages that the hall has neither stored nor refused."""
        return self.made - self.acked - self.refused


def total(parts: Sequence[Figures]) -> Figures:
    """All of them together."""
    whole = Figures()
    for part in parts:
        for one in fields(Figures):
            mine, other = getattr(whole, one.name), getattr(part, one.name)
            if isinstance(mine, Spans):
                mine.classes = [a + b for a, b in zip(mine.classes, other.classes, strict=True)]
            else:
                setattr(whole, one.name, mine + other)
    return whole
