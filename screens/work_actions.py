"""What a technician can do on a page: equal buttons, none of them the main one; the greyed ones say why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.prompts import Chosen, Option
from screens import type
from screens.layout import columns
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, EDGE, MUTED, PAPER, SOFT, Area
from screens.turn import Turn


def split(sheet: Sheet, turn: Turn[Any], options: Sequence[Option]) -> Area:
    """Draws them below in portrait, at the right in landscape. Returns what is left for the page."""
    t, area = sheet.t, turn.area
    if not options:
        return area
    if t.portrait:
        across = beside(sheet, turn, options, area.w)
        high = height(sheet, turn, options, area.w, across)
        draw(sheet, turn, Area(area.x, area.bottom - high, area.w, high), options, across)
        return area.above(area.bottom - high - t.px(28))
    left, right = columns(t, area, 0.68)
    across = 1
    if height(sheet, turn, options, right.w, 1) > right.h:
        left, right = columns(t, area, 0.56)
        across = 2
    high = height(sheet, turn, options, right.w, across)
    draw(sheet, turn, Area(right.x, right.bottom - high, right.w, high), options, across)
    return left


def beside(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int) -> int:
    """How many stand in a row: three where their names keep to one line, else two."""
    room = wide // 3 - sheet.t.px(60)
    short = all(type.width(turn.say(option.name), sheet.t.body, True) <= room for option in options)
    told = any(option.reason or option.note for option in options)
    return 3 if short and not told and len(options) not in (2, 4) else min(2, len(options))


def height(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int, across: int) -> int:
    """The pixels that all of them take."""
    if not options:
        return 0
    rows = -(-len(options) // across)
    return rows * _high(sheet, turn, options, wide, across) + (rows - 1) * _gap(sheet)


def draw(sheet: Sheet, turn: Turn[Any], area: Area, options: Sequence[Option], across: int) -> None:
    """`choice:VALUE`, row by row; a single one in the last row has the whole of it."""
    high, gap = _high(sheet, turn, options, area.w, across), _gap(sheet)
    spots = area.grid(across, len(options), high, gap)
    if spots and len(options) % across == 1:
        spots[-1] = Area(area.x, spots[-1].y, area.w, high)
    for option, spot in zip(options, spots, strict=True):
        _action(sheet, turn, option, spot)


def _action(sheet: Sheet, turn: Turn[Any], option: Option, spot: Area) -> None:
    t, free, name = sheet.t, option.reason is None, turn.say(option.name)
    told = option.reason or option.note
    if told is None:
        answer = turn.answering(Chosen(option.value))
        sheet.button(f"choice:{option.value}", spot, name, answer, enabled=free, size=t.body)
        return
    face = PAPER if free else MUTED
    paint = sheet.box(spot, face, edge=EDGE if free else None)
    sheet.touchable(
        f"choice:{option.value}",
        spot,
        name,
        turn.answering(Chosen(option.value)),
        paint,
        (face, BLUE_TINT_PRESSED),
        enabled=free,
    )
    inner = spot.inset(t.px(20), 0)
    high = sheet.height(name, inner.w, t.body, True) + sheet.height(turn.say(told), inner.w, t.small)
    words = inner.below(spot.y + (spot.h - high) // 2)
    end = sheet.text(name, words, t.body, BLUE if free else SOFT, True, "center")
    sheet.text(turn.say(told), inner.below(end), t.small, SOFT, False, "center")


def _gap(sheet: Sheet) -> int:
    return sheet.t.px(18)


def _high(sheet: Sheet, turn: Turn[Any], options: Sequence[Option], wide: int, across: int) -> int:
    """One height for all: that of the one with most words."""
    t = sheet.t
    room = (wide - (across - 1) * _gap(sheet)) // across - t.px(40)
    most = 0
    for option in options:
        told = option.reason or option.note
        lines = sheet.height(turn.say(option.name), room, t.body, True)
        most = max(most, lines + (sheet.height(turn.say(told), room, t.small) if told else 0))
    return max(most + t.px(28), t.touch)
