"""How the fields of a form look: locked, choices, months and dates, and what is written."""

from __future__ import annotations

from datetime import date
from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens import type
from screens.layout import notice
from screens.sheet import Sheet
from screens.tokens import (
    BLUE,
    BLUE_TINT,
    BLUE_TINT_PRESSED,
    EDGE,
    INK,
    MUTED,
    PAPER,
    RED,
    SOFT,
    Area,
)
from screens.turn import Turn

_WRITTEN = (FieldKind.TEXT, FieldKind.PHONE, FieldKind.NUMBER)


def height(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    """The pixels that a field takes, label and problem included."""
    t = sheet.t
    if field.locked:
        return t.px(92 if _source_beside(sheet, turn, field, wide) else 124)
    high = t.px(62) + _body_height(sheet, turn, field, wide)
    if field.problem is not None:
        high += max(
            sheet.height(turn.say(field.problem), wide - t.px(120), t.body) + t.px(40), t.px(92)
        ) + t.px(14)
    return high


def _body_height(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    t = sheet.t
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        rows = -(-len(field.options) // _across(sheet, turn, field, wide))
        return rows * _option_height(field, t) + (rows - 1) * t.px(18)
    return t.px(108 * 2 + 16) if field.kind is FieldKind.DATE else t.px(108)


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """Draws one field; changes go into `values` and draw the page again."""
    t = sheet.t
    if field.locked:
        _locked(sheet, turn, field, area)
        return
    label = turn.say(field.label)
    if field.kind is FieldKind.CHOICES:
        label += (
            f"（{turn.own('choose_many')}）" if turn.language == "zh" else f" ({turn.own('choose_many')})"
        )
    elif not field.required:
        label += f"（{turn.own('optional')}）" if turn.language == "zh" else f" ({turn.own('optional')})"
    colour = RED if field.problem is not None else INK
    sheet.text(label, Area(area.x, area.y, area.w, t.px(56)), t.body, colour, bold=True)
    body = Area(area.x, area.y + t.px(62), area.w, _body_height(sheet, turn, field, area.w))
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        _options(sheet, turn, field, values, body)
    elif field.kind in _WRITTEN:
        _written(sheet, turn, field, values, body)
    else:
        _steppers(sheet, turn, field, values, body)
    if field.problem is not None:
        notice(sheet, area.below(body.bottom + t.px(14)), turn.say(field.problem))


def _locked(sheet: Sheet, turn: Turn[Any], field: Field, area: Area) -> None:
    t = sheet.t
    sheet.box(area, MUTED)
    sheet.icon("lock", area.x + t.px(48), area.y + area.h / 2, t.px(32), SOFT)
    inner = Area(area.x + t.px(92), area.y, area.w - t.px(92 + 32), area.h)
    label, value = inner.columns(0.25, 0.75, gap=t.px(12))
    sheet.text(turn.say(field.label), label, t.body, SOFT, middle=True)
    shown = field.value if isinstance(field.value, str) else "、".join(field.value)
    if field.options:
        chosen = (field.value,) if isinstance(field.value, str) else field.value
        names = [turn.say(option.name) for option in field.options if option.value in chosen]
        shown = ("、" if turn.language == "zh" else ", ").join(names)
    elif field.kind in (FieldKind.MONTH, FieldKind.DATE):
        shown = spelled(turn, field.kind, shown)
    if field.source is None:
        sheet.text(shown, value, t.body, INK, bold=True, middle=True, name=f"locked:{field.key}")
        return
    if _source_beside(sheet, turn, field, area.w):
        sheet.text(shown, value, t.body, INK, bold=True, middle=True, name=f"locked:{field.key}")
        wide = type.width(turn.say(field.source), t.small, False) + t.px(4)
        beside = Area(inner.right - wide, area.y, wide, area.h)
        sheet.text(turn.say(field.source), beside, t.small, SOFT, False, "right", middle=True)
        return
    upper = Area(value.x, value.y + t.px(12), value.w, t.px(52))
    sheet.text(shown, upper, t.body, INK, bold=True, name=f"locked:{field.key}")
    sheet.text(turn.say(field.source), value.below(value.y + t.px(66)), t.small, SOFT)


def _source_beside(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> bool:
    """Whether value and source find room on one line."""
    t = sheet.t
    if field.source is None:
        return True
    value = (wide - t.px(92 + 32 + 12)) * 0.75
    value -= type.width(str(field.value), t.body, True) + type.width(turn.say(field.source), t.small, False)
    return value > t.px(28)


def _across(sheet: Sheet, turn: Turn[Any], field: Field, wide: int) -> int:
    """As many options to a row as keep their words on one line; three at most, or four of two to a row."""
    t = sheet.t
    mark = t.px(74) if field.kind is FieldKind.CHOICES else 0
    widest = max((type.width(turn.say(option.name), t.body, True) for option in field.options), default=0)
    fit = max(1, (wide + t.px(18)) // (widest + mark + t.px(44 + 18)))
    fit = min(fit, 3, max(1, len(field.options)))
    return 2 if fit == 3 and len(field.options) == 4 else fit


def _option_height(field: Field, t: Any) -> int:
    return int(t.px(132) if any(option.reason for option in field.options) else t.px(104))


def _options(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    t = sheet.t
    many = field.kind is FieldKind.CHOICES
    across = _across(sheet, turn, field, area.w)
    spots = area.grid(across, len(field.options), _option_height(field, t), t.px(18))
    for option, spot in zip(field.options, spots, strict=True):
        value = values[field.key]
        on = option.value in value if many else option.value == value

        def touched(chosen: str = option.value) -> None:
            _choose(field, values, chosen)
            turn.redraw()

        free = option.reason is None
        face = MUTED if not free else BLUE_TINT if on else PAPER
        edge = BLUE if on else EDGE if free else None
        paint = sheet.box(spot, face, edge=edge, edge_width=t.px(5) if on else t.hair)
        name = turn.say(option.name)
        sheet.touchable(
            f"option:{field.key}:{option.value}",
            spot,
            name,
            touched,
            paint,
            (face, BLUE_TINT_PRESSED),
            enabled=free,
        )
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
            sheet.text(name, half, t.body, SOFT, True, align)
            sheet.text(turn.say(option.reason), words.below(half.bottom), t.small, SOFT, False, align)
        else:
            sheet.text(name, words, t.body, BLUE if on else INK, True, align, middle=True)


def _choose(field: Field, values: dict[str, Value], chosen: str) -> None:
    """A choice is replaced, of several the touched one is turned over; their order stays the form's."""
    if field.kind is FieldKind.CHOICE:
        values[field.key] = chosen
        return
    had = set(values[field.key])
    had ^= {chosen}
    values[field.key] = tuple(option.value for option in field.options if option.value in had)


def _written(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    t = sheet.t
    text = str(values[field.key] or "")
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
    words = area.inset(t.px(36), 0)
    room = Area(words.x, words.y, words.w - t.px(60), words.h)
    empty = turn.own("scan_or_write" if field.scan else "touch_to_write")
    shown, colour = (_end_of(text, t.body, room.w), INK) if text else (empty, SOFT)
    sheet.text(shown, room, t.body, colour, bool(text), middle=True)
    sheet.icon("qrcode" if field.scan else "pen", area.right - t.px(56), area.y + area.h / 2, t.px(34), BLUE)


def _end_of(text: str, size: int, wide: int) -> str:
    """As much of the text's end as one line holds: of numbers, the end tells them apart."""
    if type.width(text, size, True) <= wide:
        return text
    while text and type.width(f"…{text}", size, True) > wide:
        text = text[1:]
    return f"…{text}"


# ── months and dates ────────────────────────────────────────────────────────
def spelled(turn: Turn[Any], kind: FieldKind, value: str) -> str:
    """`2026-03` as people read it; as it is when it is no date."""
    try:
        day = _day(value)
    except ValueError:
        return value
    parts = [turn.own("year", year=day.year), turn.own("month", month=day.month)]
    if kind is FieldKind.DATE:
        parts.append(turn.own("day", day=day.day))
    return " ".join(parts) if turn.language == "zh" else "-".join(parts)


def _day(value: str) -> date:
    year, month, day = (int(part) for part in [*value.split("-"), "1"][:3])
    return date(year, month, day)


def _steppers(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """Year, month (and day), each with minus and plus; an empty field begins at the latest month."""
    t = sheet.t
    units = ("year", "month") if field.kind is FieldKind.MONTH else ("year", "month", "day")
    now = str(values[field.key] or "")
    try:
        day: date | None = _day(now)
    except ValueError:
        day = None
    row = Area(area.x, area.y, area.w, t.px(108))
    spots = row.columns(1.25, 1.0, gap=t.px(20))
    if len(units) == 3:
        spots = (*spots, Area(spots[1].x, row.bottom + t.px(16), spots[1].w, row.h))
    for unit, spot in zip(units, spots, strict=True):
        sheet.box(spot, PAPER, edge=RED if field.problem is not None else EDGE)
        side = min(t.touch, spot.h - t.px(12))
        inset = (spot.h - side) // 2
        shown = turn.own(unit, **{unit: getattr(day, unit)}) if day else turn.own(f"{unit}_unit")
        middle = Area(spot.x + side + inset, spot.y, spot.w - 2 * side - 2 * inset, spot.h)
        sheet.text(
            shown,
            middle,
            t.body,
            INK if day else SOFT,
            True,
            "center",
            middle=True,
            name=f"{unit}:{field.key}",
        )
        for sign, name in ((-1, "minus"), (1, "plus")):
            moved = stepped(day, unit, sign, field)
            x = spot.x + inset if sign < 0 else spot.right - inset - side

            def touched(to: date | None = moved) -> None:
                if to is not None:
                    values[field.key] = f"{to:%Y-%m}" if field.kind is FieldKind.MONTH else f"{to:%Y-%m-%d}"
                    turn.redraw()

            # `month:from:minus` steps the month; the year has a name of its own.
            target = Area(x, spot.y + inset, side, side)
            face = BLUE_TINT if moved else MUTED
            paint = sheet.box(target, face, radius=t.px(18))
            sheet.touchable(
                f"{unit}:{field.key}:{name}",
                target,
                "",
                touched,
                paint,
                (face, BLUE_TINT_PRESSED),
                role="key",
                enabled=moved is not None,
            )
            sheet.icon(name, target.x + side / 2, target.y + side / 2, t.px(32), BLUE if moved else EDGE)


def stepped(day: date | None, unit: str, sign: int, field: Field) -> date | None:
    """The date one unit on, kept within the field's limits; None when there is no further step."""
    earliest, latest = field.earliest or date(1900, 1, 1), field.latest or date(2100, 12, 31)
    if day is None:
        return min(max(date.today(), earliest), latest)
    if unit == "day":
        moved = date.fromordinal(max(1, day.toordinal() + sign))
    else:
        months = day.year * 12 + day.month - 1 + sign * (12 if unit == "year" else 1)
        moved = _last_valid(months // 12, months % 12 + 1, day.day)
    if field.kind is FieldKind.MONTH:
        earliest, latest = earliest.replace(day=1), latest.replace(day=1)
    moved = min(max(moved, earliest), latest)
    return None if (moved - day).days * sign <= 0 else moved


def _last_valid(year: int, month: int, day: int) -> date:
    for shorter in range(day, 27, -1):
        try:
            return date(year, month, shorter)
        except ValueError:
            continue
    return date(year, month, min(day, 27))
