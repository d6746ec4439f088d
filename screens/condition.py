"""How a thing stands, by shape and word: the colour says nothing that these do not say."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Condition
from screens import type
from screens.sheet import Sheet
from screens.tokens import GREEN, INK, RED, SOFT, Area, Colour
from screens.turn import Turn

_MARKS: dict[Condition, tuple[str, Colour]] = {
    Condition.READY: ("circle-check", GREEN),
    Condition.ATTENTION: ("triangle-exclamation", INK),
    Condition.NOT_READY: ("circle-xmark", RED),
    Condition.UNKNOWN: ("circle-question", SOFT),
}


def mark(sheet: Sheet, condition: Condition, x: float, y: float, size: int) -> None:
    """The shape, with its middle at (x, y)."""
    if condition not in _MARKS:
        return
    icon, colour = _MARKS[condition]
    sheet.icon(icon, x, y, size, colour)


def word(sheet: Sheet, turn: Turn[Any], area: Area, condition: Condition, align: str = "left") -> None:
    """The word, in one line in the middle of the area."""
    if condition not in _MARKS:
        return
    _, colour = _MARKS[condition]
    sheet.text(_told(turn, condition), area, sheet.t.small, colour, bold=True, align=align, middle=True)


def words_width(sheet: Sheet, turn: Turn[Any]) -> int:
    """The pixels that the widest of the words takes."""
    return max(type.width(_told(turn, one), sheet.t.small, True) for one in _MARKS) + sheet.t.px(4)


def badge(sheet: Sheet, turn: Turn[Any], area: Area, condition: Condition) -> int:
    """Shape and word at the right of the area, in the middle of its height. Returns where they begin."""
    t = sheet.t
    if condition not in _MARKS:
        return area.right
    wide = type.width(_told(turn, condition), t.small, True) + t.px(4)
    word(sheet, turn, Area(area.right - wide, area.y, wide, area.h), condition)
    left = area.right - wide - t.px(60)
    mark(sheet, condition, left + t.px(22), area.y + area.h / 2, t.px(42))
    return left


def _told(turn: Turn[Any], condition: Condition) -> str:
    return turn.own(f"condition_{condition}")
