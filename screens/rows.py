"""Rows of a label and its value on a white card, on as many pages as they need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.words import Words
from kiosk.prompts import Row
from screens import type
from screens.layout import paged, pager, pager_height, stretched
from screens.sheet import Sheet
from screens.tokens import INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn


def row_card(sheet: Sheet, turn: Turn[Any], area: Area, rows: Sequence[Row], dense: bool = False) -> int:
    """Labels in one column, values in another; `dense` for a technician. Returns where the card ends."""
    if not rows:
        return area.y
    t = sheet.t
    share = 0.3 if t.portrait else 0.28
    inner = area.inset(t.px(44), 0)
    label_room = round(inner.w * share) - t.px(16)
    if dense:  # as wide as the labels are
        widest = max(type.width(turn.say(row.label), t.body, False) for row in rows)
        label_room = min(widest + t.px(4), round(inner.w * 0.36))
    value_x = inner.x + label_room + t.px(32 if dense else 16)
    value_room = inner.right - value_x
    heights = [_height(sheet, turn, row, label_room, value_room, dense) for row in rows]
    pages = paged(heights, area.h - t.px(32), 0, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    if len(pages) == 1 and not dense:
        heights = stretched(heights, area.h - t.px(32), t.px(36 if t.portrait else 14))
    shown = sum(heights[index] for index in pages[now])
    card = Area(area.x, area.y, area.w, shown + t.px(32))
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(16)
    for index in pages[now]:
        row, high = rows[index], heights[index]
        if index > pages[now].start:
            sheet.rectangle(Area(inner.x, y, inner.w, t.hair), LINE)
        label, value = Area(inner.x, y, label_room, high), Area(value_x, y, value_room, high)
        named = technical(row.label) if dense else ""
        sheet.text(turn.say(row.label), label, t.body, SOFT, middle=True, name=named)
        told, name = turn.say(row.value), technical(row.value) if dense else ""
        broken = type.at_marks(told, t.body, True, value_room) if dense else told
        sheet.text(broken, value, t.body, INK, bold=True, middle=True, name=name, told=told)
        y += high
    pager(sheet, turn, area, len(pages))
    return card.bottom


def technical(words: Words) -> str:
    """The name of a text that is the same in every language: an address, a version, a figure."""
    return "code" if words.zh == words.en else ""


def _height(sheet: Sheet, turn: Turn[Any], row: Row, label_room: int, value_room: int, dense: bool) -> int:
    t = sheet.t
    label = sheet.height(turn.say(row.label), label_room, t.body)
    told = turn.say(row.value)
    broken = type.at_marks(told, t.body, True, value_room) if dense else told
    value = sheet.height(broken, value_room, t.body, True)
    return max(label, value) + t.px(20 if dense else 52 if t.portrait else 36)
