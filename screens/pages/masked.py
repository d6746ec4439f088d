"""A page without its contents, for the service desk; never shown on the glass."""

from __future__ import annotations

from kiosk.prompts import Masked
from screens.layout import question
from screens.sheet import Sheet
from screens.tokens import LINE, Area
from screens.turn import Turn

_MOST = 8  # bars, however many things the page has


def draw(sheet: Sheet, turn: Turn[Masked]) -> None:
    """Which page it is, what it says aloud, and a grey bar for each thing in it."""
    t, prompt, area = sheet.t, turn.prompt, turn.area
    told = turn.say(prompt.heading) if prompt.heading is not None else ""
    end = question(sheet, area, told, turn.own("masked")) + t.px(48)
    for _ in range(min(prompt.blanks, _MOST)):
        if end + t.px(72) > area.bottom:
            break
        sheet.box(Area(area.x, end, area.w, t.px(72)), LINE, radius=t.px(16))
        end += t.px(72 + 28)
