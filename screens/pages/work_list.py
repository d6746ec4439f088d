"""A technician's list: what there is, how each of it stands, and what can be done with all of it."""

from __future__ import annotations

from kiosk.prompts import WorkList
from screens import work_actions
from screens.sheet import Sheet
from screens.turn import Turn
from screens.work_lines import headed_lines


def draw(sheet: Sheet, turn: Turn[WorkList]) -> None:
    """Title and note above the lines; the actions below, or at the right."""
    prompt = turn.prompt
    rest = work_actions.split(sheet, turn, prompt.actions)
    note = turn.say(prompt.note) if prompt.note is not None else ""
    headed_lines(sheet, turn, rest, turn.say(prompt.title), note, prompt.lines, prompt.at)


def carried(before: Turn[WorkList], prompt: WorkList) -> dict[str, int]:
    """The same list with another state stays on its page."""
    same = before.prompt.title == prompt.title
    return {"page": before.memory["page"]} if same and "page" in before.memory else {}
