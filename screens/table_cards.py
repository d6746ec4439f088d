"""A table on a narrow screen: each line is a card, each cell a row with its head before it."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import ShowTable
from screens import cells
from screens.layout import paged, pager_height
from screens.sheet import Sheet
from screens.tokens import PAPER, SOFT, Area
from screens.turn import Turn

_PAD = 36


def pages(sheet: Sheet, turn: Turn[ShowTable], area: Area, wide: list[int]) -> list[range]:
    """Which lines stand on which page."""
    heights = [_height(sheet, turn, line, area.w) for line in range(len(turn.prompt.lines))]
    return paged(heights, area.h, sheet.t.px(20), pager_height(sheet.t))


def draw(sheet: Sheet, turn: Turn[Any], area: Area, wide: list[int], lines: range) -> None:
    """The cards, one below the other."""
    t, y = sheet.t, area.y
    for line in lines:
        card = Area(area.x, y, area.w, _height(sheet, turn, line, area.w))
        sheet.box(card, PAPER, shade=True)
        row = card.y + t.px(16)
        for column, name in enumerate(turn.prompt.heads):
            high = _row(sheet, turn, line, column, area.w)
            label, value = _places(sheet, Area(card.x, row, card.w, high))
            sheet.text(turn.say(name), label, t.small, SOFT, middle=True)
            cells.cell(sheet, turn, line, column, value, t.small)
            row += high
        y = card.bottom + t.px(20)


def _places(sheet: Sheet, area: Area) -> tuple[Area, Area]:
    label, value = area.inset(sheet.t.px(_PAD), 0).columns(0.36, 0.64, gap=sheet.t.px(16))
    return label, value


def _row(sheet: Sheet, turn: Turn[ShowTable], line: int, column: int, wide: int) -> int:
    """As high as the row is when shown, so that touching it moves nothing."""
    t, prompt = sheet.t, turn.prompt
    label, value = _places(sheet, Area(0, 0, wide, 0))
    high = max(
        sheet.height(turn.say(prompt.heads[column]), label.w, t.small),
        sheet.height(turn.say(prompt.lines[line][column]), value.w, t.small),
    )
    return max(high + t.px(12), t.px(88) if column in prompt.hidden else 0)


def _height(sheet: Sheet, turn: Turn[ShowTable], line: int, wide: int) -> int:
    rows = [_row(sheet, turn, line, column, wide) for column in range(len(turn.prompt.heads))]
    return sum(rows) + 2 * sheet.t.px(16)
