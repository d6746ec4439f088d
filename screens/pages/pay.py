"""Paying with a phone: how much, what for, and a large code that a phone can read from a step away."""

from __future__ import annotations

import math
import time

from config.money import yuan
from kiosk.prompts import Pay
from screens.layout import halves, question
from screens.qr import code
from screens.sheet import Sheet
from screens.tokens import INK, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Pay]) -> None:
    """The code fills what room there is; what is paid stands beside or above it, the time left below."""
    t, prompt = sheet.t, turn.prompt
    until = turn.memory.setdefault("until", time.monotonic() + prompt.seconds)
    left = max(0, math.ceil(until - time.monotonic()))
    asking, showing = halves(t, turn.area, portrait=0.32, split=0.46)
    end = question(sheet, asking, turn.say(prompt.question))
    end = _amount(sheet, turn, asking.below(end + t.px(32)))
    if t.portrait:
        showing = turn.area.below(end + t.px(28))
        foot = sheet.height(turn.say(prompt.note), showing.w, t.body) + round(t.lead * 1.4) + t.px(72)
        end = code(sheet, showing.above(showing.bottom - foot), prompt.code)
        end = _left(sheet, turn, showing.below(end + t.px(24)), left, "center")
        sheet.text(turn.say(prompt.note), showing.below(end + t.px(12)), t.body, SOFT, False, "center")
    else:
        end = _left(sheet, turn, asking.below(end + t.px(40)), left, "left")
        sheet.text(turn.say(prompt.note), asking.below(end + t.px(16)), t.body, SOFT)
        code(sheet, showing, prompt.code)
    if left:
        turn.later(until - time.monotonic() - left + 1.01, turn.redraw)


def carried(before: Turn[Pay], prompt: Pay) -> dict[str, object]:
    """The same code keeps its time."""
    return dict(before.memory) if before.prompt.code == prompt.code else {}


def _amount(sheet: Sheet, turn: Turn[Pay], area: Area) -> int:
    t, prompt = sheet.t, turn.prompt
    end = sheet.text(turn.say(prompt.what), area, t.body, SOFT)
    return sheet.text(f"¥ {yuan(prompt.fen)}", area.below(end), t.display, INK, bold=True, name="amount")


def _left(sheet: Sheet, turn: Turn[Pay], area: Area, left: int, align: str) -> int:
    told = turn.own("pay_left", minutes=left // 60, seconds=left % 60)
    return sheet.text(told, area, sheet.t.lead, INK, False, align)
