"""The terminal cannot serve now: why, until when, where else, whom to call. To be read from two metres."""

from __future__ import annotations

from kiosk.prompts import OutOfService
from screens import told_card
from screens.layout import columns
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, SOFT, Area
from screens.told_card import Told
from screens.turn import Turn

_ROWS = (("clock", "hours"), ("location-dot", "elsewhere"), ("phone", "call"))


def draw(sheet: Sheet, turn: Turn[OutOfService]) -> None:
    """The news large; hours, the next terminal and the telephone in a card below it, or at its right."""
    t, area = sheet.t, turn.area
    told = [Told(icon, turn.say(words)) for icon, name in _ROWS if (words := getattr(turn.prompt, name))]
    if t.portrait:
        room = area.below(area.y + area.h // 2)
        size = _size(sheet, room.w, told, room.h)
        high = min(room.h, told_card.least(sheet, room.w, told, size) + t.px(80))
        top = told_card.told_card(sheet, room.below(room.bottom - high), told, size, low=True)
        _news(sheet, turn, area.above(top - t.px(48)))
        return
    news, side = columns(t, area, 0.5)
    size = _size(sheet, side.w, told, side.h)
    high = told_card.least(sheet, side.w, told, size)
    middle = side.y + max(0, side.h - high - t.px(60)) // 2
    told_card.told_card(sheet, Area(side.x, middle, side.w, high), told, size)
    _news(sheet, turn, news)


def _size(sheet: Sheet, wide: int, told: list[Told], room: int) -> int:
    """The largest type in which the card finds room."""
    t = sheet.t
    fit = (size for size in (t.lead, t.body) if told_card.least(sheet, wide, told, size) <= room)
    return next(fit, t.small)


def _news(sheet: Sheet, turn: Turn[OutOfService], area: Area) -> None:
    """A mark, what is so, and why; a little above the middle."""
    t, prompt = sheet.t, turn.prompt
    align = "center" if t.portrait else "left"
    what, note = turn.say(prompt.what), turn.say(prompt.note) if prompt.note is not None else ""
    disc = t.px(240 if t.portrait else 168)
    for head, size in ((t.display, t.title), (t.display, t.lead), (t.title, t.lead), (t.title, t.body)):
        high = disc + t.px(56) + sheet.height(what, area.w, head, True)
        high += t.px(36) + sheet.height(note, area.w, size) if note else 0
        if high <= area.h:
            break
    y = area.y + max(0, area.h - high) * 2 // 5
    left = area.x + (area.w - disc) // 2 if t.portrait else area.x
    sheet.box(Area(left, y, disc, disc), BLUE_TINT, radius=disc // 2)
    mark = "circle-pause" if note else "clock"
    sheet.icon(mark, left + disc / 2, y + disc / 2, disc // 2, BLUE)
    end = sheet.text(what, area.below(y + disc + t.px(56)), head, INK, True, align, balance=True)
    sheet.text(note, area.below(end + t.px(36)), size, SOFT, False, align, balance=True)
