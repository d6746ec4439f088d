"""The small button beside a prefilled value: is it wrong?"""

from __future__ import annotations

from typing import Any

from kiosk.prompts import Wrong
from screens import type
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT_PRESSED, EDGE, PAPER, Area
from screens.turn import Turn


def doubt_width(sheet: Sheet, turn: Turn[Any]) -> int:
    """The pixels that the button takes across."""
    return type.width(turn.own("wrong"), sheet.t.small, True) + sheet.t.px(48)


def doubt(sheet: Sheet, turn: Turn[Any], key: str, answer: Wrong, area: Area) -> None:
    """The button at the area's right end: `wrong:KEY`."""
    t = sheet.t
    wide, high = doubt_width(sheet, turn), t.px(72)
    spot = Area(area.right - wide, area.y + (area.h - high) // 2, wide, high)
    paint = sheet.box(spot, PAPER, radius=high // 2, edge=EDGE)
    colours = (PAPER, BLUE_TINT_PRESSED)
    sheet.touchable(f"wrong:{key}", spot, "", turn.answering(answer), paint, colours)
    sheet.text(turn.own("wrong"), spot, t.small, BLUE, True, "center", middle=True)
