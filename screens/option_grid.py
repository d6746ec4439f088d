"""The options of a field, side by side where their words allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.prompts import Field, FieldKind, Option, Value
from screens import type
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, EDGE, INK, MUTED, PAPER, SOFT, Area
from screens.turn import Turn

MOST = 8  # more options than these have a page of their own


def height(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    """The pixels that all options take."""
    across = _across(sheet, turn, field, wide)
    rows = -(-len(field.options) // across)
    return rows * _high(sheet, turn, field, across, wide) + (rows - 1) * sheet.t.px(18)


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """One of them can be chosen, or several."""
    across = _across(sheet, turn, field, area.w)
    high = _high(sheet, turn, field, across, area.w)
    for option, spot in zip(
        field.options, area.grid(across, len(field.options), high, sheet.t.px(18)), strict=True
    ):
        tile(sheet, turn, field, values, option, spot)


def tile(
    sheet: Sheet,
    turn: Turn[Any],
    field: Field,
    values: dict[str, Value],
    option: Option,
    spot: Area,
    after: Callable[[], None] | None = None,
) -> None:
    """One option: `option:KEY:VALUE`. `after` is done in place of drawing again."""
    t, value = sheet.t, values[field.key]
    many = field.kind is FieldKind.CHOICES
    on = option.value in value if many else option.value == value

    def touched() -> None:
        choose(field, values, option.value)
        (after or turn.redraw)()

    free = option.reason is None
    face = MUTED if not free else BLUE_TINT if on else PAPER
    edge = BLUE if on else EDGE if free else None
    paint = sheet.box(spot, face, edge=edge, edge_width=t.px(5) if on else t.hair)
    name = turn.say(option.name)
    colours = (face, BLUE_TINT_PRESSED)
    sheet.touchable(f"option:{field.key}:{option.value}", spot, name, touched, paint, colours, enabled=free)
    words = spot.inset(t.px(16), 0)
    if many:
        tick = t.px(46)
        mark = Area(spot.x + t.px(26), spot.y + (spot.h - tick) // 2, tick, tick)
        sheet.box(mark, BLUE if on else PAPER, radius=t.px(10), edge=BLUE if on else EDGE)
        if on:
            sheet.icon("check", mark.x + tick / 2, mark.y + tick / 2, t.px(28), PAPER)
        words = Area(mark.right + t.px(16), spot.y, spot.right - mark.right - t.px(28), spot.h)
    align = "left" if many else "center"
    if option.reason is not None:
        half = Area(words.x, spot.y + t.px(16), words.w, t.px(52))
        end = sheet.text(name, half, t.body, SOFT, True, align)
        sheet.text(turn.say(option.reason), words.below(end), t.small, SOFT, False, align)
    else:
        sheet.text(name, words, t.body, BLUE if on else INK, True, align, middle=True)


def choose(field: Field, values: dict[str, Value], chosen: str) -> None:
    """A choice is replaced, of several the touched one is turned over; their order stays the form's."""
    if field.kind is FieldKind.CHOICE:
        values[field.key] = chosen
        return
    had = set(values[field.key])
    had ^= {chosen}
    values[field.key] = tuple(option.value for option in field.options if option.value in had)


def _mark(sheet: Sheet, field: Field) -> int:
    return sheet.t.px(74) if field.kind is FieldKind.CHOICES else 0


def _across(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    """As many options to a row as keep their words on one line; three at most, or four of two to a row."""
    t = sheet.t
    widest = max((type.width(turn.say(option.name), t.body, True) for option in field.options), default=0)
    fit = max(1, (wide + t.px(18)) // (widest + _mark(sheet, field) + t.px(44 + 18)))
    fit = min(fit, 3, max(1, len(field.options)))
    return 2 if fit == 3 and len(field.options) == 4 else fit


def _high(sheet: Sheet, turn: Turn[Any], field: Field, across: int, wide: int) -> int:
    """One height for all: that of the words that need most lines."""
    t = sheet.t
    room = (wide - (across - 1) * t.px(18)) // across - _mark(sheet, field) - t.px(44)
    lines = max((sheet.height(turn.say(one.name), room, t.body, True) for one in field.options), default=0)
    least = 132 if any(option.reason for option in field.options) else 104
    return max(lines + t.px(44), t.px(least))
