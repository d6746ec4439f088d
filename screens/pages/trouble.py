"""Bad news, kindly: what happened, what is safe, what to do now, whom to call."""

from __future__ import annotations

from kiosk.prompts import Chosen, Trouble
from screens.layout import Action, actions, halves
from screens.sheet import Sheet
from screens.tokens import GREEN, GREEN_TINT, INK, RED, RED_TINT, Area
from screens.told_card import Told, told_card
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Trouble]) -> None:
    """The sentence first; safety, next step and help in one card; the ways on at the foot."""
    t, prompt = sheet.t, turn.prompt
    buttons = [
        Action(
            f"choice:{option.value}",
            turn.say(option.name),
            turn.answering(Chosen(option.value)),
            option.reason is None,
        )
        for option in prompt.options
    ]
    rest = actions(sheet, turn.area, buttons)
    telling, told = halves(t, rest, portrait=0.4)
    disc = t.px(132)
    sheet.box(Area(telling.x, telling.y + t.px(12), disc, disc), RED_TINT, radius=t.px(36))
    sheet.icon("circle-exclamation", telling.x + disc / 2, telling.y + t.px(12) + disc / 2, t.px(68), RED)
    words = telling.below(telling.y + disc + t.px(44))
    end = sheet.text(turn.say(prompt.what), words, t.title, INK, bold=True, balance=True)
    if t.portrait:
        told = told.below(max(told.y, end + t.px(32)))
    parts = (
        Told("shield-halved", turn.say(prompt.safe), GREEN, GREEN_TINT),
        Told("arrow-right", turn.say(prompt.next)),
        Told("phone", turn.say(prompt.call)),
    )
    told_card(sheet, told, parts, t.body, low=t.portrait)
