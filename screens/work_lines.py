"""Lines of the technician's lists: shape and name, what is told of it, the word for how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.prompts import Chosen, WorkLine
from screens import condition
from screens.layout import paged, pager, pager_height
from screens.rows import technical
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn

_PAD = 20  # left and right in a line
_MARK = 68  # the shape's column
_ARROW = 40  # the arrow's column


def work_lines(sheet: Sheet, turn: Turn[Any], area: Area, lines: Sequence[WorkLine]) -> int:
    """A card of lines, on as many pages as they need. A line with a value can be touched: `line:VALUE`.

    Returns where the card ends.
    """
    t = sheet.t
    if not lines:
        return area.y
    heights = [_height(sheet, turn, line, area.w) for line in lines]
    pages = paged(heights, area.h - t.px(16), 0, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    card = Area(area.x, area.y, area.w, sum(heights[index] for index in pages[now]) + t.px(16))
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(8)
    for index in pages[now]:
        if index > pages[now].start:
            sheet.rectangle(Area(card.x + t.px(_PAD), y, card.w - t.px(2 * _PAD), t.hair), LINE)
        _line(sheet, turn, lines[index], Area(card.x + t.px(8), y, card.w - t.px(16), heights[index]))
        y += heights[index]
    pager(sheet, turn, area, len(pages))
    return card.bottom


def _rooms(sheet: Sheet, turn: Turn[Any], wide: int) -> tuple[int, int]:
    """How wide the name is, and what is told: one above the other in a narrow card, else side by side."""
    t = sheet.t
    room = wide - t.px(16 + 2 * _PAD + _MARK + _ARROW + 16) - condition.words_width(sheet, turn)
    if wide < t.px(1000):
        return room, room
    name = round(room * 0.42)
    return name, room - name - t.px(24)


def _height(sheet: Sheet, turn: Turn[Any], line: WorkLine, wide: int) -> int:
    t = sheet.t
    name_room, told_room = _rooms(sheet, turn, wide)
    name = sheet.height(turn.say(line.name), name_room, t.body, True)
    told = sheet.height(turn.say(line.told), told_room, t.small)
    high = name + told if name_room == told_room else max(name, told)
    return max(high + t.px(24), t.touch)


def _line(sheet: Sheet, turn: Turn[Any], line: WorkLine, spot: Area) -> None:
    t, middle = sheet.t, spot.y + spot.h / 2
    if line.value:
        face = spot.inset(0, t.hair)
        paint = sheet.box(face, PAPER, radius=t.px(16))
        answer = turn.answering(Chosen(line.value))
        sheet.touchable(
            f"line:{line.value}", face, turn.say(line.name), answer, paint, (PAPER, BLUE_TINT_PRESSED)
        )
        sheet.icon("chevron-right", spot.right - t.px(_PAD + 10), middle, t.px(28), BLUE)
    left = spot.x + t.px(_PAD)
    condition.mark(sheet, line.condition, left + t.px(22), middle, t.px(42))
    left += t.px(_MARK)
    name_room, told_room = _rooms(sheet, turn, spot.w + t.px(16))
    name, told = turn.say(line.name), turn.say(line.told)
    if name_room == told_room:
        high = sheet.height(name, name_room, t.body, True) + sheet.height(told, told_room, t.small)
        words = Area(left, spot.y + (spot.h - high) // 2, name_room, high + t.px(2))
        end = sheet.text(name, words, t.body, INK, bold=True)
        sheet.text(told, words.below(end), t.small, SOFT, name=technical(line.told))
        left += name_room
    else:
        sheet.text(name, Area(left, spot.y, name_room, spot.h), t.body, INK, bold=True, middle=True)
        left += name_room + t.px(24)
        where = Area(left, spot.y, told_room, spot.h)
        sheet.text(told, where, t.small, SOFT, middle=True, name=technical(line.told))
        left += told_room
    wide = condition.words_width(sheet, turn)
    right = spot.right - t.px(_PAD + _ARROW)
    condition.word(sheet, turn, Area(right - wide, spot.y, wide, spot.h), line.condition, "right")
