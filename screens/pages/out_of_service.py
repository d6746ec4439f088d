"""The terminal cannot serve now."""

from __future__ import annotations

from kiosk.prompts import OutOfService
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, PAPER, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[OutOfService]) -> None:
    """Why, and whom to ask."""
    t, prompt, area = sheet.t, turn.prompt, turn.area
    disc = t.px(200)
    y = area.y + area.h // (4 if t.portrait else 6)
    spot = Area(area.x + (area.w - disc) // 2, y, disc, disc)
    sheet.box(spot, BLUE_TINT, radius=disc // 2)
    sheet.icon("clock", spot.x + disc / 2, y + disc / 2, t.px(100), BLUE)
    wide = min(area.w, t.px(1200))
    words = Area(area.x + (area.w - wide) // 2, y + disc + t.px(48), wide, area.bottom)
    end = sheet.text(turn.say(prompt.what), words, t.title, INK, True, "center", balance=True)
    if prompt.note is not None:
        note = Area(words.x, end + t.px(28), words.w, area.bottom)
        end = sheet.text(turn.say(prompt.note), note, t.lead, SOFT, False, "center", balance=True)
    wide = min(area.w, t.px(936))
    room = wide - t.px(40 + 76 + 40)
    text = turn.say(prompt.call)
    high = max(sheet.height(text, room, t.body) + t.px(56), t.px(124))
    row = Area(area.x + (area.w - wide) // 2, end + t.px(56), wide, high)
    sheet.box(row, PAPER, shade=True)
    sheet.icon("phone", row.x + t.px(68), row.y + high / 2, t.px(44), BLUE)
    sheet.text(text, Area(row.x + t.px(116), row.y, room, high), t.body, INK, middle=True)
