"""Bad news, kindly: what happened, what is safe, what to do now, whom to call."""

from __future__ import annotations

from kiosk.prompts import Chosen, Trouble
from screens.layout import Action, actions, halves, stretched
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, GREEN, GREEN_TINT, INK, LINE, PAPER, RED, RED_TINT, Area
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
        ("shield-halved", GREEN, GREEN_TINT, turn.say(prompt.safe)),
        ("arrow-right", BLUE, BLUE_TINT, turn.say(prompt.next)),
        ("phone", BLUE, BLUE_TINT, turn.say(prompt.call)),
    )
    room = told.w - t.px(40 + 84 + 28 + 40)
    heights = [max(sheet.height(text, room, t.body), t.px(84)) + t.px(56) for *_, text in parts]
    heights = stretched(heights, told.h - t.px(16), t.px(64 if t.portrait else 40))
    high = sum(heights) + t.px(16)
    card = Area(told.x, told.bottom - high if t.portrait else told.y, told.w, high)
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(8)
    for number, ((icon, colour, tint, text), high) in enumerate(zip(parts, heights, strict=True)):
        if number:
            sheet.rectangle(Area(card.x + t.px(40), y, card.w - t.px(80), t.hair), LINE)
        disc = t.px(84)
        sheet.box(Area(card.x + t.px(40), y + (high - disc) // 2, disc, disc), tint, radius=disc // 2)
        sheet.icon(icon, card.x + t.px(40) + disc / 2, y + high / 2, t.px(38), colour)
        sheet.text(text, Area(card.x + t.px(152), y, room, high), t.body, INK, middle=True)
        y += high
