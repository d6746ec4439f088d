"""Staff compare the person with the card, then say who they are: one page for each."""

from __future__ import annotations

from kiosk.prompts import Chosen, StaffCheck
from screens import who_said
from screens.layout import Action, actions, halves, notice, question
from screens.rows import row_card
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    """First what the card says; then the number of the one who looked and his secret number."""
    if turn.memory.setdefault("step", "look") == "look":
        _look(sheet, turn)
        return
    turn.back = lambda: _again(turn)
    _who(sheet, turn)


def _look(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    t, prompt = sheet.t, turn.prompt
    buttons = [
        Action("same", turn.own("staff_same"), lambda: turn.remember("step", "who")),
        Action("other", turn.say(prompt.other), turn.answering(Chosen("other"))),
    ]
    rest = actions(sheet, turn.area, buttons)
    asking, rows = halves(t, rest)
    end = question(sheet, asking, turn.say(prompt.question), turn.own("staff_look"))
    if prompt.problem is not None:
        end = notice(sheet, asking.below(end + t.px(28)), turn.say(prompt.problem))
    row_card(sheet, turn, rest.below(end + t.px(44)) if t.portrait else rows, prompt.rows)


def _who(sheet: Sheet, turn: Turn[StaffCheck]) -> None:
    t = sheet.t
    asked = who_said.Asked(turn.own("staff_number"), turn.own("staff_pin"))
    rest = who_said.confirm(sheet, turn, asked)
    asking, keys = halves(t, rest, portrait=0.48, split=0.5)
    end = question(sheet, asking, turn.own("staff_who")) + t.px(32)
    who_said.fields(sheet, turn, asking.below(end), asked)
    who_said.keys(sheet, turn, keys, asked)


def _again(turn: Turn[StaffCheck]) -> None:
    turn.memory.clear()
    turn.redraw()
