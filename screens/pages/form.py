"""A form: what is known stands locked with its source, the rest is asked field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from config.words import words
from kiosk.prompts import Field, FieldKind, Filled, FillForm, Value
from screens import fields, writing
from screens.layout import Action, actions, paged, question
from screens.options import way_buttons
from screens.sheet import Sheet
from screens.tokens import Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[FillForm]) -> None:
    """The fields on as many pages as they need; a field being answered fills the page with its pad."""
    t, prompt = sheet.t, turn.prompt
    values = _values(turn)
    asked = shown(prompt.fields, values)
    if prompt.noted is not None:  # each touch draws the page anew, so nothing that was touched is missed
        prompt.noted({field.key: values[field.key] for field in prompt.fields if not field.locked})
    writes = next((field for field in asked if field.key == turn.memory.get("writing")), None)
    if writes is not None:
        writing.draw(sheet, turn, writes, values)
        return
    seen = [_with_problem(turn, field) for field in asked]
    end = question(sheet, turn.area, turn.say(prompt.question), size=t.title if t.portrait else t.lead)
    rest = turn.area.below(end + t.px(28 if t.portrait else 24))
    rest = rest.above(turn.area.bottom - t.action - t.px(32))
    if prompt.ways:
        row = Area(rest.x, rest.bottom - t.touch, rest.w, t.touch)
        way_buttons(sheet, turn, prompt.ways, row.columns(*([1.0] * len(prompt.ways)), gap=t.gap))
        rest = rest.above(row.y - t.px(20))
    across = 1 if t.portrait else 2
    pages = _pages(sheet, turn, seen, rest, across)
    now = turn.memory["page"] = min(turn.memory.get("page", 0), len(pages) - 1)
    last = now == len(pages) - 1
    go = (
        Action("confirm", turn.say(prompt.action), lambda: _send(turn))
        if last
        else Action(
            "page:next", turn.own("next_page"), lambda: turn.remember("page", now + 1), icon="chevron-right"
        )
    )
    back = [Action("page:previous", turn.own("previous_page"), lambda: turn.remember("page", now - 1))]
    actions(sheet, turn.area, [go, *(back if now else [])], split=0.5)
    for column, spot in zip(pages[now], rest.columns(*([1.0] * across), gap=t.px(56)), strict=False):
        y = spot.y
        for index in column:
            high = fields.height(sheet, turn, seen[index], values, spot.w)
            fields.draw(sheet, turn, seen[index], values, Area(spot.x, y, spot.w, high))
            y += high + t.px(24)


def shown(every: Sequence[Field], values: dict[str, Value]) -> list[Field]:
    """The fields that are asked, given what was touched so far; what the others hold is kept."""
    found: dict[str, Field] = {}
    for field in every:
        if field.only_if is None or (field.only_if.field in found and field.only_if.holds(values)):
            found[field.key] = _offered(field, values)
    return list(found.values())


def _offered(field: Field, values: dict[str, Value]) -> Field:
    """With the options that go with the answers so far; one chosen before that no longer does is let go."""
    if all(option.only_if is None for option in field.options):
        return field
    options = tuple(one for one in field.options if one.only_if is None or one.only_if.holds(values))
    if values.get(field.key) not in {one.value for one in options}:
        values[field.key] = ""
    return replace(field, options=options)


def carried(before: Turn[FillForm], prompt: FillForm) -> dict[str, Any]:
    """Asked again (with problems, say), what was typed stays, unless the core brings another value."""
    old = {field.key: field for field in before.prompt.fields}
    if [field.key for field in prompt.fields] != list(old):
        return {}
    typed = before.memory.get("values", {})
    values = {
        field.key: typed.get(field.key, field.value)
        if field.value == old[field.key].value and field.key != prompt.scanned
        else field.value
        for field in prompt.fields
    }
    kept: dict[str, Any] = {"values": values, "page": before.memory.get("page", 0)}
    if any(field.problem for field in prompt.fields):
        kept["page"] = None  # the first page with a problem
    return kept


def _values(turn: Turn[FillForm]) -> dict[str, Value]:
    values: dict[str, Value] = turn.memory.setdefault(
        "values", {field.key: field.value for field in turn.prompt.fields}
    )
    return values


def _with_problem(turn: Turn[FillForm], field: Field) -> Field:
    """A field that was left empty says so, beside what the core found."""
    if field.key not in turn.memory.get("missing", ()) or _values(turn)[field.key]:
        return field
    chosen = field.kind in (*fields.CHOICES, *fields.DATES, FieldKind.REGION)
    return replace(field, problem=words("screen.missing_choice" if chosen else "screen.missing"))


def _pages(
    sheet: Sheet, turn: Turn[FillForm], seen: list[Field], rest: Area, across: int
) -> list[list[range]]:
    """Fields by page and column: columns are filled one after the other."""
    t = sheet.t
    wide = rest.columns(*([1.0] * across), gap=t.px(56))[0].w
    heights = [fields.height(sheet, turn, field, _values(turn), wide) for field in seen]
    columns = paged(heights, rest.h, t.px(24), 0)
    pages = [columns[i : i + across] for i in range(0, len(columns), across)]
    if turn.memory.get("page", 0) is None:
        bad = next((i for i, field in enumerate(seen) if field.problem), 0)
        turn.memory["page"] = next(
            number for number, page in enumerate(pages) if any(bad in column for column in page)
        )
    return pages


def _send(turn: Turn[FillForm]) -> None:
    """Answers, or shows the first field that was left empty."""
    values = _values(turn)
    open_fields = [field for field in shown(turn.prompt.fields, values) if not field.locked]
    missing = [field.key for field in open_fields if field.required and not values[field.key]]
    if missing:
        turn.memory["missing"] = missing
        turn.remember("page", None)  # the page of the first problem
        return
    turn.answer(Filled({field.key: values[field.key] for field in open_fields}))
