"""One cell of a table: its words, or dots until it is touched."""

from __future__ import annotations

from typing import Any

from kiosk.prompts import ShowTable
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, INK, Area
from screens.turn import Turn

MASK = "••••"


def masked(turn: Turn[ShowTable], line: int, column: int) -> bool:
    """Whether the cell is to be masked now."""
    return column in turn.prompt.hidden and turn.memory.get("shown") != line


def told(turn: Turn[ShowTable], line: int, column: int) -> str:
    """What stands in the cell now."""
    return MASK if masked(turn, line, column) else turn.say(turn.prompt.lines[line][column])


def cell(
    sheet: Sheet, turn: Turn[Any], line: int, column: int, area: Area, size: int, align: str = "left"
) -> None:
    """Draws the cell in its area; a masked one can be touched and shows its line's for a while."""
    if not masked(turn, line, column):
        words = told(turn, line, column)
        sheet.text(words, area, size, INK, align=align, middle=True)
        return
    t = sheet.t
    side = min(area.w + t.px(16), t.px(200))
    high = min(area.h - t.px(8), t.touch)
    left = area.right + t.px(8) - side if align == "right" else area.x - t.px(8)
    spot = Area(left, area.y + (area.h - high) // 2, side, high)
    paint = sheet.box(spot, BLUE_TINT, radius=t.px(16))
    sheet.touchable(
        f"reveal:{line}:{column}",
        spot,
        "",
        lambda: turn.remember("shown", line),
        paint,
        (BLUE_TINT, BLUE_TINT_PRESSED),
    )
    eye = t.px(36)
    sheet.icon("eye", spot.x + t.px(20) + eye / 2, spot.y + spot.h / 2, eye, BLUE)
    room = Area(spot.x + t.px(20) + eye, spot.y, spot.w - t.px(20) - eye, spot.h)
    sheet.text(MASK, room, size, BLUE, True, "center", middle=True)
