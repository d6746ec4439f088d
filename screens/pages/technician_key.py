"""Who of the technicians is it? A card answers, or a number and the six digits of the code."""

from __future__ import annotations

from kiosk.prompts import TechnicianKey
from screens import who_said
from screens.layout import halves, notice, question
from screens.sheet import Sheet
from screens.turn import Turn

_DIGITS = 6  # of the code (RFC 6238, as every authenticator shows it)


def draw(sheet: Sheet, turn: Turn[TechnicianKey]) -> None:
    """The question, the two boxes, the pad; the code is shown as dots."""
    t, prompt = sheet.t, turn.prompt
    asked = who_said.Asked(turn.own("work_number"), turn.own("work_code"), _DIGITS)
    rest = who_said.confirm(sheet, turn, asked)
    asking, keys = halves(t, rest, portrait=0.52, split=0.5)
    told = turn.own("work_card" if prompt.card else "work_no_card")
    end = question(sheet, asking, turn.say(prompt.question), told)
    if prompt.problem is not None:
        end = notice(sheet, asking.below(end + t.px(24)), turn.say(prompt.problem))
    who_said.fields(sheet, turn, asking.below(end + t.px(28)), asked)
    who_said.keys(sheet, turn, keys, asked)
