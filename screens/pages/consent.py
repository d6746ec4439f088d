"""Separate consent for one use of personal data: both answers stand side by side."""

from __future__ import annotations

from kiosk.prompts import Chosen, Consent
from screens.layout import Action, actions, halves, question, stretched
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, PAPER, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Consent]) -> None:
    """The question, what is agreed to point by point, and the two answers."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(
        sheet,
        turn.area,
        [
            Action("agree", turn.say(prompt.agree), turn.answering(Chosen("agree"))),
            Action("other", turn.say(prompt.other), turn.answering(Chosen("other"))),
        ],
    )
    asking, points = halves(t, rest, portrait=0.4)
    disc = t.px(132)
    sheet.box(Area(asking.x, asking.y + t.px(12), disc, disc), BLUE_TINT, radius=t.px(36))
    sheet.icon("user-shield", asking.x + disc / 2, asking.y + t.px(12) + disc / 2, t.px(64), BLUE)
    end = question(sheet, asking.below(asking.y + disc + t.px(44)), turn.say(prompt.question))
    if t.portrait:
        points = points.below(max(points.y, end + t.px(32)))
    _points(sheet, points, [turn.say(point) for point in prompt.points])


def _points(sheet: Sheet, area: Area, points: list[str]) -> None:
    t = sheet.t
    room = area.w - t.px(40 + 64 + 40)
    heights = [max(sheet.height(point, room, t.body), t.px(50)) + t.px(56) for point in points]
    heights = stretched(heights, area.h - t.px(16), t.px(72 if t.portrait else 48))
    high = sum(heights) + t.px(16)
    card = Area(area.x, area.bottom - high if t.portrait else area.y, area.w, high)
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(8)
    for number, (point, high) in enumerate(zip(points, heights, strict=True)):
        if number:
            sheet.rectangle(Area(card.x + t.px(40), y, card.w - t.px(80), t.hair), LINE)
        sheet.icon("check", card.x + t.px(56), y + high / 2, t.px(34), BLUE)
        sheet.text(point, Area(card.x + t.px(104), y, room, high), t.body, INK, middle=True)
        y += high
