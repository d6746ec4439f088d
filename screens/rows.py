"""Rows of a label and its value on a white card, on as many pages as they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.prompts import Row
from screens.layout import paged, pager, pager_height, stretched
from screens.sheet import Sheet
from screens.tokens import INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn


def row_card(sheet: Sheet, turn: Turn[Any], area: Area, rows: Sequence[Row]) -> int:
    """Labels in one column, values in another. Returns where the card ends."""
    if not rows:
        return area.y
    t = sheet.t
    share = 0.3 if t.portrait else 0.28
    inner = area.inset(t.px(44), 0)
    label_room = round(inner.w * share) - t.px(16)
    value_x = inner.x + round(inner.w * share)
    value_room = inner.right - value_x
    heights = [_height(sheet, turn, row, label_room, value_room) for row in rows]
    pages = paged(heights, area.h - t.px(32), 0, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    if len(pages) == 1:
        heights = stretched(heights, area.h - t.px(32), t.px(36 if t.portrait else 14))
    shown = sum(heights[index] for index in pages[now])
    card = Area(area.x, area.y, area.w, shown + t.px(32))
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(16)
    for index in pages[now]:
        row, high = rows[index], heights[index]
        if index > pages[now].start:
            sheet.rectangle(Area(inner.x, y, inner.w, t.hair), LINE)
        sheet.text(turn.say(row.label), Area(inner.x, y, label_room, high), t.body, SOFT, middle=True)
        value = Area(value_x, y, value_room, high)
        sheet.text(turn.say(row.value), value, t.body, INK, bold=True, middle=True)
        y += high
    pager(sheet, turn, area, len(pages))
    return card.bottom


def _height(sheet: Sheet, turn: Turn[Any], row: Row, label_room: int, value_room: int) -> int:
    t = sheet.t
    label = sheet.height(turn.say(row.label), label_room, t.body)
    value = sheet.height(turn.say(row.value), value_room, t.body, True)
    return max(label, value) + t.px(52 if t.portrait else 36)
