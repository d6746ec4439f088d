"""A table whose columns stand side by side, each as wide as what is in it."""

from __future__ import annotations

import re
from typing import Any

from kiosk.prompts import ShowTable
from screens import cells, type
from screens.layout import paged, pager_height
from screens.sheet import Sheet
from screens.tokens import BLUE_TINT, INK, LINE, PAPER, Area
from screens.turn import Turn

_PAD = 20  # left and right in a cell
_NUMBER = re.compile(r"[¥￥]?\s?-?[\d,]+(\.\d+)?%?")


def widths(sheet: Sheet, turn: Turn[ShowTable], room: int) -> list[int]:
    """The pixels of each column; empty where they cannot stand side by side and be read.

    A column may break its words where it is a long one; dates and numbers stay whole.
    """
    natural = [_natural(sheet, turn, column) for column in range(len(turn.prompt.heads))]
    least = [min(wide, max(sheet.t.px(300), _longest_word(sheet, turn, c))) for c, wide in enumerate(natural)]
    if sum(least) > room:
        return []
    more = room - sum(least)
    wanted = [wide - low for wide, low in zip(natural, least, strict=True)]
    if sum(wanted) > more:
        return [
            low + round(more * want / max(1, sum(wanted))) for low, want in zip(least, wanted, strict=True)
        ]
    spare = (room - sum(natural)) // len(natural)
    return [wide + spare for wide in natural]


def pages(sheet: Sheet, turn: Turn[ShowTable], area: Area, wide: list[int]) -> list[range]:
    """Which lines stand on which page."""
    heights = [_height(sheet, turn, line, wide) for line in range(len(turn.prompt.lines))]
    return paged(heights, area.h - _head(sheet, turn, wide), 0, pager_height(sheet.t))


def draw(sheet: Sheet, turn: Turn[Any], area: Area, wide: list[int], lines: range) -> None:
    """The heads, then the lines."""
    t = sheet.t
    heights = [_height(sheet, turn, line, wide) for line in lines]
    head = _head(sheet, turn, wide)
    card = Area(area.x, area.y, area.w, head + sum(heights))
    sheet.box(card, PAPER, shade=True)
    sheet.box(Area(card.x, card.y, card.w, head), BLUE_TINT)
    x = card.x
    for column, name in enumerate(turn.prompt.heads):
        spot = Area(x, card.y, wide[column], head).inset(t.px(_PAD), 0)
        align = "right" if _numbers(turn, column) else "left"
        sheet.text(turn.say(name), spot, t.small, INK, True, align, middle=True)
        x += wide[column]
    y = card.y + head
    for line, high in zip(lines, heights, strict=True):
        if line > lines.start:
            sheet.rectangle(Area(card.x + t.px(_PAD), y, card.w - 2 * t.px(_PAD), t.hair), LINE)
        x = card.x
        for column in range(len(wide)):
            spot = Area(x, y, wide[column], high).inset(t.px(_PAD), 0)
            align = "right" if _numbers(turn, column) else "left"
            cells.cell(sheet, turn, line, column, spot, t.small, align)
            x += wide[column]
        y += high


def _head(sheet: Sheet, turn: Turn[ShowTable], wide: list[int]) -> int:
    t = sheet.t
    rooms = [width - 2 * t.px(_PAD) for width in wide]
    names = [turn.say(name) for name in turn.prompt.heads]
    return max(
        sheet.height(name, room, t.small, True) for name, room in zip(names, rooms, strict=True)
    ) + t.px(32)


def _height(sheet: Sheet, turn: Turn[ShowTable], line: int, wide: list[int]) -> int:
    """As high as the line is when shown, so that touching it moves nothing."""
    t, values = sheet.t, turn.prompt.lines[line]
    high = max(
        sheet.height(turn.say(value), width - 2 * t.px(_PAD), t.small)
        for value, width in zip(values, wide, strict=True)
    )
    return max(high + t.px(36), t.px(88 if turn.prompt.hidden else 76))


def _natural(sheet: Sheet, turn: Turn[ShowTable], column: int) -> int:
    t, prompt = sheet.t, turn.prompt
    values = [type.width(turn.say(line[column]), t.small, False) for line in prompt.lines]
    head = type.width(turn.say(prompt.heads[column]), t.small, True)
    return max(head, *values, 0) + 2 * t.px(_PAD) + t.px(4)


def _longest_word(sheet: Sheet, turn: Turn[ShowTable], column: int) -> int:
    """The widest piece of the column that must not be broken: a number, a date, a Latin word."""
    t, prompt = sheet.t, turn.prompt
    words = [word for line in prompt.lines for word in turn.say(line[column]).split()]
    words += turn.say(prompt.heads[column]).split()
    whole = [word for word in words if word.isascii()]
    if any(_NUMBER.fullmatch(turn.say(line[column])) for line in prompt.lines):
        whole += [turn.say(line[column]) for line in prompt.lines]
    return max((type.width(word, t.small, True) for word in whole), default=0) + 2 * t.px(_PAD) + t.px(4)


def _numbers(turn: Turn[ShowTable], column: int) -> bool:
    """Whether the column holds numbers only: these are read from the right."""
    values = [turn.say(line[column]) for line in turn.prompt.lines]
    return bool(values) and all(_NUMBER.fullmatch(value) or value in ("", "—", "-") for value in values)
