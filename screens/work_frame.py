"""The frame of the technician's mode: a dark band that says so, and the ways back and out.

Nothing of the citizen's frame is left but time and language. In landscape all stands in the band, since
height is scarce; in portrait back and leave stand at the foot, within reach.
"""

from __future__ import annotations

from collections.abc import Callable

from config.words import words
from screens import type
from screens.frame import Around, Touches
from screens.sheet import Sheet
from screens.tokens import INK, LINE, PAPER, Area, Tokens


def page_area(t: Tokens, around: Around) -> Area:
    """Where the page draws; the whole window where the frame stays away."""
    if around.bare:
        return Area(0, 0, t.width, t.height)
    head, foot = _head(t), _foot(t)
    return Area(0, head, t.width, t.height - head - foot).inset(_margin(t), t.px(32))


def draw(sheet: Sheet, around: Around, touches: Touches) -> None:
    """The band and its buttons; nothing where the frame stays away."""
    t = sheet.t
    sheet.clear()
    if around.bare:
        return
    margin, high = _margin(t), _head(t)
    sheet.rectangle(Area(0, 0, t.width, high), INK)
    left, right = margin, t.width - margin
    if t.portrait:
        _feet(sheet, around, touches)
    else:
        for name, icon, shown, touch in reversed(_ways(around, touches)):
            if shown:
                right -= t.px(300)
                _way(sheet, around, name, icon, Area(right, (high - t.touch) // 2, t.px(300), t.touch), touch)
                right -= t.gap
    right = _language(sheet, around, touches, right, high)
    now = f"{around.now:%H:%M}"
    wide = type.width(now, t.lead, True) + t.px(4)
    right -= t.px(28) + wide
    sheet.text(now, Area(right, 0, wide, high), t.lead, PAPER, bold=True, middle=True)
    sheet.icon("screwdriver-wrench", left + t.px(28), high / 2, t.px(46), PAPER)
    left += t.px(80)
    told = words("screen.work")[around.language]
    sheet.text(told, Area(left, 0, right - left - t.px(20), high), t.lead, PAPER, bold=True, middle=True)


def _margin(t: Tokens) -> int:
    return t.px(48 if t.portrait else 64)


def _head(t: Tokens) -> int:
    return t.px(124)


def _foot(t: Tokens) -> int:
    return t.px(136) if t.portrait else 0


def _ways(around: Around, touches: Touches) -> list[tuple[str, str, bool, Callable[[], None]]]:
    """Back and out: name, icon, whether it is shown, what it does."""
    return [
        ("back", "arrow-left", around.back, touches.back),
        ("home", "right-from-bracket", around.home, touches.home),
    ]


def _way(sheet: Sheet, around: Around, name: str, icon: str, spot: Area, touch: Callable[[], None]) -> None:
    own = words("screen.work_leave" if name == "home" else f"screen.{name}")[around.language]
    sheet.button(name, spot, own, touch, icon=icon, size=sheet.t.body, radius=sheet.t.touch // 2)


def _feet(sheet: Sheet, around: Around, touches: Touches) -> None:
    t = sheet.t
    bar = Area(0, t.height - _foot(t), t.width, _foot(t))
    sheet.rectangle(bar, PAPER)
    sheet.rectangle(Area(0, bar.y, t.width, t.hair), LINE)
    row = bar.inset(_margin(t), (bar.h - t.touch) // 2)
    left, _, right = row.columns(1, 0.5, 1, gap=t.gap)
    for spot, (name, icon, shown, touch) in zip((left, right), _ways(around, touches), strict=True):
        if shown:
            _way(sheet, around, name, icon, spot, touch)


def _language(sheet: Sheet, around: Around, touches: Touches, right: int, high: int) -> int:
    """The switch; returns where it begins."""
    t = sheet.t
    spot = Area(right - t.px(172), (high - t.touch) // 2, t.px(172), t.touch)
    other = words("screen.other_language")[around.language]
    sheet.button("language", spot, other, touches.language, size=t.body, radius=t.touch // 2)
    return spot.x
