"""What was chosen so far on a page that asks step by step; a touch goes back to that step."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screens import type
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, BLUE_TINT_PRESSED, Area


def path_buttons(
    sheet: Sheet, area: Area, names: Sequence[tuple[str, str]], acts: Sequence[Callable[[], None]]
) -> int:
    """Small buttons one after the other, (name, words) of each. Returns where they end; nothing for none."""
    t = sheet.t
    if not names:
        return area.y
    x, y, high = area.x, area.y, t.px(84)
    for (name, words), act in zip(names, acts, strict=True):
        wide = min(type.width(words, t.body, True) + t.px(56 + 44), area.w)
        if x > area.x and x + wide > area.right:
            x, y = area.x, y + high + t.px(12)
        spot = Area(x, y, wide, high)
        paint = sheet.box(spot, BLUE_TINT, radius=high // 2)
        sheet.touchable(name, spot, words, act, paint, (BLUE_TINT, BLUE_TINT_PRESSED))
        inner = Area(spot.x + t.px(32), spot.y, wide - t.px(32 + 64), high)
        sheet.text(words, inner, t.body, BLUE, True, middle=True)
        sheet.icon("pen", spot.right - t.px(44), spot.y + high / 2, t.px(28), BLUE)
        x += wide + t.px(16)
    return y + high
