"""The design tokens: every colour, size and distance of the screens, in one file.

Lengths are given for a screen 1080 pixels wide (portrait) or 1080 high
(landscape) and scaled to the window. Contrast: INK 15.8, SOFT 8.5, BLUE 9.9,
GREEN 8.0 and RED 8.0 to 1 on PAPER; SOFT is 7.6 to 1 on GROUND (all ≥ 7).
"""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[float, float, float, float]


def _hex(text: str) -> Colour:
    red, green, blue = (int(text[i : i + 2], 16) / 255 for i in (0, 2, 4))
    return (red, green, blue, 1.0)


GROUND = _hex("F4F2EE")  # the warm grey the room is painted in
PAPER = _hex("FFFFFF")
LINE = _hex("DCD7CE")
EDGE = _hex("8C877D")  # the outline of what can be touched: 3.6 to 1 on PAPER
MUTED = _hex("EBE8E2")  # what cannot be touched now
INK = _hex("1B2330")
SOFT = _hex("454D5B")
BLUE = _hex("123F8C")  # you can press this
BLUE_PRESSED = _hex("0A2A63")
BLUE_TINT = _hex("E7EEF9")
BLUE_TINT_PRESSED = _hex("CBDAF1")
GREEN = _hex("155C36")  # done
GREEN_TINT = _hex("E4F1E9")
RED = _hex("9E1B1B")  # stop
RED_TINT = _hex("FAEAE8")
SHADOW: Colour = (0.10, 0.13, 0.20, 0.13)
VEIL: Colour = (0.08, 0.10, 0.15, 0.62)

# the machine in the pictures
STEEL = _hex("E3E6EA")
STEEL_DARK = _hex("C3C9D1")
STEEL_LINE = _hex("9BA4AF")
SCREEN_OFF = _hex("27364D")
SLOT = _hex("333D4B")


@dataclass(frozen=True)
class Tokens:
    """All lengths in pixels of one window."""

    width: int
    height: int
    portrait: bool
    unit: float  # pixels of the window per pixel of the design
    # type, five sizes
    display: int
    title: int
    lead: int
    body: int
    small: int
    # distances
    hair: int
    gap: int
    pad: int
    margin: int
    radius: int
    touch: int  # the least side of anything that can be touched
    action: int  # height of the main action
    # the frame
    head: int
    steps: int
    foot: int

    def px(self, length: float) -> int:
        """A length of the design in pixels of this window."""
        return round(length * self.unit)


LINE_HEIGHT = 1.4  # of body text; 1.3 is the least the accessibility rules allow


def tokens_for(width: int, height: int) -> Tokens:
    """The tokens of a window of that many pixels: 1080×1920, 1920×1080, 720×1280 or any other."""
    portrait = height >= width
    unit = min(width / 1080, height / 1920) if portrait else min(width / 1920, height / 1080)

    def px(length: float) -> int:
        return max(1, round(length * unit))

    return Tokens(
        width=width,
        height=height,
        portrait=portrait,
        unit=unit,
        display=px(76),
        title=px(58),
        lead=px(44),
        body=px(36),
        small=px(30),
        hair=px(2),
        gap=px(24),
        pad=px(40),
        margin=px(72 if portrait else 96),
        radius=px(24),
        touch=px(96),
        action=px(132 if portrait else 112),
        head=px(160 if portrait else 124),
        steps=px(112 if portrait else 0),
        foot=px(152 if portrait else 120),
    )


@dataclass(frozen=True)
class Area:
    """A rectangle in pixels from the window's top left."""

    x: int
    y: int
    w: int
    h: int

    @property
    def right(self) -> int:
        return self.x + self.w

    @property
    def bottom(self) -> int:
        return self.y + self.h

    def inset(self, dx: int, dy: int | None = None) -> Area:
        """Smaller by `dx` left and right, and by `dy` (or `dx`) above and below."""
        dy = dx if dy is None else dy
        return Area(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def below(self, y: int) -> Area:
        """What is left from `y` downwards."""
        return Area(self.x, y, self.w, self.bottom - y)

    def above(self, y: int) -> Area:
        """What is left down to `y`."""
        return Area(self.x, self.y, self.w, y - self.y)

    def columns(self, *shares: float, gap: int) -> tuple[Area, ...]:
        """Side by side, `gap` apart, in the given shares of the width."""
        room, total, x, found = self.w - gap * (len(shares) - 1), sum(shares), float(self.x), []
        for share in shares:
            w = room * share / total
            found.append(Area(round(x), self.y, round(x + w) - round(x), self.h))
            x += w + gap
        return tuple(found)

    def grid(self, across: int, count: int, height: int, gap: int) -> list[Area]:
        """`count` cells of `height`, row by row."""
        cells = []
        for i in range(count):
            column = self.columns(*([1.0] * across), gap=gap)[i % across]
            cells.append(Area(column.x, self.y + (i // across) * (height + gap), column.w, height))
        return cells
