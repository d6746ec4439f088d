"""Keys on the glass: digits, and a plain pad for letters and digits."""

from __future__ import annotations

from collections.abc import Callable

from screens.sheet import Sheet
from screens.tokens import Area

_DIGITS = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "clear", "0", "delete")
_ROWS = ("1234567890", "QWERTYUIOP", "ASDFGHJKL-", "ZXCVBNM")


def typed(text: str, key: str, longest: int) -> str:
    """The text after a key: one character more, one less, or none."""
    if key == "clear":
        return ""
    if key == "delete":
        return text[:-1]
    return (text + key)[:longest]


def digits(sheet: Sheet, area: Area, clear: str, touch: Callable[[str], None]) -> None:
    """Three by four keys; the area is filled as far as keys stay comfortable."""
    t = sheet.t
    gap = t.px(20)
    high = min((area.h - 3 * gap) // 4, t.px(150))
    for key, spot in zip(_DIGITS, area.grid(3, 12, high, gap), strict=True):
        if key == "delete":
            sheet.button("digit:delete", spot, "", lambda: touch("delete"), icon="delete-left", role="key")
        elif key == "clear":
            sheet.button("digit:clear", spot, clear, lambda: touch("clear"), size=t.body, role="key")
        else:
            sheet.button(f"digit:{key}", spot, key, lambda key=key: touch(key), size=t.title, role="key")


def letters(sheet: Sheet, area: Area, space: str, touch: Callable[[str], None]) -> None:
    """Digits and Latin letters. Chinese is written with a pad of its own, not here."""
    t = sheet.t
    gap = t.px(10)
    high = min((area.h - 3 * gap) // 4, t.px(130))
    for number, row in enumerate(_ROWS):
        line = Area(area.x, area.y + number * (high + gap), area.w, high)
        cells = line.columns(*([1.0] * 10), gap=gap)
        for key, spot in zip(row, cells, strict=False):
            sheet.button(
                f"key:{key}", spot, key, lambda key=key: touch(key), size=t.lead, role="key", radius=t.px(16)
            )
    last = Area(cells[7].x, line.y, line.right - cells[7].x, high)
    left, right = last.columns(1, 1, gap=gap)
    sheet.button("key:space", left, space, lambda: touch(" "), size=t.small, role="key", radius=t.px(16))
    sheet.button(
        "key:delete", right, "", lambda: touch("delete"), icon="delete-left", role="key", radius=t.px(16)
    )
