"""Place your card: the machine's picture says where, and what happened."""

from __future__ import annotations

from kiosk.prompts import CardScene, Chosen, PlaceCard
from screens import machine_picture
from screens.layout import Action, halves, notice, question
from screens.sheet import Sheet
from screens.tokens import Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[PlaceCard]) -> None:
    """The question above the picture, or left of it; the other way at the foot once it is offered."""
    t, prompt = sheet.t, turn.prompt
    scene = prompt.scene.value if prompt.card == "id" else f"{prompt.scene.value}_{prompt.card}"
    area = turn.area
    asking, showing = halves(t, area, portrait=0.2)
    buttons = []
    if prompt.other is not None and prompt.scene in (CardScene.PLACE, CardScene.REFUSED):
        buttons = [Action("other", turn.say(prompt.other), turn.answering(Chosen("other")))]
    if t.portrait:
        showing = _other(sheet, showing, buttons)
    else:
        asking = _other(sheet, asking, buttons)
        asking = asking.below(asking.y + t.px(60))
    note = turn.own(f"card_{scene}_note") if prompt.problem is None else ""
    end = question(sheet, asking, turn.own(f"card_{scene}"), note)
    if prompt.problem is not None:
        place = asking if not t.portrait else area
        end = notice(sheet, place.below(end + t.px(28)), turn.say(prompt.problem))
    if t.portrait:
        showing = showing.below(max(showing.y, end + t.px(24)))
    if prompt.card == "social":
        machine_picture.card_slot(sheet, showing, prompt.scene)
    else:
        machine_picture.card_reader(sheet, showing, prompt.scene)


def _other(sheet: Sheet, area: Area, buttons: list[Action]) -> Area:
    """The other way is a plain button: the card stays the main one."""
    if not buttons:
        return area
    t, button = sheet.t, buttons[0]
    spot = area.below(area.bottom - t.action)
    sheet.button(button.name, spot, button.words, button.touch)
    return area.above(spot.y - t.px(28))
