"""A code of some digits, sent to a telephone."""

from __future__ import annotations

import math
import time

from config.words import same
from kiosk.prompts import Chosen, EnterCode
from screens import pads
from screens.layout import Action, actions, halves, notice, question
from screens.sheet import Sheet
from screens.tokens import BLUE, EDGE, INK, PAPER, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[EnterCode]) -> None:
    """The boxes fill from the left; the code is sent by the main action, not by its last digit."""
    t, prompt = sheet.t, turn.prompt
    code = turn.memory.setdefault("code", "")
    until = turn.memory.setdefault("until", time.monotonic() + prompt.again_after)
    left = max(0, math.ceil(until - time.monotonic()))
    again = turn.own("code_again_in", seconds=left) if left else turn.own("code_again")
    rest = actions(
        sheet,
        turn.area,
        [
            Action("confirm", turn.own("confirm"), turn.answering(Chosen(code)), len(code) == prompt.digits),
            Action("again", again, turn.answering(Chosen("again")), not left),
        ],
        split=0.5,
    )
    asking, keys = halves(t, rest, portrait=0.44, split=0.5)
    end = question(
        sheet, asking, turn.say(prompt.question), turn.own("code_sent", phone=same(prompt.sent_to))
    )
    end = _boxes(sheet, asking.below(end + t.px(44)), code, prompt.digits)
    if prompt.problem is not None:
        notice(sheet, asking.below(end + t.px(28)), turn.say(prompt.problem))

    def touched(key: str) -> None:
        turn.remember("code", pads.typed(turn.memory["code"], key, prompt.digits))

    pads.digits(sheet, keys, turn.own("clear"), touched)
    if left:
        turn.every(1.0, turn.redraw)


def _boxes(sheet: Sheet, area: Area, code: str, digits: int) -> int:
    t = sheet.t
    gap = t.px(18)
    side = min((area.w - gap * (digits - 1)) // digits, t.px(132))
    for number in range(digits):
        spot = Area(area.x + number * (side + gap), area.y, side, round(side * 1.1))
        here = number == len(code)
        sheet.box(spot, PAPER, edge=BLUE if here else EDGE, edge_width=t.px(6) if here else t.hair)
        if number < len(code):
            sheet.text(code[number], spot, t.title, INK, True, "center", middle=True)
    return area.y + round(side * 1.1)


def carried(before: Turn[EnterCode], prompt: EnterCode) -> dict[str, object]:
    """An update in place keeps what was typed; a problem or a new code asks for all of it again."""
    if prompt.problem is None and not before.answered:
        return dict(before.memory)
    return {}
