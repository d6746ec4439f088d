"""The secret number of a card: dots only. What is typed is in no item of the sheet: nothing can tell it."""

from __future__ import annotations

from kiosk.prompts import Chosen, EnterPin
from screens import pads, secret
from screens.layout import Action, actions, halves, notice, question
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[EnterPin]) -> None:
    """The boxes fill from the left; the number is sent by the main action, not by its last digit."""
    t, prompt = sheet.t, turn.prompt
    typed = turn.memory.setdefault("pin", "")
    buttons = [Action("confirm", turn.own("confirm"), lambda: _send(turn), len(typed) == prompt.digits)]
    if prompt.other is not None:
        buttons.append(Action("other", turn.say(prompt.other), turn.answering(Chosen("other"))))
    rest = actions(sheet, turn.area, buttons, split=0.5)
    asking, keys = halves(t, rest, portrait=0.44, split=0.5)
    end = question(sheet, asking, turn.say(prompt.question), turn.own("pin_hidden"))
    end = secret.boxes(sheet, asking.below(end + t.px(44)), len(typed), prompt.digits)
    if prompt.problem is not None:
        notice(sheet, asking.below(end + t.px(28)), turn.say(prompt.problem))

    def touched(key: str) -> None:
        turn.remember("pin", pads.typed(turn.memory["pin"], key, prompt.digits))

    pads.digits(sheet, keys, turn.own("clear"), touched)


def _send(turn: Turn[EnterPin]) -> None:
    """The number leaves the page's memory as it leaves the page."""
    turn.answer(Chosen(turn.memory.pop("pin", "")))
