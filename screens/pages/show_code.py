"""A code for the citizen's phone: the code itself, how long it is good, and what can be done instead."""

from __future__ import annotations

import math
import time

from kiosk.prompts import ShowCode
from screens.layout import actions, choices, halves, question
from screens.qr import code
from screens.sheet import Sheet
from screens.tokens import INK, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[ShowCode]) -> None:
    """The code fills what room there is; the time left below it, or beside it."""
    t, prompt = sheet.t, turn.prompt
    until = turn.memory.setdefault("until", time.monotonic() + prompt.seconds)
    left = max(0, math.ceil(until - time.monotonic()))
    rest = actions(sheet, turn.area, choices(turn, prompt.actions), split=0.46, main_one=False)
    note = turn.say(prompt.note)
    asking, showing = halves(t, rest, portrait=0.32, split=0.46)
    end = question(sheet, asking, turn.say(prompt.question), note)
    if t.portrait:
        showing = rest.below(end + t.px(40))
        foot = round(t.lead * 1.4) + t.px(40)
        end = code(sheet, showing.above(showing.bottom - foot), prompt.code)
        _left(sheet, turn, showing.below(end + t.px(24)), left, "center")
    else:
        _left(sheet, turn, asking.below(end + t.px(40)), left, "left")
        code(sheet, showing, prompt.code)
    if left:
        turn.later(until - time.monotonic() - left + 1.01, turn.redraw)


def carried(before: Turn[ShowCode], prompt: ShowCode) -> dict[str, object]:
    """The same code keeps its time."""
    return dict(before.memory) if before.prompt.code == prompt.code else {}


def _left(sheet: Sheet, turn: Turn[ShowCode], area: Area, left: int, align: str) -> None:
    told = turn.own("code_left", minutes=left // 60, seconds=left % 60) if left else turn.own("code_over")
    sheet.text(told, area, sheet.t.lead, INK if left else SOFT, False, align)
