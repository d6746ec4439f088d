"""A technician's list: what there is, how each of it stands, and what can be done with all of it."""

from __future__ import annotations

from kiosk.prompts import WorkList
from screens import work_actions
from screens.layout import notice
from screens.sheet import Sheet
from screens.tokens import INK
from screens.turn import Turn
from screens.work_lines import work_lines


def draw(sheet: Sheet, turn: Turn[WorkList]) -> None:
    """Title and note above the lines; the actions below, or at the right."""
    t, prompt = sheet.t, turn.prompt
    rest = work_actions.split(sheet, turn, prompt.actions)
    end = sheet.text(turn.say(prompt.title), rest, t.lead, INK, bold=True)
    if prompt.note is not None:
        end = notice(sheet, rest.below(end + t.px(12)), turn.say(prompt.note), bad=False)
    work_lines(sheet, turn, rest.below(end + t.px(20)), prompt.lines)


def carried(before: Turn[WorkList], prompt: WorkList) -> dict[str, int]:
    """The same list with another state stays on its page."""
    same = before.prompt.title == prompt.title
    return {"page": before.memory["page"]} if same and "page" in before.memory else {}
