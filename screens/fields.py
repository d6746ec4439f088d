"""How the fields of a form look: label, hint, and what it is answered by."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Field, FieldKind, Value, Wrong
from screens import grouped, locked, option_grid, steppers, type
from screens.doubt import doubt, doubt_width
from screens.layout import notice
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, EDGE, INK, PAPER, RED, SOFT, Area
from screens.turn import Turn

CHOICES = (FieldKind.CHOICE, FieldKind.CHOICES)
DATES = (FieldKind.MONTH, FieldKind.DATE)
_ICONS = {FieldKind.REGION: "location-dot", FieldKind.MONTH: "calendar-days", FieldKind.DATE: "calendar-days"}
_LONG_LINES = 3  # of a long text that the form shows


def height(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], wide: int) -> int:
    """The pixels that a field takes, label, hint and problem included."""
    t = sheet.t
    if field.locked:
        return locked.height(sheet, turn, field, wide)
    high = _head(sheet, turn, field, wide) + _body(sheet, turn, field, values, wide)
    if field.problem is not None:
        told = sheet.height(turn.say(field.problem), wide - t.px(120), t.body)
        high += max(told + t.px(40), t.px(92)) + t.px(14)
    return high


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """Draws one field; changes go into `values` and draw the page again."""
    t = sheet.t
    if field.locked:
        locked.draw(sheet, turn, field, area)
        return
    head = _head(sheet, turn, field, area.w)
    colour = RED if field.problem is not None else INK
    room = Area(area.x, area.y, _label_room(sheet, turn, field, area.w), head)
    end = sheet.text(label(turn, field), room, t.body, colour, bold=True)
    if field.hint is not None:
        sheet.text(turn.say(field.hint), room.below(end), t.small, SOFT)
    if field.doubt:
        doubt(sheet, turn, field.key, Wrong(field.key), Area(area.x, area.y, area.w, t.px(76)))
    body = Area(area.x, area.y + head, area.w, _body(sheet, turn, field, values, area.w))
    if inline(sheet, turn, field, area.w):
        option_grid.draw(sheet, turn, field, values, body)
    elif field.kind in DATES and steppers.day_of(values[field.key]):
        steppers.draw(sheet, turn, field, values, body)
    else:
        _written(sheet, turn, field, values, body)
    if field.problem is not None:
        notice(sheet, area.below(body.bottom + t.px(14)), turn.say(field.problem))


def label(turn: Turn[Any], field: Field) -> str:
    """The label, and whether several may be chosen or none need be."""
    more = ""
    if field.kind is FieldKind.CHOICES:
        more = turn.own("choose_many")
    elif not field.required:
        more = turn.own("optional")
    if not more:
        return turn.say(field.label)
    return turn.say(field.label) + (f"（{more}）" if turn.language == "zh" else f" ({more})")


def inline(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> bool:
    """Whether the options stand in the form itself: few enough, and no higher than half the page."""
    if field.kind not in CHOICES or len(field.options) > option_grid.MOST:
        return False
    return option_grid.height(sheet, turn, field, wide) <= turn.area.h // 2


def shown(turn: Turn[Any], field: Field, values: dict[str, Value]) -> str:
    """What has been answered, as people read it; masked where it is another person's."""
    value = values[field.key]
    if field.kind in CHOICES:
        chosen = (value,) if isinstance(value, str) else value
        names = [turn.say(option.name) for option in field.options if option.value in chosen]
        return ("、" if turn.language == "zh" else ", ").join(names)
    text = str(value or "")
    if not text:
        return ""
    if field.masked:
        return grouped.masked(field.kind, text)
    if field.kind in DATES:
        return steppers.spelled(turn, field.kind, text)
    if field.kind is FieldKind.REGION:
        return turn.region(text)
    money = "¥ " if field.kind is FieldKind.MONEY else ""
    return money + (text if "*" in text else grouped.grouped(field.kind, text))


def _label_room(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    return wide - (doubt_width(sheet, turn) + sheet.t.px(20) if field.doubt else 0)


def _head(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    t, room = sheet.t, _label_room(sheet, turn, field, wide)
    high = sheet.height(label(turn, field), room, t.body, True)
    if field.hint is not None:
        high += sheet.height(turn.say(field.hint), room, t.small)
    return max(high + t.px(12), t.px(88 if field.doubt else 62))


def _body(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], wide: int) -> int:
    t = sheet.t
    if inline(sheet, turn, field, wide):
        return option_grid.height(sheet, turn, field, wide)
    if field.kind in DATES and steppers.day_of(values[field.key]):
        return steppers.height(sheet, field)
    if field.long or field.kind in (FieldKind.CHOICES, FieldKind.REGION):
        lines = min(len(type.lines(shown(turn, field, values), t.body, True, wide - t.px(132))), _LONG_LINES)
        return max(t.px(108), round(t.body * 1.4) * lines + t.px(44))
    return t.px(108)


def _written(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """A box that opens the field's pad or page."""
    t = sheet.t
    text = shown(turn, field, values)
    edge = RED if field.problem is not None else EDGE
    paint = sheet.box(area, PAPER, edge=edge)
    sheet.touchable(
        f"write:{field.key}",
        area,
        text,
        lambda: turn.remember("writing", field.key),
        paint,
        (PAPER, BLUE_TINT_PRESSED),
        role="field",
    )
    room = Area(area.x + t.px(36), area.y, area.w - t.px(132), area.h)
    picked = field.kind in (*DATES, *CHOICES, FieldKind.REGION)
    empty = turn.own("scan_or_write" if field.scan else "touch_to_choose" if picked else "touch_to_write")
    if text and (field.long or field.kind in (FieldKind.CHOICES, FieldKind.REGION)):
        lines = type.lines(text, t.body, True, room.w)
        told = "\n".join([*lines[: _LONG_LINES - 1], "…"] if len(lines) > _LONG_LINES else lines)
    else:
        told = end_of(text, t.body, room.w) if text else empty
    sheet.text(told, room, t.body, INK if text else SOFT, bool(text), middle=True)
    icon = (
        "qrcode" if field.scan else "list-check" if field.kind in CHOICES else _ICONS.get(field.kind, "pen")
    )
    sheet.icon(icon, area.right - t.px(56), area.y + area.h / 2, t.px(34), BLUE)


def end_of(text: str, size: int, wide: int) -> str:
    """As much of the text's end as one line holds: of numbers, the end tells them apart."""
    if type.width(text, size, True) <= wide:
        return text
    while text and type.width(f"…{text}", size, True) > wide:
        text = text[1:]
    return f"…{text}"
