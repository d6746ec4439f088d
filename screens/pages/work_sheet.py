"""One thing in full for a technician: how it stands, the remedy, what is known, what can be done."""

from __future__ import annotations

from kiosk.prompts import Condition, WorkSheet
from screens import condition, type, work_actions
from screens.layout import notice
from screens.rows import row_card
from screens.sheet import Sheet
from screens.tokens import INK, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[WorkSheet]) -> None:
    """Name and condition above, then the remedy, then the rows; the actions below, or at the right."""
    t, prompt = sheet.t, turn.prompt
    rest = work_actions.split(sheet, turn, prompt.actions, prompt.main)
    line = Area(rest.x, rest.y, rest.w, round(t.lead * 1.4))
    left = condition.badge(sheet, turn, line, prompt.condition)
    title = Area(rest.x, rest.y, left - rest.x - t.px(24), rest.h)
    told = turn.say(prompt.title)
    end = sheet.text(type.at_marks(told, t.lead, True, title.w), title, t.lead, INK, bold=True, told=told)
    if prompt.note is not None:
        bad = prompt.condition is Condition.NOT_READY
        end = notice(sheet, rest.below(end + t.px(12)), turn.say(prompt.note), bad)
    row_card(sheet, turn, rest.below(end + t.px(20)), prompt.rows, dense=True)


def carried(before: Turn[WorkSheet], prompt: WorkSheet) -> dict[str, int]:
    """The same thing with new figures stays on its page."""
    same = before.prompt.title == prompt.title
    return {"page": before.memory["page"]} if same and "page" in before.memory else {}
