"""What a technician can do on a page: equal buttons, but for what comes next; the greyed ones say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.prompts import Chosen, Option
from screens import type
from screens.layout import columns
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_PRESSED, BLUE_TINT_PRESSED, EDGE, MUTED, PAPER, SOFT, Area, Colour
from screens.turn import Turn

_PAD = 20  # left and right of the words


def split(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], main: str = "") -> Area:
    """Draws them below in portrait, at the right in landscape; `main` is filled. Returns what is left."""
    t, area = sheet.t, turn.area
    options = framed(turn, options)
    if not options:
        return area
    if t.portrait:
        across = beside(sheet, turn, options, area.w)
        high = height(sheet, turn, options, area.w, across)
        draw(sheet, turn, Area(area.x, area.bottom - high, area.w, high), options, across, main)
        return area.above(area.bottom - high - t.px(28))
    left, right = columns(t, area, 0.68)
    across = 1
    if height(sheet, turn, options, right.w, 1) > right.h:
        left, right = columns(t, area, 0.56)
        across = 2
    high = height(sheet, turn, options, right.w, across)
    draw(sheet, turn, Area(right.x, right.bottom - high, right.w, high), options, across, main)
    return left


def framed(turn: Turn[Any], options: Sequence[Option]) -> list[Option]:
    """Those that the page draws itself: *back* and *leave* are the frame's buttons, where it has them."""
    rest = []
    for option in options:
        if option.value == "back" and turn.place.back:
            turn.back = turn.answering(Chosen(option.value))
        elif option.value == "leave" and turn.place.home:
            turn.home = turn.answering(Chosen(option.value))
        else:
            rest.append(option)
    return rest


def beside(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int) -> int:
    """How many stand in a row: three where their names keep to one line, two where they keep to two."""
    if len(options) < 2:
        return 1
    third, half = (_room(sheet, wide, across) for across in (3, 2))
    names = [turn.say(option.name) for option in options]
    told = any(option.reason or option.note for option in options)
    if len(options) not in (2, 4) and not told and _lines(sheet, names, third) == 1:
        return 3
    return 2 if _lines(sheet, names, half) <= 2 else 1


def _lines(sheet: Sheet, names: Sequence[str], room: int) -> int:
    """The most lines that one of the names takes; many when a word would be cut in two."""
    size = sheet.t.body
    if any(type.longest_word(name, size, True) > room for name in names):
        return 9
    return max(len(type.lines(name, size, True, room)) for name in names)


def height(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int, across: int) -> int:
    """The pixels that all of them take."""
    heights = [_high(sheet, turn, row, wide, across) for row in _rows(options, across)]
    return sum(heights) + _gap(sheet) * max(0, len(heights) - 1)


def draw(
    sheet: Sheet, turn: Turn[Any], area: Area, options: Sequence[Option], across: int, main: str = ""
) -> None:
    """`choice:VALUE`, row by row; a single one in the last row has the whole of it."""
    y = area.y
    for row in _rows(options, across):
        high = _high(sheet, turn, row, area.w, across)
        wide = 1 if len(row) == 1 else across
        spots = Area(area.x, y, area.w, high).columns(*([1.0] * wide), gap=_gap(sheet))
        for option, spot in zip(row, spots, strict=False):
            _action(sheet, turn, option, spot, option.value == main)
        y += high + _gap(sheet)


def _rows(options: Sequence[Option], across: int) -> list[Sequence[Option]]:
    return [options[start : start + across] for start in range(0, len(options), across)]


def _action(sheet: Sheet, turn: Turn[Any], option: Option, spot: Area, main: bool) -> None:
    t, free, name = sheet.t, option.reason is None, turn.say(option.name)
    face, ink, pressed = _colours(free, main)
    paint = sheet.box(spot, face, edge=EDGE if free and not main else None)
    answer = turn.answering(Chosen(option.value))
    sheet.touchable(f"choice:{option.value}", spot, name, answer, paint, (face, pressed), enabled=free)
    inner = spot.inset(t.px(_PAD), 0)
    told = _told(turn, option)
    high = sheet.height(name, inner.w, t.body, True) + (sheet.height(told, inner.w, t.small) if told else 0)
    words = inner.below(spot.y + (spot.h - high) // 2)
    end = sheet.text(name, words, t.body, ink, True, "center", balance=True)
    sheet.text(told, inner.below(end), t.small, PAPER if free and main else SOFT, False, "center")


def _colours(free: bool, main: bool) -> tuple[Colour, Colour, Colour]:
    """Face, ink, face while it is pressed."""
    if not free:
        return MUTED, SOFT, MUTED
    return (BLUE, PAPER, BLUE_PRESSED) if main else (PAPER, BLUE, BLUE_TINT_PRESSED)


def _told(turn: Turn[Any], option: Option) -> str:
    words = option.reason or option.note
    return turn.say(words) if words is not None else ""


def _gap(sheet: Sheet) -> int:
    return sheet.t.px(18)


def _room(sheet: Sheet, wide: int, across: int) -> int:
    """The pixels for the words of one of `across` in a row."""
    return (wide - (across - 1) * _gap(sheet)) // across - 2 * sheet.t.px(_PAD)


def _high(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int, across: int) -> int:
    """The height of a row: that of the one with most words."""
    t, most = sheet.t, 0
    room = _room(sheet, wide, across)
    for option in options:
        lines = sheet.height(turn.say(option.name), room, t.body, True)
        told = _told(turn, option)
        most = max(most, lines + (sheet.height(told, room, t.small) if told else 0))
    return max(most + t.px(28), t.touch)
