"""Hold your code before the scanner: the machine's picture says where."""

from __future__ import annotations

from kiosk.prompts import Chosen, HoldCode
from screens import machine_picture
from screens.layout import halves, notice, question
from screens.sheet import Sheet
from screens.tokens import Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[HoldCode]) -> None:
    """The question above the picture, or left of it; another way is a plain button at the foot."""
    t, prompt, area = sheet.t, turn.prompt, turn.area
    asking, showing = halves(t, area, portrait=0.2)
    if prompt.other is not None:
        at = showing if t.portrait else asking
        spot = Area(at.x, at.bottom - t.action, at.w, t.action)
        sheet.button("other", spot, turn.say(prompt.other), turn.answering(Chosen("other")))
        if t.portrait:
            showing = showing.above(spot.y - t.px(28))
        else:
            asking = asking.above(spot.y - t.px(28))
    if not t.portrait:
        asking = asking.below(asking.y + t.px(60))
    hint = turn.say(prompt.hint) if prompt.problem is None else ""
    end = question(sheet, asking, turn.say(prompt.question), hint)
    if prompt.problem is not None:
        place = area if t.portrait else asking
        end = notice(sheet, place.below(end + t.px(28)), turn.say(prompt.problem))
    if t.portrait:
        showing = showing.below(max(showing.y, end + t.px(24)))
    machine_picture.code_scanner(sheet, showing)
