"""The constant frame: hall, time and language above; back, home and help below; the steps between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from config.words import Words, words
from kiosk.prompts import Place
from screens import type
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, LINE, PAPER, SOFT, Area, Tokens

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True)
class Touches:
    """What the frame's buttons do."""

    back: Callable[[], None]
    home: Callable[[], None]
    help: Callable[[], None]
    language: Callable[[], None]


@dataclass(frozen=True)
class Around:
    """What the frame shows. `foot` False leaves the three buttons out (goodbye, out of service).

    `work`: it is the technician's (`work_frame.py`); `bare`: none at all.
    """

    hall: Words
    place: Place
    language: str
    now: datetime
    back: bool
    home: bool
    foot: bool = True
    work: bool = False
    bare: bool = False


def page_area(t: Tokens, around: Around) -> Area:
    """Where the page draws."""
    top = t.head + (t.steps if around.place.step else 0)
    bottom = t.foot if around.foot else 0
    space = Area(0, top, t.width, t.height - top - bottom)
    return space.inset(t.margin, t.px(48 if t.portrait else 40))


def draw(sheet: Sheet, around: Around, touches: Touches) -> None:
    """Draws the frame; the ground is the window's clear colour, which costs nothing."""
    t = sheet.t
    sheet.clear()
    sheet.rectangle(Area(0, 0, t.width, t.head), PAPER)
    sheet.rectangle(Area(0, t.head - t.hair, t.width, t.hair), LINE)
    _head(sheet, around, touches)
    if around.place.step:
        _steps(sheet, around)
    if around.foot:
        _foot(sheet, around, touches)


def _own(around: Around, name: str, **values: object) -> str:
    return words(f"screen.{name}", **values)[around.language]


def _head(sheet: Sheet, around: Around, touches: Touches) -> None:
    t = sheet.t
    bar = Area(t.margin, 0, t.width - 2 * t.margin, t.head)
    switch = Area(bar.right - t.px(172), (t.head - t.touch) // 2, t.px(172), t.touch)
    sheet.button(
        "language", switch, _own(around, "other_language"), touches.language, size=t.body, radius=t.touch // 2
    )
    time_width = t.px(250)
    clock = Area(switch.x - t.px(28) - time_width, 0, time_width, t.head)
    now = around.now
    day = _own(around, "date", month=now.month, day=now.day, weekday=_own(around, _WEEKDAYS[now.weekday()]))
    top = (t.head - t.px(106)) // 2
    sheet.text(f"{now:%H:%M}", Area(clock.x, top, clock.w, t.px(64)), t.lead, INK, bold=True, align="right")
    sheet.text(day, Area(clock.x, top + t.px(62), clock.w, t.px(44)), t.small, SOFT, align="right")
    mark = t.px(84)
    sheet.box(Area(bar.x, (t.head - mark) // 2, mark, mark), BLUE, radius=t.px(20))
    sheet.icon("building-columns", bar.x + mark / 2, t.head / 2, t.px(44), PAPER)
    left = bar.x + mark + t.px(24)
    room = clock.x - left - t.px(12)
    size = t.lead
    if not t.portrait and around.place.step:
        room, size = min(room, t.px(430)), t.body
    if sheet.height(around.hall[around.language], room, size, True) > size * 2:
        size = t.body
    sheet.text(around.hall[around.language], Area(left, 0, room, t.head), size, INK, bold=True, middle=True)


def _steps(sheet: Sheet, around: Around) -> None:
    """The service's name and how far one is, as words and as a line of segments."""
    t, place = sheet.t, around.place
    title = place.title[around.language] if place.title else ""
    told = _own(around, "step", step=place.step, steps=place.steps)
    if t.portrait:
        row = Area(t.margin, t.head, t.width - 2 * t.margin, t.steps)
        words_row = Area(row.x, row.y + t.px(24), row.w, t.px(54))
        line = Area(row.x, row.y + t.px(92), row.w, t.px(10))
    else:
        left = t.margin + t.px(84 + 24 + 430 + 40)
        row = Area(left, 0, t.width - left - t.margin - t.px(172 + 28 + 250 + 60), t.head)
        words_row = Area(row.x, row.y + t.px(22), row.w, t.px(54))
        line = Area(row.x, row.y + t.px(88), row.w, t.px(10))
    told_width = type.width(told, t.small, False) + t.px(8)
    name, count = Area(words_row.x, words_row.y, words_row.w - told_width - t.px(24), words_row.h), words_row
    size = t.body if sheet.height(title, name.w, t.body, True) < t.body * 2 else t.small
    while len(type.lines(title, size, True, name.w)) > 1:  # its full name stands on the guide and on confirm
        title = title.rstrip("…")[:-1] + "…"
    sheet.text(title, name, size, INK, bold=True, middle=True)
    sheet.text(
        told,
        Area(count.right - told_width, count.y, told_width, count.h),
        t.small,
        SOFT,
        False,
        "right",
        True,
    )
    for number, part in enumerate(line.columns(*([1.0] * place.steps), gap=t.px(10)), start=1):
        sheet.box(part, BLUE if number <= place.step else LINE, radius=part.h // 2)


def _foot(sheet: Sheet, around: Around, touches: Touches) -> None:
    t = sheet.t
    bar = Area(0, t.height - t.foot, t.width, t.foot)
    sheet.rectangle(bar, PAPER)
    sheet.rectangle(Area(0, bar.y, t.width, t.hair), LINE)
    row = bar.inset(t.margin, (t.foot - t.touch) // 2)
    if t.portrait:
        spots = row.columns(1, 1, 1, gap=t.gap)
    else:
        wide = t.px(300)
        spots = (
            Area(row.x, row.y, wide, row.h),
            Area((t.width - wide) // 2, row.y, wide, row.h),
            Area(row.right - wide, row.y, wide, row.h),
        )
    buttons = (
        ("back", "arrow-left", around.back, touches.back),
        ("home", "house", around.home, touches.home),
        ("help", "circle-question", True, touches.help),
    )
    for spot, (name, icon, shown, touch) in zip(spots, buttons, strict=True):
        if shown:
            sheet.button(name, spot, _own(around, name), touch, icon=icon, size=t.body, radius=t.touch // 2)
