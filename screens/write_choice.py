"""A choice among many: its options on pages of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kiosk.prompts import Field, FieldKind, Value
from screens import option_grid, type
from screens.layout import Action, actions, halves, paged, pager, pager_height, question
from screens.sheet import Sheet
from screens.turn import Turn


def draw(
    sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], close: Callable[[], None]
) -> None:
    """Of one choice, a touch is the answer; of several, *done* ends it."""
    t, area = sheet.t, turn.area
    if field.kind is FieldKind.CHOICES:
        area = actions(sheet, area, [Action("write:done", turn.own("done"), close)])
    hint = turn.say(field.hint) if field.hint is not None else ""
    asking, room = halves(t, area)
    end = question(sheet, asking, turn.say(field.label), hint)
    if t.portrait:
        room = area.below(end + t.px(36))
    names = [turn.say(option.name) for option in field.options]
    widest = max((type.width(name, t.body, True) for name in names), default=0) + t.px(120)
    gap = t.px(18)
    across = 2 if 2 * widest + gap <= room.w else 1
    inner = (room.w - (across - 1) * gap) // across - t.px(120)
    tallest = max((sheet.height(name, inner, t.body, True) for name in names), default=0)
    reasons = any(option.reason for option in field.options)
    high = max(tallest + t.px(44), t.px(132 if reasons else 104))
    lines = -(-len(field.options) // across)
    pages = paged([high] * lines, room.h, gap, pager_height(t))
    now = min(turn.memory.setdefault("pick_page", _page_of(field, values, pages, across)), len(pages) - 1)
    shown = field.options[pages[now].start * across : pages[now].stop * across]
    after = close if field.kind is FieldKind.CHOICE else None
    for option, spot in zip(shown, room.grid(across, len(shown), high, gap), strict=True):
        option_grid.tile(sheet, turn, field, values, option, spot, after)
    pager(sheet, turn, room, len(pages), key="pick_page")


def _page_of(field: Field, values: dict[str, Value], pages: list[range], across: int) -> int:
    """The page of what was chosen before."""
    value = values[field.key]
    places = [n for n, option in enumerate(field.options) if option.value == value]
    return next((n for n, page in enumerate(pages) if places and places[0] // across in page), 0)
