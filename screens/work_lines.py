"""Lines of the technician's lists: shape and name, what is told of it, the word for how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from kiosk.prompts import Chosen, WorkLine
from screens import condition, type
from screens.layout import paged, pager, pager_height, stretched
from screens.rows import technical
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn

_PAD = 20  # left and right in a line
_MARK = 68  # the shape's column
_ARROW = 40  # the arrow's column


def headed_lines(
    sheet: Sheet, turn: Turn[Any], area: Area, title: str, note: str, lines: Sequence[WorkLine], at: str = ""
) -> None:
    """A title, a note beneath it and the lines; the page buttons stand beside the title.

    The page with the line of value `at` is the first to be shown.
    """
    t = sheet.t
    told = sheet.height(note, area.w - t.px(48), t.small) + t.px(8) if note else 0
    turning = Area(area.right - t.px(404), area.y, t.px(404), t.touch)
    room = turning.x - area.x - t.gap
    size = t.lead if sheet.height(title, room, t.lead, True) < 2 * t.lead else t.body
    broken = type.at_marks(title, size, True, room)  # a device may have a very long name
    head = Area(area.x, area.y, room, max(t.touch, sheet.height(broken, room, size, True)))
    sheet.text(broken, head, size, INK, bold=True, middle=True, told=title)
    if note:
        sheet.icon("circle-info", head.x + t.px(18), head.bottom + round(t.small * 0.7), t.px(30), SOFT)
        sheet.text(note, Area(area.x + t.px(48), head.bottom, area.w - t.px(48), area.h), t.small, SOFT)
    work_lines(sheet, turn, area.below(head.bottom + told + t.px(12)), lines, turning, at)


def work_lines(
    sheet: Sheet,
    turn: Turn[Any],
    area: Area,
    lines: Sequence[WorkLine],
    turning: Area | None = None,
    at: str = "",
) -> None:
    """A card of lines, on as many pages as they need. A line with a value can be touched: `line:VALUE`.

    Pages are turned in `turning`, or else at the foot of the area.
    """
    t = sheet.t
    if not lines:
        sheet.text(turn.own("work_none"), area, t.body, SOFT)
        return
    columns = _columns(sheet, turn, lines, area.w)
    heights = [_height(sheet, turn, line, columns) for line in lines]
    pages = paged(heights, area.h - t.px(16), 0, 0 if turning else pager_height(t))
    place = next((index for index, line in enumerate(lines) if at and line.value == at), 0)
    first = next((number for number, page in enumerate(pages) if place in page), 0)
    now = min(turn.memory.get("page", first), len(pages) - 1)
    if len(pages) == 1 and columns.arrow:  # a gloved finger is glad of it
        heights = stretched(heights, area.h - t.px(16), t.px(28))
    card = Area(area.x, area.y, area.w, sum(heights[index] for index in pages[now]) + t.px(16))
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(8)
    for index in pages[now]:
        if index > pages[now].start:
            sheet.rectangle(Area(card.x + t.px(_PAD), y, card.w - t.px(2 * _PAD), t.hair), LINE)
        spot = Area(card.x + t.px(8), y, card.w - t.px(16), heights[index])
        _line(sheet, turn, lines[index], spot, columns)
        y += heights[index]
    if turning:
        _turner(sheet, turn, turning, len(pages), now)
    else:
        pager(sheet, turn, area, len(pages))


def _turner(sheet: Sheet, turn: Turn[Any], area: Area, pages: int, now: int) -> None:
    """Arrows without words, with the page between them; nothing for one page."""
    if pages < 2:
        return
    back, told, on = area.columns(1, 0.9, 1, gap=0)
    for name, icon, spot, step in (
        ("page:previous", "chevron-left", back, -1),
        ("page:next", "chevron-right", on, 1),
    ):
        free = 0 <= now + step < pages
        turned = partial(turn.remember, "page", now + step)
        sheet.button(name, spot, "", turned, icon=icon, enabled=free)
    sheet.text(f"{now + 1} / {pages}", told, sheet.t.body, SOFT, align="center", middle=True)


@dataclass(frozen=True)
class _Columns:
    """Widths in pixels. `stacked`: what is told stands under the name, not beside it."""

    name: int
    told: int
    word: int
    arrow: int
    stacked: bool


def _columns(sheet: Sheet, turn: Turn[Any], lines: Sequence[WorkLine], wide: int) -> _Columns:
    t = sheet.t
    word = condition.words_width(sheet, turn)
    arrow = t.px(_ARROW) if any(line.value for line in lines) else 0
    room = wide - t.px(16 + 2 * _PAD + _MARK + 16) - arrow - word
    if wide < t.px(1000):
        return _Columns(room, room, word, arrow, True)
    name = round(room * 0.45)
    return _Columns(name, room - name - t.px(24), word, arrow, False)


def _height(sheet: Sheet, turn: Turn[Any], line: WorkLine, columns: _Columns) -> int:
    t = sheet.t
    name = sheet.height(_name(sheet, turn, line, columns), columns.name, t.body, True)
    told = sheet.height(_told(sheet, turn, line, columns), columns.told, t.small)
    return max((name + told if columns.stacked else max(name, told)) + t.px(14), t.touch)


def _line(sheet: Sheet, turn: Turn[Any], line: WorkLine, spot: Area, columns: _Columns) -> None:
    t, middle = sheet.t, spot.y + spot.h / 2
    if line.value:
        _touchable(sheet, turn, line, spot.inset(0, t.hair))
        sheet.icon("chevron-right", spot.right - t.px(_PAD + 10), middle, t.px(28), BLUE)
    left = spot.x + t.px(_PAD)
    condition.mark(sheet, line.condition, left + t.px(22), middle, t.px(42))
    left += t.px(_MARK)
    name, told = _name(sheet, turn, line, columns), _told(sheet, turn, line, columns)
    whole = turn.say(line.name), turn.say(line.told)
    beside = Area(left, spot.y, columns.name, spot.h)
    if columns.stacked:
        high = sheet.height(name, beside.w, t.body, True) + sheet.height(told, beside.w, t.small)
        above = Area(left, spot.y + (spot.h - high) // 2, beside.w, high + t.px(2))
        end = sheet.text(name, above, t.body, INK, bold=True, told=whole[0])
        sheet.text(told, above.below(end), t.small, SOFT, name=technical(line.told), told=whole[1])
    else:
        sheet.text(name, beside, t.body, INK, bold=True, middle=True, told=whole[0])
        where = Area(beside.right + t.px(24), spot.y, columns.told, spot.h)
        sheet.text(told, where, t.small, SOFT, middle=True, name=technical(line.told), told=whole[1])
    right = spot.right - t.px(_PAD) - columns.arrow
    word = Area(right - columns.word, spot.y, columns.word, spot.h)
    condition.word(sheet, turn, word, line.condition, "right")


def _name(sheet: Sheet, turn: Turn[Any], line: WorkLine, columns: _Columns) -> str:
    return type.at_marks(turn.say(line.name), sheet.t.body, True, columns.name)


def _told(sheet: Sheet, turn: Turn[Any], line: WorkLine, columns: _Columns) -> str:
    return type.at_marks(turn.say(line.told), sheet.t.small, False, columns.told)


def _touchable(sheet: Sheet, turn: Turn[Any], line: WorkLine, spot: Area) -> None:
    paint = sheet.box(spot, PAPER, radius=sheet.t.px(16))
    answer = turn.answering(Chosen(line.value))
    colours = (PAPER, BLUE_TINT_PRESSED)
    sheet.touchable(f"line:{line.value}", spot, turn.say(line.name), answer, paint, colours)
