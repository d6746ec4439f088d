"""Boxes for a secret number: a dot for each digit, and the digits themselves nowhere."""

from __future__ import annotations

from screens.sheet import Sheet
from screens.tokens import BLUE, EDGE, INK, PAPER, Area


def boxes(sheet: Sheet, area: Area, filled: int, digits: int) -> int:
    """One box a digit, the next one edged in blue. Returns where they end."""
    t = sheet.t
    gap = t.px(18)
    side = min((area.w - gap * (digits - 1)) // digits, t.px(132))
    high = round(side * 1.1)
    for number in range(digits):
        spot = Area(area.x + number * (side + gap), area.y, side, high)
        here = number == filled
        sheet.box(spot, PAPER, edge=BLUE if here else EDGE, edge_width=t.px(6) if here else t.hair)
        if number < filled:
            _dot(sheet, spot.x + side // 2, spot.y + high // 2)
    return area.y + high


def line(sheet: Sheet, area: Area, filled: int) -> None:
    """Dots one after the other in an area, for a number of any length."""
    t = sheet.t
    step = min(t.px(48), area.w // max(filled, 1))
    for number in range(filled):
        _dot(sheet, area.x + t.px(18) + number * step, area.y + area.h // 2)


def _dot(sheet: Sheet, x: int, y: int) -> None:
    side = sheet.t.px(30)
    sheet.box(Area(x - side // 2, y - side // 2, side, side), INK, radius=side // 2)
