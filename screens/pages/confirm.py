"""The last page before something is done."""

from __future__ import annotations

from kiosk.prompts import Chosen, Confirm
from screens.layout import Action, actions, halves, question
from screens.rows import row_card
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Confirm]) -> None:
    """What will be done, in rows; the action says what it does."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(
        sheet, turn.area, [Action("confirm", turn.say(prompt.action), turn.answering(Chosen("confirm")))]
    )
    note = turn.say(prompt.note) if prompt.note else ""
    if t.portrait:
        end = question(sheet, rest, turn.say(prompt.question), note)
        row_card(sheet, turn, rest.below(end + t.px(44)), prompt.rows)
    else:
        asking, rows = halves(t, rest)
        question(sheet, asking, turn.say(prompt.question), note)
        row_card(sheet, turn, rows, prompt.rows)
