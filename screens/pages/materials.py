"""The papers that a service wants, and how each is had."""

from __future__ import annotations

from kiosk.prompts import Chosen, MaterialLine, Materials
from screens import type
from screens.layout import Action, actions, halves, paged, pager, pager_height, question
from screens.sheet import Sheet
from screens.tokens import BLUE, EDGE, GREEN, GREEN_TINT, INK, PAPER, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[Materials]) -> None:
    """A card for each paper: a mark when it is had, and another way where there is one."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(
        sheet, turn.area, [Action("next", turn.say(prompt.action), turn.answering(Chosen("next")))]
    )
    note = turn.say(prompt.note) if prompt.note else ""
    asking, room = halves(t, rest)
    end = question(sheet, asking, turn.say(prompt.question), note)
    if t.portrait:
        room = rest.below(end + t.px(40))
    _lines(sheet, turn, room)


def _lines(sheet: Sheet, turn: Turn[Materials], area: Area) -> None:
    t, lines = sheet.t, turn.prompt.lines
    button = _button_width(sheet, turn)
    heights = [_height(sheet, turn, line, area.w, button) for line in lines]
    gap = t.px(18)
    pages = paged(heights, area.h, gap, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    y = area.y
    for index in pages[now]:
        _line(sheet, turn, lines[index], Area(area.x, y, area.w, heights[index]), button)
        y += heights[index] + gap
    pager(sheet, turn, area, len(pages))


def _button_width(sheet: Sheet, turn: Turn[Materials]) -> int:
    return type.width(turn.own("other_way"), sheet.t.body, True) + sheet.t.px(64)


def _room(sheet: Sheet, line: MaterialLine, wide: int, button: int) -> int:
    return wide - sheet.t.px(40 + 64 + 28 + 36) - (button + sheet.t.px(24) if line.change else 0)


def _height(sheet: Sheet, turn: Turn[Materials], line: MaterialLine, wide: int, button: int) -> int:
    t, room = sheet.t, _room(sheet, line, wide, button)
    words = sheet.height(turn.say(line.name), room, t.body, True) + sheet.height(
        turn.say(line.way), room, t.small
    )
    return max(words + t.px(48 if t.portrait else 34), t.px(124))


def _line(sheet: Sheet, turn: Turn[Materials], line: MaterialLine, card: Area, button: int) -> None:
    t = sheet.t
    sheet.box(card, PAPER, shade=True)
    disc = t.px(64)
    mark = Area(card.x + t.px(40), card.y + (card.h - disc) // 2, disc, disc)
    sheet.box(mark, GREEN_TINT if line.done else PAPER, radius=disc // 2, edge=GREEN if line.done else EDGE)
    sheet.icon(
        "check" if line.done else "arrow-right",
        mark.x + disc / 2,
        mark.y + disc / 2,
        t.px(32),
        GREEN if line.done else BLUE,
    )
    room = _room(sheet, line, card.w, button)
    name, way = turn.say(line.name), turn.say(line.way)
    high = sheet.height(name, room, t.body, True) + sheet.height(way, room, t.small)
    words = Area(mark.right + t.px(28), card.y + (card.h - high) // 2, room, high + t.px(2))
    end = sheet.text(name, words, t.body, INK, bold=True)
    sheet.text(way, words.below(end), t.small, SOFT)
    if line.change:
        spot = Area(card.right - t.px(28) - button, card.y + (card.h - t.touch) // 2, button, t.touch)
        answer = turn.answering(Chosen(f"change:{line.key}"))
        sheet.button(f"change:{line.key}", spot, turn.own("other_way"), answer, size=t.body)
