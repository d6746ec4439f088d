"""Keys of letters on the glass: the rows of a keyboard, and keys in rows of any kind."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screens.sheet import Sheet
from screens.tokens import Area, Tokens

DIGITS = "1234567890"
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


def typed(text: str, key: str, longest: int) -> str:
    """The text after a key: one character more, one less, or none."""
    if key == "clear":
        return ""
    if key == "delete":
        return text[:-1]
    return (text + key)[:longest]


def letters_height(t: Tokens, key: int, rows: int = 4) -> int:
    """What `letters` takes with keys that high."""
    return rows * key + (rows - 1) * t.px(12)


def letters(
    sheet: Sheet, area: Area, touch: Callable[[str], None], digits: bool = True, upper: bool = True
) -> None:
    """A keyboard's letters, under a row of digits where these are wanted; one back ends the last row.

    A key is named after what is on it and types: `key:A`, or `key:a` where they are small.
    """
    t = sheet.t
    rows = ((DIGITS,) if digits else ()) + ROWS
    gap = t.px(12)
    high = min((area.h - (len(rows) - 1) * gap) // len(rows), t.px(130))
    wide = (area.w - 9 * gap) / 10
    for number, row in enumerate(rows):
        y = area.y + number * (high + gap)
        left = float(area.x) + (0 if row is DIGITS else (10 - len(row)) * (wide + gap) / 2)
        if row == ROWS[-1]:
            end = round(left + 7 * (wide + gap))
            side = Area(end, y, area.right - end, high)
            key(sheet, "key:delete", side, "", lambda: touch("delete"), icon="delete-left")
        for place, letter in enumerate(row):
            x = left + place * (wide + gap)
            spot = Area(round(x), y, round(x + wide) - round(x), high)
            told = letter.upper() if upper else letter
            key(sheet, f"key:{told}", spot, told, lambda told=told: touch(told))


def rows(
    sheet: Sheet, area: Area, across: int, characters: Sequence[str], touch: Callable[[str], None]
) -> None:
    """One key for each character, `across` to a row, and one back as the last: `key:京`, `key:delete`."""
    t = sheet.t
    gap = t.px(12)
    count = len(characters) + 1
    lines = -(-count // across)
    high = min((area.h - (lines - 1) * gap) // lines, t.px(130))
    spots = area.grid(across, lines * across, high, gap)
    for character, spot in zip(characters, spots, strict=False):
        key(sheet, f"key:{character}", spot, character, lambda character=character: touch(character))
    key(sheet, "key:delete", spots[-1], "", lambda: touch("delete"), icon="delete-left")


def key(
    sheet: Sheet,
    name: str,
    area: Area,
    text: str,
    touch: Callable[[], None],
    size: int = 0,
    icon: str = "",
    enabled: bool = True,
) -> None:
    """One key."""
    t = sheet.t
    sheet.button(
        name,
        area,
        text,
        touch,
        icon=icon,
        enabled=enabled,
        size=size or t.lead,
        role="key",
        radius=t.px(16),
    )
