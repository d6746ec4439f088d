"""What was found, as a table that pages; where the columns do not fit, each row is a card."""

from __future__ import annotations

from kiosk.prompts import ShowTable
from screens import columns, table_cards
from screens.layout import actions, choices, pager, question
from screens.sheet import Sheet
from screens.tokens import SOFT, Area
from screens.turn import Turn

_SHOWN = 12.0  # seconds until what was touched is masked again


def draw(sheet: Sheet, turn: Turn[ShowTable]) -> None:
    """Title and what stands above the table, then as many rows as fit."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(sheet, turn.area, choices(turn, prompt.actions))
    note = [turn.say(prompt.note)] if prompt.note else []
    if prompt.hidden:
        note.append(turn.own("table_hidden"))
    mark = " " if turn.language == "zh" else ": "
    note = [f"{turn.say(row.label)}{mark}{turn.say(row.value)}" for row in prompt.rows] + note  # few lines
    if t.portrait:
        end = question(sheet, rest, turn.say(prompt.title), "\n".join(note))
        _table(sheet, turn, rest.below(end + t.px(32)), None)
    else:  # low and wide: the page buttons stand beside the title
        asking, turning = rest.columns(0.5, 0.5, gap=t.px(56))
        end = question(sheet, asking, turn.say(prompt.title), "\n".join(note), t.lead)
        turning = Area(turning.x, turning.y, turning.w, t.touch)
        _table(sheet, turn, rest.below(max(end, turning.bottom) + t.px(20)), turning)
    if turn.memory.get("shown") is not None:
        turn.later(_SHOWN, lambda: turn.remember("shown", None))


def _table(sheet: Sheet, turn: Turn[ShowTable], room: Area, turning: Area | None) -> None:
    t, prompt = sheet.t, turn.prompt
    if not prompt.lines:
        sheet.text(turn.own("table_none"), room, t.body, SOFT)
        return
    lay = columns.lay(sheet, turn, room.w) or table_cards.lay(sheet, turn, room.w)
    pages = lay.pages(room.h, turning is None)
    now = min(turn.memory.get("line_page", 0), len(pages) - 1)
    if turn.memory.setdefault("line_page_was", now) != now:  # turning the page masks
        turn.memory["shown"], turn.memory["line_page_was"] = None, now
    lay.draw(room, pages[now])
    pager(sheet, turn, turning or room, len(pages), key="line_page")
