"""A table on a narrow screen: each line is a card, each cell a row with its head before it."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.prompts import ShowTable
from screens import cells
from screens.layout import paged, pager_height
from screens.sheet import Sheet
from screens.tokens import PAPER, SOFT, Area
from screens.turn import Turn

_PAD = 36


@dataclass(frozen=True)
class Cards:
    """The lines as cards of one width."""

    sheet: Sheet
    turn: Turn[ShowTable]
    wide: int

    def pages(self, room: int, own_pager: bool) -> list[range]:
        """Which lines stand on which page of `room` pixels."""
        t = self.sheet.t
        heights = [self._height(line) for line in range(len(self.turn.prompt.lines))]
        return paged(heights, room, t.px(20), pager_height(t) if own_pager else 0)

    def draw(self, area: Area, lines: range) -> None:
        """The cards, one below the other."""
        sheet, t, y = self.sheet, self.sheet.t, area.y
        for line in lines:
            card = Area(area.x, y, area.w, self._height(line))
            sheet.box(card, PAPER, shade=True)
            row = card.y + t.px(20)
            for column, name in enumerate(self.turn.prompt.heads):
                high = self._row(line, column)
                label, value = self._places(Area(card.x, row, card.w, high))
                sheet.text(self.turn.say(name), label, t.small, SOFT, middle=True)
                cells.cell(sheet, self.turn, line, column, value, t.body)
                row += high
            y = card.bottom + t.px(20)

    def _places(self, area: Area) -> tuple[Area, Area]:
        t = self.sheet.t
        label, value = area.inset(t.px(_PAD), 0).columns(0.34, 0.66, gap=t.px(16))
        return label, value

    def _row(self, line: int, column: int) -> int:
        """As high as the row is when shown, so that touching it moves nothing."""
        t, prompt = self.sheet.t, self.turn.prompt
        label, value = self._places(Area(0, 0, self.wide, 0))
        high = max(
            self.sheet.height(self.turn.say(prompt.heads[column]), label.w, t.small),
            self.sheet.height(self.turn.say(prompt.lines[line][column]), value.w, t.body),
        )
        return max(high + t.px(8), t.px(92) if column in prompt.hidden else 0)

    def _height(self, line: int) -> int:
        rows = [self._row(line, column) for column in range(len(self.turn.prompt.heads))]
        return sum(rows) + 2 * self.sheet.t.px(20)


def lay(sheet: Sheet, turn: Turn[ShowTable], room: int) -> Cards:
    """Cards as wide as the room."""
    return Cards(sheet, turn, room)
