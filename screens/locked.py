"""A field that cannot be changed: its value, where that comes from, and a way to say that it is wrong."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Field, FieldKind, Wrong
from screens import grouped, type
from screens.doubt import doubt, doubt_width
from screens.sheet import Sheet
from screens.steppers import spelled
from screens.tokens import INK, MUTED, SOFT, Area
from screens.turn import Turn


def height(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    """The pixels that the field takes."""
    t = sheet.t
    label, room = _inner(sheet, turn, field, Area(0, 0, wide, 0)).columns(0.29, 0.71, gap=t.px(12))
    least = max(t.px(92), sheet.height(turn.say(field.label), label.w, t.body) + t.px(16))
    if beside(sheet, turn, field, wide):
        return least
    value = room.w
    source = sheet.height(turn.say(field.source), value, t.small) if field.source else 0
    return max(sheet.height(shown(turn, field), value, t.body, True) + source + t.px(28), least)


def draw(sheet: Sheet, turn: Turn[Any], field: Field, area: Area) -> None:
    """The label at the left, the value beside it, its source after or beneath it."""
    t = sheet.t
    sheet.box(area, MUTED)
    sheet.icon("lock", area.x + t.px(48), area.y + area.h / 2, t.px(32), SOFT)
    inner = _inner(sheet, turn, field, area)
    if field.doubt:
        spot = Area(inner.right + t.px(12), area.y, area.right - inner.right - t.px(20), area.h)
        doubt(sheet, turn, field.key, Wrong(field.key), spot)
    label, value = inner.columns(0.29, 0.71, gap=t.px(12))
    sheet.text(turn.say(field.label), label, t.body, SOFT, middle=True)
    name, told = f"locked:{field.key}", shown(turn, field)
    if field.source is None or beside(sheet, turn, field, area.w):
        sheet.text(told, value, t.body, INK, bold=True, middle=True, name=name)
        if field.source is not None:
            wide = type.width(turn.say(field.source), t.small, False) + t.px(4)
            right = Area(inner.right - wide, area.y, wide, area.h)
            sheet.text(turn.say(field.source), right, t.small, SOFT, False, "right", middle=True)
        return
    high = sheet.height(told, value.w, t.body, True) + sheet.height(turn.say(field.source), value.w, t.small)
    place = value.below(area.y + (area.h - high) // 2)
    end = sheet.text(told, place, t.body, INK, bold=True, name=name)
    sheet.text(turn.say(field.source), value.below(end), t.small, SOFT)


def shown(turn: Turn[Any], field: Field) -> str:
    """The value as people read it."""
    value = field.value
    if field.options:
        chosen = (value,) if isinstance(value, str) else value
        names = [turn.say(option.name) for option in field.options if option.value in chosen]
        return ("、" if turn.language == "zh" else ", ").join(names)
    if not isinstance(value, str):
        return "、".join(value)
    if field.kind in (FieldKind.MONTH, FieldKind.DATE):
        return spelled(turn, field.kind, value)
    if field.kind is FieldKind.MONEY and value.isdigit():
        return f"¥ {grouped.grouped(field.kind, value)}"
    if field.kind is FieldKind.REGION:
        return turn.region(value)
    return value if field.kind is FieldKind.TEXT or "*" in value else grouped.grouped(field.kind, value)


def beside(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> bool:
    """Whether value and source find room on one line."""
    t = sheet.t
    if field.source is None:
        return False
    value = _inner(sheet, turn, field, Area(0, 0, wide, 0)).w * 0.71 - t.px(12)
    value -= type.width(shown(turn, field), t.body, True) + type.width(turn.say(field.source), t.small, False)
    return value > t.px(28)


def _inner(sheet: Sheet, turn: Turn[Any], field: Field, area: Area) -> Area:
    t = sheet.t
    right = doubt_width(sheet, turn) + t.px(32) if field.doubt else t.px(32)
    return Area(area.x + t.px(92), area.y, area.w - t.px(92) - right, area.h)
