"""The end: thanks, what not to forget, and back to the home page by itself."""

from __future__ import annotations

import math
import time

from kiosk.prompts import Chosen, Goodbye
from screens.sheet import Sheet
from screens.tokens import BLUE, GREEN, GREEN_TINT, INK, PAPER, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Goodbye]) -> None:
    """A touch anywhere ends it sooner."""
    t, prompt, area = sheet.t, turn.prompt, turn.area
    until = turn.memory.setdefault("until", time.monotonic() + prompt.seconds)
    left = max(0, math.ceil(until - time.monotonic() - 0.05))
    done = turn.answering(Chosen("done"))
    sheet.touchable("anywhere", Area(0, t.head, t.width, t.height - t.head), "", done, role="field")
    wide = area.w if t.portrait else t.px(720)
    spot = Area(area.x + (area.w - wide) // 2, area.bottom - t.action, wide, t.action)
    sheet.button("done", spot, turn.own("finish"), done, main=True)
    rest = area.above(spot.y - t.px(28))
    told = turn.own("back_to_home", seconds=left)
    sheet.text(told, rest.below(rest.bottom - t.px(50)), t.small, SOFT, False, "center")
    disc = t.px(200)
    rows = t.px(132) * len(prompt.reminders)
    y = rest.y + max(0, rest.h - t.px(60) - disc - t.px(220) - rows) // (3 if t.portrait else 2)
    sheet.box(Area(rest.x + (rest.w - disc) // 2, y, disc, disc), GREEN_TINT, radius=disc // 2)
    sheet.icon("check", t.width / 2, y + disc / 2, t.px(100), GREEN)
    end = sheet.text(
        turn.say(prompt.thanks), rest.below(y + disc + t.px(36)), t.display, INK, True, "center", balance=True
    )
    wide = min(rest.w, t.px(936))
    end += t.px(44)
    for reminder in prompt.reminders:
        row = Area(rest.x + (rest.w - wide) // 2, end, wide, t.px(112))
        sheet.box(row, PAPER, shade=True)
        sheet.icon("circle-info", row.x + t.px(64), row.y + row.h / 2, t.px(44), BLUE)
        words = Area(row.x + t.px(116), row.y, row.w - t.px(156), row.h)
        sheet.text(turn.say(reminder), words, t.body, INK, middle=True)
        end = row.bottom + t.px(20)
    turn.later(1.0, turn.redraw if left > 0 else done)
