"""A signature as strokes: what the screen and every signature pad give, and the SVG path it is sent as."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass, field

WIDTH = 1000  # of the path's own units; the height follows from `aspect`
MOST_POINTS = 8000  # a name has some hundreds
LEAST_INK = 0.15  # of the width: less is a slip of the finger
_PATH = re.compile(r"M\d{1,5} \d{1,5}(L\d{1,5} \d{1,5})*(M\d{1,5} \d{1,5}(L\d{1,5} \d{1,5})*)*")


@dataclass(frozen=True)
class Point:
    """Where the finger was: x from the left and y from the top, both 0 to 1; `t` seconds since the start."""

    x: float
    y: float
    t: float


@dataclass(frozen=True)
class Strokes:
    """What was drawn, a tuple of points each time the finger came down. `aspect` is width / height.

    It is personal: no repr shows it, and nothing but a submission carries it.
    """

    strokes: tuple[tuple[Point, ...], ...] = field(default=(), repr=False)
    aspect: float = 2.0

    @property
    def ink(self) -> float:
        """The length of all lines, in widths of the pad."""
        return sum(
            math.hypot(b.x - a.x, (b.y - a.y) / self.aspect)
            for stroke in self.strokes
            for a, b in itertools.pairwise(stroke)
        )

    @property
    def enough(self) -> bool:
        """Enough ink to be meant."""
        return self.ink >= LEAST_INK

    def svg_path(self) -> str:
        """The `d` of an SVG path, 1000 units wide: `M120 80L130 95…`, without the times.

        At most some MOST_POINTS: of more, every second, third … is left out.
        """
        high = WIDTH / self.aspect
        every = 1 + sum(map(len, self.strokes)) // MOST_POINTS
        return "".join(
            f"{'L' if n else 'M'}{round(_held(point.x) * WIDTH)} {round(_held(point.y) * high)}"
            for stroke in self.strokes
            for n, point in enumerate(stroke[::every])
        )


def is_path(text: str) -> bool:
    """Whether the text is a path as `Strokes.svg_path` writes it, with at least one line."""
    return "L" in text and _PATH.fullmatch(text) is not None


def _held(share: float) -> float:
    return min(1.0, max(0.0, share))
