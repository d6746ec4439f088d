"""Who of the technicians is it? A card answers, or a number and the six digits of the code."""

from __future__ import annotations

from kiosk.prompts import TechnicianKey
from screens import who_said
from screens.layout import halves, notice
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, SOFT, Area
from screens.turn import Turn

_DIGITS = 6  # of the code (RFC 6238, as every authenticator shows it)


def draw(sheet: Sheet, turn: Turn[TechnicianKey]) -> None:
    """The question, the two boxes, the pad; the code is shown as dots."""
    t, prompt = sheet.t, turn.prompt
    asked = who_said.Asked(turn.own("work_number"), turn.own("work_code"), _DIGITS)
    rest = who_said.confirm(sheet, turn, asked)
    asking, keys = halves(t, rest, portrait=0.52, split=0.5)
    end = sheet.text(turn.say(prompt.question), asking, t.lead, INK, bold=True, balance=True)
    end = _reader(sheet, turn, asking.below(end + t.px(12)))
    if prompt.problem is not None:
        end = notice(sheet, asking.below(end + t.px(20)), turn.say(prompt.problem))
    who_said.fields(sheet, turn, asking.below(end + t.px(28)), asked)
    who_said.keys(sheet, turn, keys, asked)


def _reader(sheet: Sheet, turn: Turn[TechnicianKey], area: Area) -> int:
    """Whether a card may answer. Returns where it ends."""
    t, card = sheet.t, turn.prompt.card
    told = turn.own("work_card" if card else "work_no_card")
    words = Area(area.x + t.px(76), area.y, area.w - t.px(76), area.h)
    end = sheet.text(told, words, t.body, INK if card else SOFT)
    mark = "id-card" if card else "ban"
    sheet.icon(mark, area.x + t.px(30), (area.y + end) / 2, t.px(48), BLUE if card else SOFT)
    return end
