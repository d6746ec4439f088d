"""A card of sentences, each with its icon: what is safe, what to do, when it is open, whom to call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from screens.layout import stretched
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, PAPER, Area, Colour


@dataclass(frozen=True)
class Told:
    """One sentence. `colour` is the icon's, `tint` its ground's."""

    icon: str
    text: str
    colour: Colour = BLUE
    tint: Colour = BLUE_TINT


def least(sheet: Sheet, wide: int, told: Sequence[Told], size: int) -> int:
    """The pixels that the card takes at least."""
    return sum(_heights(sheet, wide, told, size)) + sheet.t.px(16)


def told_card(sheet: Sheet, area: Area, told: Sequence[Told], size: int, low: bool = False) -> int:
    """Draws it from the area's top, or `low`, down to its bottom. Returns where it begins."""
    t = sheet.t
    heights = stretched(
        _heights(sheet, area.w, told, size), area.h - t.px(16), t.px(64 if t.portrait else 40)
    )
    high = sum(heights) + t.px(16)
    card = Area(area.x, area.bottom - high if low else area.y, area.w, high)
    sheet.box(card, PAPER, shade=True)
    y, disc = card.y + t.px(8), t.px(84)
    for number, (one, high) in enumerate(zip(told, heights, strict=True)):
        if number:
            sheet.rectangle(Area(card.x + t.px(40), y, card.w - t.px(80), t.hair), LINE)
        left = card.x + t.px(40)
        sheet.box(Area(left, y + (high - disc) // 2, disc, disc), one.tint, radius=disc // 2)
        sheet.icon(one.icon, left + disc / 2, y + high / 2, t.px(38), one.colour)
        words = Area(card.x + t.px(152), y, _room(sheet, area.w), high)
        sheet.text(one.text, words, size, INK, middle=True)
        y += high
    return card.y


def _room(sheet: Sheet, wide: int) -> int:
    return wide - sheet.t.px(40 + 84 + 28 + 40)


def _heights(sheet: Sheet, wide: int, told: Sequence[Told], size: int) -> list[int]:
    t = sheet.t
    return [max(sheet.height(one.text, _room(sheet, wide), size), t.px(84)) + t.px(56) for one in told]
