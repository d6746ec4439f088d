"""One question and at most eight answers."""

from __future__ import annotations

from kiosk.prompts import ChooseOne
from screens.layout import halves, question
from screens.options import option_cards
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[ChooseOne]) -> None:
    """The question above (or left), the answers within reach."""
    t, prompt = sheet.t, turn.prompt
    asking, answers = halves(t, turn.area, portrait=0.26)
    note = turn.say(prompt.note) if prompt.note else ""
    question(sheet, asking, turn.say(prompt.question), note)
    option_cards(sheet, turn, answers, prompt.options, "choice", across=1)
