"""A month or a date, picked from large to small: ten years, the year, the month, the day."""

from __future__ import annotations

import calendar
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens.layout import halves, question
from screens.path import path_buttons
from screens.sheet import Sheet
from screens.steppers import day_of, last_valid, limits, written
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, EDGE, INK, MUTED, PAPER, SOFT, Area
from screens.turn import Turn

_ON_ONE_PAGE = 20  # years that are shown without asking for the ten first
_USUAL_PAST, _USUAL_FUTURE = 1920, 10  # years offered where a field has no limits of its own
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Picked:
    """What is picked so far; 0 is not yet. `tens` is a year that ends in 0."""

    tens: int = 0
    year: int = 0
    month: int = 0


def draw(
    sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], close: Callable[[], None]
) -> None:
    """The next thing to pick; what is picked stands above and can be touched to pick it anew."""
    t = sheet.t
    first, last = _limits(field)
    picked: Picked = turn.memory.setdefault("picked", _start(field, values, first, last))
    asking, room = halves(t, turn.area)
    unit = (
        "tens" if not picked.tens else "year" if not picked.year else "month" if not picked.month else "day"
    )
    end = question(sheet, asking, turn.say(field.label), turn.own(f"pick_{unit}"))
    steps = _steps(turn, picked, first, last)
    names = [(name, words) for name, words, _ in steps]
    acts = [lambda to=to: turn.remember("picked", to) for _, _, to in steps]
    end = path_buttons(sheet, asking.below(end + t.px(24)), names, acts)
    if steps:
        turn.back = acts[-1]
    if t.portrait:
        room = turn.area.below(end + t.px(40))

    def pick(day: date) -> None:
        values[field.key] = written(field, min(max(day, first), last))
        close()

    chosen = day_of(values[field.key])
    if unit == "tens":
        _tens(sheet, turn, room, first, last)
    elif unit == "year":
        _years(sheet, turn, room, picked, first, last, chosen)
    elif unit == "month":
        _months(sheet, turn, room, field, picked, first, last, pick)
    else:
        _days(sheet, turn, room, picked, first, last, chosen, pick)


def _limits(field: Field) -> tuple[date, date]:
    first, last = limits(field)
    if field.earliest is None:
        first = first.replace(year=min(_USUAL_PAST, last.year))
    if field.latest is None:
        last = last.replace(year=max(date.today().year + _USUAL_FUTURE, first.year))
    return first, last


def _start(field: Field, values: dict[str, Value], first: date, last: date) -> Picked:
    """Where there is nothing to pick between, or a value already, one begins further on."""
    day = day_of(values[field.key])
    if day is not None and field.kind is FieldKind.DATE:
        return Picked(day.year // 10 * 10, day.year, day.month)
    if day is not None:
        return Picked(day.year // 10 * 10, day.year)
    if last.year - first.year >= _ON_ONE_PAGE:
        return Picked()
    if first.year != last.year:
        return Picked(tens=first.year)
    same_month = first.month == last.month and field.kind is FieldKind.DATE
    return Picked(first.year, first.year, first.month if same_month else 0)


def _steps(turn: Turn[Any], picked: Picked, first: date, last: date) -> list[tuple[str, str, Picked]]:
    """(name, words, what is picked when one goes back there) of each step that was a choice."""
    found = []
    far = last.year - first.year >= _ON_ONE_PAGE
    if far and picked.tens and not picked.year:
        found.append(("path:tens", _tens_words(turn, picked.tens), Picked()))
    if picked.year and first.year != last.year:
        back = Picked(picked.year // 10 * 10) if far else Picked(tens=first.year)
        found.append(("path:year", turn.own("year", year=picked.year), back))
    if picked.month and (first.year, first.month) != (last.year, last.month):
        words = turn.own(f"month_{picked.month}")
        found.append(("path:month", words, replace(picked, month=0)))
    return found


def _tens_words(turn: Turn[Any], tens: int) -> str:
    return turn.own("tens", first=tens, last=tens + 9)


def _tens(sheet: Sheet, turn: Turn[Any], area: Area, first: date, last: date) -> None:
    every = list(range(first.year // 10 * 10, last.year + 1, 10))
    spots = _grid(sheet, area, 2 if sheet.t.portrait else 3, len(every))
    for tens, spot in zip(every, spots, strict=True):
        act = partial(turn.remember, "picked", Picked(tens=tens))
        _cell(sheet, f"tens:{tens}", spot, _tens_words(turn, tens), act)


def _years(
    sheet: Sheet, turn: Turn[Any], area: Area, picked: Picked, first: date, last: date, chosen: date | None
) -> None:
    """The ten years, or all of them where these are few."""
    few = last.year - first.year < _ON_ONE_PAGE
    every = range(first.year, last.year + 1) if few else range(picked.tens, picked.tens + 10)
    spots = _grid(sheet, area, 3 if sheet.t.portrait else 5, len(every))
    for year, spot in zip(every, spots, strict=True):
        act = partial(turn.remember, "picked", Picked(year // 10 * 10, year))
        within = first.year <= year <= last.year
        on = chosen is not None and chosen.year == year
        _cell(sheet, f"year:{year}", spot, turn.own("year", year=year), act, within, on)


def _months(
    sheet: Sheet,
    turn: Turn[Any],
    area: Area,
    field: Field,
    picked: Picked,
    first: date,
    last: date,
    pick: Callable[[date], None],
) -> None:
    spots = _grid(sheet, area, 3 if sheet.t.portrait else 4, 12)
    for month, spot in enumerate(spots, start=1):
        within = (first.year, first.month) <= (picked.year, month) <= (last.year, last.month)
        if field.kind is FieldKind.MONTH:
            act = partial(pick, date(picked.year, month, 1))
        else:
            act = partial(turn.remember, "picked", replace(picked, month=month))
        _cell(sheet, f"month:{month}", spot, turn.own(f"month_{month}"), act, within)


def _days(
    sheet: Sheet,
    turn: Turn[Any],
    area: Area,
    picked: Picked,
    first: date,
    last: date,
    chosen: date | None,
    pick: Callable[[date], None],
) -> None:
    """A page of a calendar, its weeks from Monday."""
    t, gap = sheet.t, sheet.t.px(12)
    before, days = calendar.monthrange(picked.year, picked.month)
    heads = area.grid(7, 7, t.px(60), gap)
    for name, spot in zip(_WEEKDAYS, heads, strict=True):
        sheet.text(turn.own(f"{name}_short"), spot, t.body, SOFT, False, "center", middle=True)
    grid = area.below(area.y + t.px(60) + gap)
    high = min((grid.h - 5 * gap) // 6, t.px(120))
    spots = grid.grid(7, before + days, high, gap)
    for number in range(1, days + 1):
        day = last_valid(picked.year, picked.month, number)
        act = partial(pick, day)
        _cell(
            sheet,
            f"day:{number}",
            spots[before + number - 1],
            str(number),
            act,
            first <= day <= last,
            chosen == day,
        )


def _grid(sheet: Sheet, area: Area, across: int, count: int) -> list[Area]:
    t, lines = sheet.t, -(-count // across)
    gap = t.px(18)
    high = min((area.h - (lines - 1) * gap) // lines, t.px(132))
    return area.grid(across, count, high, gap)


def _cell(
    sheet: Sheet,
    name: str,
    spot: Area,
    words: str,
    act: Callable[[], None],
    within: bool = True,
    on: bool = False,
) -> None:
    t = sheet.t
    face = MUTED if not within else BLUE_TINT if on else PAPER
    edge = None if not within else BLUE if on else EDGE
    paint = sheet.box(spot, face, radius=t.px(18), edge=edge, edge_width=t.px(5) if on else t.hair)
    sheet.touchable(name, spot, words, act, paint, (face, BLUE_TINT_PRESSED), role="key", enabled=within)
    ink = SOFT if not within else BLUE if on else INK
    sheet.text(words, spot, t.body, ink, True, "center", middle=True)
