"""Where a button's words and its icon stand: measured before anything is drawn."""

from __future__ import annotations

from dataclasses import dataclass

from screens import glyphs, type
from screens.tokens import LINE_HEIGHT, Area, Tokens


@dataclass(frozen=True)
class Caption:
    """Lines of one size in the area `words`, the first `top` pixels down; the icon's middle at `icon`.

    `fits` is False when the words are too wide, or too many.
    """

    lines: list[str]
    size: int
    words: Area
    top: int
    step: int
    icon: float
    fits: bool

    @property
    def stand(self) -> Area | None:
        """Where the words can be read; None without words."""
        if not self.lines:
            return None
        return Area(self.words.x, self.top, self.words.w, self.step * len(self.lines))


def caption(text: str, area: Area, icon: str, after: bool, size: int, t: Tokens) -> Caption:
    """Words with an icon before or after them, in the middle; smaller or on two lines if need be."""
    gap = t.px(18)
    mark = glyphs.icon(icon, size).width + gap if icon else 0
    room = area.w - t.px(40) - mark
    lines, chosen = _broken(text, room, area.h - t.px(8), size, t)
    wide = max((glyphs.width(line, chosen) for line in lines), default=0)
    start = area.x + (area.w - wide - mark) // 2
    step = round(chosen * LINE_HEIGHT)
    whole = len(text) < 2 or type.longest_word(text, chosen, True) <= room + t.px(12)
    return Caption(
        lines,
        chosen,
        words=Area(start if after else start + mark, area.y, wide + 2, area.h),
        top=area.y + (area.h - step * len(lines)) // 2,
        step=step,
        icon=start + (wide + mark - (mark - gap) / 2 if after else (mark - gap) / 2),
        fits=wide + mark <= area.w and len(lines) <= 2 and whole,
    )


def _broken(text: str, room: int, height: int, size: int, t: Tokens) -> tuple[list[str], int]:
    """The words in the largest size in which one line is enough, or two that are not too high."""
    lines = [text] if text else []
    for smaller in (size, t.body, t.small) if len(text) > 1 else ():
        if smaller > size:
            continue
        lines = type.balanced(text, smaller, True, room)
        if type.longest_word(text, smaller, True) > room:
            continue
        if len(lines) == 1 or (len(lines) == 2 and 2 * smaller * LINE_HEIGHT <= height):
            return lines, smaller
    return lines, size
