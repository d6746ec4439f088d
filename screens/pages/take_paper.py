"""Paper has come out, or still lies where it was photographed."""

from __future__ import annotations

from config.devices import Kind
from kiosk.prompts import Chosen, TakePaper
from screens import machine_picture
from screens.layout import Action, actions, halves, question
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[TakePaper]) -> None:
    """Where the paper is, and one button for when it is taken."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(sheet, turn.area, [Action("taken", turn.own("taken"), turn.answering(Chosen("taken")))])
    asking, showing = halves(t, rest, portrait=0.14)
    if not t.portrait:
        asking = asking.below(asking.y + t.px(60))
    end = question(sheet, asking, turn.say(prompt.question), turn.say(prompt.note) if prompt.note else "")
    if t.portrait:
        showing = showing.below(max(showing.y, end + t.px(24)))
    if prompt.device == Kind.DOCUMENT_CAMERA:
        machine_picture.scanning_table(sheet, showing)
    else:
        machine_picture.printer(sheet, showing, prompt.device, coming=False)
