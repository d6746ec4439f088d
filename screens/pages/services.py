"""The services of a theme."""

from __future__ import annotations

from kiosk.prompts import ChooseService
from screens.options import option_cards
from screens.layout import question
from screens.sheet import Sheet
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[ChooseService]) -> None:
    """The theme's name and its services; those that cannot start now are greyed with the reason."""
    t = sheet.t
    end = question(sheet, turn.area, turn.say(turn.prompt.theme), turn.own("which_service"))
    space = turn.area.below(end + t.px(36))
    option_cards(sheet, turn, space, turn.prompt.options, "service", across=1 if t.portrait else 2)
