"""What was found, as a table that pages; where the columns do not fit, each row is a card."""

from __future__ import annotations

from kiosk.prompts import ShowTable
from screens import columns, table_cards
from screens.layout import actions, choices, halves, pager, question
from screens.rows import row_card
from screens.sheet import Sheet
from screens.tokens import SOFT, Area
from screens.turn import Turn

_SHOWN = 12.0  # seconds until what was touched is masked again


def draw(sheet: Sheet, turn: Turn[ShowTable]) -> None:
    """Title and what stands above the table, then as many rows as fit."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(sheet, turn.area, choices(turn, prompt.actions))
    note = turn.say(prompt.note) if prompt.note else ""
    if prompt.hidden:
        note = f"{note}\n{turn.own('table_hidden')}".strip()
    if t.portrait or not prompt.rows:
        end = question(sheet, rest, turn.say(prompt.title), note, t.title if t.portrait else t.lead)
        if prompt.rows:
            end = row_card(sheet, turn, rest.below(end + t.px(28)), prompt.rows)
        room = rest.below(end + t.px(32))
    else:
        asking, room = halves(t, rest)
        end = question(sheet, asking, turn.say(prompt.title), note)
        row_card(sheet, turn, asking.below(end + t.px(28)), prompt.rows)
    _table(sheet, turn, room)
    if turn.memory.get("shown") is not None:
        turn.later(_SHOWN, lambda: turn.remember("shown", None))


def _table(sheet: Sheet, turn: Turn[ShowTable], room: Area) -> None:
    t, prompt = sheet.t, turn.prompt
    if not prompt.lines:
        sheet.text(turn.own("table_none"), room, t.body, SOFT)
        return
    widths = columns.widths(sheet, turn, room.w)
    kind = columns if widths else table_cards
    pages = kind.pages(sheet, turn, room, widths)
    now = min(turn.memory.get("line_page", 0), len(pages) - 1)
    if turn.memory.setdefault("line_page_was", now) != now:  # turning the page masks
        turn.memory["shown"], turn.memory["line_page_was"] = None, now
    kind.draw(sheet, turn, room, widths, pages[now])
    pager(sheet, turn, room, len(pages), key="line_page")
