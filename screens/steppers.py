"""A month or a date in a form: minus and plus for what is near, a touch in the middle for what is far."""

from __future__ import annotations

from datetime import date
from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, EDGE, INK, MUTED, PAPER, RED, Area
from screens.turn import Turn

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)  # where a field has no limits of its own


def spelled(turn: Turn[Any], kind: FieldKind, value: str) -> str:
    """`2026-03` as people read it; as it is when it is no date."""
    day = day_of(value)
    if day is None:
        return value
    parts = [turn.own("year", year=day.year), turn.own("month", month=day.month)]
    if kind is FieldKind.DATE:
        parts.append(turn.own("day", day=day.day))
    return " ".join(parts) if turn.language == "zh" else "-".join(parts)


def day_of(value: Value) -> date | None:
    """The date, or the month's first day; None when it is neither."""
    try:
        year, month, day = (int(part) for part in [*str(value).split("-"), "1"][:3])
        return date(year, month, day)
    except ValueError:
        return None


def limits(field: Field) -> tuple[date, date]:
    """The first and the last day that may be answered."""
    return field.earliest or EARLIEST, field.latest or LATEST


def written(field: Field, day: date) -> str:
    """The date as a field's value."""
    return f"{day:%Y-%m}" if field.kind is FieldKind.MONTH else f"{day:%Y-%m-%d}"


def height(sheet: Sheet, field: Field) -> int:
    """The pixels that the steppers take."""
    return sheet.t.px(108 * 2 + 16) if field.kind is FieldKind.DATE else sheet.t.px(108)


def draw(sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], area: Area) -> None:
    """Year, month (and day), each with minus and plus, for a field that has a value."""
    t = sheet.t
    units = ("year", "month") if field.kind is FieldKind.MONTH else ("year", "month", "day")
    day = day_of(values[field.key])
    assert day is not None
    row = Area(area.x, area.y, area.w, t.px(108))
    spots = row.columns(1.25, 1.0, gap=t.px(20))
    if len(units) == 3:
        spots = (*spots, Area(spots[1].x, row.bottom + t.px(16), spots[1].w, row.h))
    for unit, spot in zip(units, spots, strict=True):
        sheet.box(spot, PAPER, edge=RED if field.problem is not None else EDGE)
        side = min(t.touch, spot.h - t.px(12))
        inset = (spot.h - side) // 2
        shown = turn.own(unit, **{unit: getattr(day, unit)})
        middle = Area(spot.x + side + inset, spot.y, spot.w - 2 * side - 2 * inset, spot.h).inset(t.px(8))
        paint = sheet.box(middle, PAPER, radius=t.px(18))
        sheet.touchable(
            f"write:{field.key}",
            middle,
            "",
            lambda: turn.remember("writing", field.key),
            paint,
            (PAPER, BLUE_TINT_PRESSED),
            role="field",
        )
        name = f"{unit}:{field.key}"
        sheet.text(shown, middle, t.body, INK, True, "center", middle=True, name=name)
        for sign, word in ((-1, "minus"), (1, "plus")):
            x = spot.x + inset if sign < 0 else spot.right - inset - side
            target = Area(x, spot.y + inset, side, side)
            _key(sheet, turn, field, values, target, (unit, word), stepped(day, unit, sign, field))


def _key(
    sheet: Sheet,
    turn: Turn[Any],
    field: Field,
    values: dict[str, Value],
    target: Area,
    names: tuple[str, str],
    moved: date | None,
) -> None:
    """`month:from:minus` steps the month; greyed where there is no further step."""
    t, (unit, word) = sheet.t, names

    def touched() -> None:
        if moved is not None:
            values[field.key] = written(field, moved)
            turn.redraw()

    face = BLUE_TINT if moved else MUTED
    paint = sheet.box(target, face, radius=t.px(18))
    colours = (face, BLUE_TINT_PRESSED)
    name = f"{unit}:{field.key}:{word}"
    sheet.touchable(name, target, "", touched, paint, colours, role="key", enabled=moved is not None)
    sheet.icon(word, target.x + target.w / 2, target.y + target.h / 2, t.px(32), BLUE if moved else EDGE)


def stepped(day: date, unit: str, sign: int, field: Field) -> date | None:
    """The date one unit on, kept within the field's limits; None when there is no further step."""
    earliest, latest = limits(field)
    if unit == "day":
        moved = date.fromordinal(max(1, day.toordinal() + sign))
    else:
        months = day.year * 12 + day.month - 1 + sign * (12 if unit == "year" else 1)
        moved = last_valid(months // 12, months % 12 + 1, day.day)
    if field.kind is FieldKind.MONTH:
        earliest, latest = earliest.replace(day=1), latest.replace(day=1)
    moved = min(max(moved, earliest), latest)
    return None if (moved - day).days * sign <= 0 else moved


def last_valid(year: int, month: int, day: int) -> date:
    """That day, or the month's last one where it has fewer."""
    for shorter in range(day, 27, -1):
        try:
            return date(year, month, shorter)
        except ValueError:
            continue
    return date(year, month, min(day, 27))
