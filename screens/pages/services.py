"""The services of a theme."""

from __future__ import annotations

from kiosk.prompts import ChooseService
from screens.layout import question
from screens.options import option_cards
from screens.sheet import Sheet
from screens.tokens import Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[ChooseService]) -> None:
    """The theme's name and its services; those that cannot start now are greyed with the reason."""
    t = sheet.t
    area, theme, options = turn.area, turn.say(turn.prompt.theme), turn.prompt.options
    if t.portrait:
        end = question(sheet, area, theme, turn.own("which_service"))
        option_cards(sheet, turn, area.below(end + t.px(36)), options, "service", across=1)
        return
    left, right = area.columns(1, 1, gap=t.px(56))
    question(sheet, left, theme)
    turning = Area(right.x, area.y - t.px(4), right.w, t.touch)
    cards = area.below(area.y + t.touch + t.px(16))
    option_cards(sheet, turn, cards, options, "service", across=2, turning=turning)
