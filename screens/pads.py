"""Digits on the glass."""

from __future__ import annotations

from collections.abc import Callable

from screens.keys import typed as typed  # one rule for every pad
from screens.sheet import Sheet
from screens.tokens import Area


def digits(sheet: Sheet, area: Area, clear: str, touch: Callable[[str], None], extra: str = "") -> None:
    """Three by four keys, named `digit:7`, `digit:clear`, `digit:delete`; `extra` stands in place of clear.

    The area is filled as far as keys stay comfortable.
    """
    t = sheet.t
    gap = t.px(20)
    high = min((area.h - 3 * gap) // 4, t.px(150))
    names = (*"123456789", extra or "clear", "0", "delete")
    for key, spot in zip(names, area.grid(3, 12, high, gap), strict=True):
        if key == "delete":
            sheet.button("digit:delete", spot, "", lambda: touch("delete"), icon="delete-left", role="key")
        elif key == "clear":
            sheet.button("digit:clear", spot, clear, lambda: touch("clear"), size=t.body, role="key")
        else:
            sheet.button(f"digit:{key}", spot, key, lambda key=key: touch(key), size=t.title, role="key")
