"""A table whose columns stand side by side, each as wide as what is in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kiosk.prompts import ShowTable
from screens import cells, type
from screens.layout import paged, pager_height
from screens.sheet import Sheet
from screens.tokens import BLUE_TINT, INK, LINE, PAPER, Area
from screens.turn import Turn

_PAD = 22  # left and right in a cell
_BREAKS = 300  # a column of words may be narrower than they are, down to this
_NUMBER = re.compile(r"[¥￥]?\s?-?[\d,]+(\.\d+)?%?")


@dataclass(frozen=True)
class Columns:
    """Where the columns stand: their widths, and the size of their type."""

    sheet: Sheet
    turn: Turn[ShowTable]
    widths: tuple[int, ...]
    size: int

    def pages(self, room: int, own_pager: bool) -> list[range]:
        """Which lines stand on which page of `room` pixels."""
        heights = [self._height(line) for line in range(len(self.turn.prompt.lines))]
        return paged(heights, room - self._head(), 0, pager_height(self.sheet.t) if own_pager else 0)

    def draw(self, area: Area, lines: range) -> None:
        """The heads, then the lines."""
        sheet, t = self.sheet, self.sheet.t
        heights, head = [self._height(line) for line in lines], self._head()
        card = Area(area.x, area.y, area.w, head + sum(heights))
        sheet.box(card, PAPER, shade=True)
        sheet.box(Area(card.x, card.y, card.w, head), BLUE_TINT)
        names = self.turn.prompt.heads
        for name, spot, align in zip(names, self._spots(card.x, card.y, head), self._aligned(), strict=True):
            sheet.text(self.turn.say(name), spot, t.small, INK, True, align, middle=True)
        y = card.y + head
        for line, high in zip(lines, heights, strict=True):
            if line > lines.start:
                sheet.rectangle(Area(card.x + t.px(_PAD), y, card.w - 2 * t.px(_PAD), t.hair), LINE)
            spots = zip(self._spots(card.x, y, high), self._aligned(), strict=True)
            for column, (spot, align) in enumerate(spots):
                cells.cell(sheet, self.turn, line, column, spot, self.size, align)
            y += high

    def _spots(self, x: int, y: int, high: int) -> list[Area]:
        found = []
        for wide in self.widths:
            found.append(Area(x, y, wide, high).inset(self.sheet.t.px(_PAD), 0))
            x += wide
        return found

    def _aligned(self) -> list[str]:
        """Columns of numbers are read from the right."""
        lines = self.turn.prompt.lines
        values = [[self.turn.say(line[c]) for line in lines] for c in range(len(self.widths))]
        numbers = [
            all(_NUMBER.fullmatch(one) or one in ("", "—", "-") for one in column) for column in values
        ]
        return ["right" if number else "left" for number in numbers]

    def _head(self) -> int:
        t, rooms = self.sheet.t, [wide - 2 * self.sheet.t.px(_PAD) for wide in self.widths]
        names = [self.turn.say(name) for name in self.turn.prompt.heads]
        heights = [self.sheet.height(n, room, t.small, True) for n, room in zip(names, rooms, strict=True)]
        return max(heights) + t.px(28)

    def _height(self, line: int) -> int:
        """As high as the line is when shown, so that touching it moves nothing."""
        t, values = self.sheet.t, self.turn.prompt.lines[line]
        high = max(
            self.sheet.height(self.turn.say(value), wide - 2 * t.px(_PAD), self.size)
            for value, wide in zip(values, self.widths, strict=True)
        )
        return max(high + t.px(30), t.px(88 if self.turn.prompt.hidden else 76))


def lay(sheet: Sheet, turn: Turn[ShowTable], room: int) -> Columns | None:
    """The columns in the largest type that fits; None where they cannot stand side by side and be read.

    A column of words may break them, where it is wide enough; dates and numbers stay whole.
    """
    for size in (sheet.t.body, sheet.t.small):
        widths = _widths(sheet, turn, room, size)
        if widths:
            return Columns(sheet, turn, widths, size)
    return None


def _widths(sheet: Sheet, turn: Turn[ShowTable], room: int, size: int) -> tuple[int, ...]:
    columns = range(len(turn.prompt.heads))
    natural = [_natural(sheet, turn, column, size) for column in columns]
    least = [
        min(wide, max(sheet.t.px(_BREAKS), _longest(sheet, turn, column, size)))
        for column, wide in zip(columns, natural, strict=True)
    ]
    if sum(least) > room:
        return ()
    if sum(natural) <= room:
        spare = (room - sum(natural)) // len(natural)
        return tuple(wide + spare for wide in natural)
    more, wanted = room - sum(least), [a - b for a, b in zip(natural, least, strict=True)]
    return tuple(low + int(more * want / sum(wanted)) for low, want in zip(least, wanted, strict=True))


def _natural(sheet: Sheet, turn: Turn[ShowTable], column: int, size: int) -> int:
    t, prompt = sheet.t, turn.prompt
    values = [type.width(turn.say(line[column]), size, False) for line in prompt.lines]
    head = type.width(turn.say(prompt.heads[column]), t.small, True)
    mask = t.px(180) if column in prompt.hidden else 0
    return max(head, mask, *values) + 2 * t.px(_PAD) + t.px(6)


def _longest(sheet: Sheet, turn: Turn[ShowTable], column: int, size: int) -> int:
    """The widest piece of the column that must not be broken: a number, a date, a Latin word."""
    t, prompt = sheet.t, turn.prompt
    values = [turn.say(line[column]) for line in prompt.lines]
    whole = [word for value in values for word in value.split() if word.isascii()]
    wide = [type.width(word, size, True) for word in whole]
    wide += [type.width(word, t.small, True) for word in turn.say(prompt.heads[column]).split()]
    return max(wide, default=0) + 2 * t.px(_PAD) + t.px(6)
