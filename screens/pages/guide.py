"""What a service needs, gives and excludes, before it starts."""

from __future__ import annotations

from config.words import Words
from kiosk.prompts import Chosen, Guide
from screens import type
from screens.layout import Action, actions, columns, notice, paged, pager, pager_height, question, stretched
from screens.options import way_buttons
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn

_SECTIONS = (("needs", "id-card"), ("gives", "file-lines"), ("excludes", "circle-info"))


def draw(sheet: Sheet, turn: Turn[Guide]) -> None:
    """One column in portrait; in landscape the facts stand left and the sections right."""
    t, prompt = sheet.t, turn.prompt
    free = prompt.blocked is None
    told = turn.say(prompt.action) if free else turn.own("not_now")
    start = Action("start", told, turn.answering(Chosen("start")), free)
    if t.portrait:
        rest = actions(sheet, turn.area, [start])
        if prompt.ways:
            row = Area(rest.x, rest.bottom + t.px(8) - t.touch, rest.w, t.touch)
            way_buttons(sheet, turn, prompt.ways, row.columns(*([1.0] * len(prompt.ways)), gap=t.gap))
            rest = rest.above(row.y - t.px(28))
        end = question(sheet, rest, turn.say(prompt.name), turn.say(prompt.summary))
        facts = _facts_height(sheet, turn, rest.w)
        _facts(sheet, turn, Area(rest.x, rest.bottom - facts, rest.w, facts))
        rest = rest.above(rest.bottom - facts - t.px(28))
    else:
        left, right = columns(t, turn.area)
        if prompt.ways:
            row = Area(left.x, left.bottom - t.action, left.w, t.action)
            way_buttons(sheet, turn, prompt.ways, row.columns(*([1.0] * len(prompt.ways)), gap=t.gap))
            left = left.above(row.y - t.px(28))
        facts = _facts_height(sheet, turn, left.w)
        _facts(sheet, turn, Area(left.x, left.bottom - facts, left.w, facts))
        _heading(sheet, turn, left.above(left.bottom - facts - t.px(12)))
        rest = Area(right.x, right.y, right.w, actions(sheet, turn.area, [start]).h)
        end = rest.y - t.px(36)
    if prompt.blocked is not None:
        end = notice(sheet, rest.below(end + t.px(28)), turn.say(prompt.blocked))
    _sections(sheet, turn, rest.below(end + t.px(36)))


def _heading(sheet: Sheet, turn: Turn[Guide], area: Area) -> None:
    """Name and summary, in the largest letters that leave the facts beneath their room."""
    t, name, summary = sheet.t, turn.say(turn.prompt.name), turn.say(turn.prompt.summary)
    for size, note in ((t.title, t.body), (t.lead, t.body), (t.lead, t.small)):
        high = sheet.height(name, area.w, size, bold=True) + t.px(16) + sheet.height(summary, area.w, note)
        if high <= area.h:
            break
    end = sheet.text(name, area, size, INK, bold=True, balance=True)
    sheet.text(summary, area.below(end + t.px(16)), note, SOFT)


def _label_room(sheet: Sheet, turn: Turn[Guide]) -> int:
    widest = max(
        (type.width(turn.say(label), sheet.t.small, False) for label, _ in turn.prompt.facts), default=0
    )
    return widest + sheet.t.px(36)


def _facts_height(sheet: Sheet, turn: Turn[Guide], wide: int) -> int:
    return sum(_fact_height(sheet, turn, value, wide) for _, value in turn.prompt.facts)


def _fact_height(sheet: Sheet, turn: Turn[Guide], value: Words, wide: int) -> int:
    return sheet.height(turn.say(value), wide - _label_room(sheet, turn), sheet.t.small) + sheet.t.px(20)


def _facts(sheet: Sheet, turn: Turn[Guide], area: Area) -> None:
    t, labels = sheet.t, _label_room(sheet, turn)
    y = area.y
    for label, value in turn.prompt.facts:
        sheet.rectangle(Area(area.x, y, area.w, t.hair), LINE)
        high = _fact_height(sheet, turn, value, area.w)
        line = Area(area.x, y + t.px(10), area.w, high)
        sheet.text(turn.say(label), Area(line.x, line.y, labels, line.h), t.small, SOFT)
        sheet.text(turn.say(value), Area(line.x + labels, line.y, line.w - labels, line.h), t.small, INK)
        y += high


def _sections(sheet: Sheet, turn: Turn[Guide], area: Area) -> None:
    t, prompt = sheet.t, turn.prompt
    parts = [
        (name, icon, [turn.say(line) for line in getattr(prompt, name)])
        for name, icon in _SECTIONS
        if getattr(prompt, name)
    ]
    room = area.w - t.px(36 + 84 + 28 + 36)
    heights = [
        t.px(20 + 50 + 24) + sum(sheet.height(line, room - t.px(34), t.body) + t.px(2) for line in lines)
        for _, _, lines in parts
    ]
    gap = t.px(18)
    pages = paged(heights, area.h, gap, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    if len(pages) == 1:
        heights = stretched(heights, area.h - gap * (len(parts) - 1), t.px(24))
    y = area.y
    for index in pages[now]:
        name, icon, lines = parts[index]
        _section(sheet, Area(area.x, y, area.w, heights[index]), turn.own(name), icon, lines)
        y += heights[index] + gap
    pager(sheet, turn, area, len(pages))


def _section(sheet: Sheet, card: Area, title: str, icon: str, lines: list[str]) -> None:
    t = sheet.t
    sheet.box(card, PAPER)
    disc = t.px(84)
    spot = Area(card.x + t.px(36), card.y + t.px(24), disc, disc)
    sheet.box(spot, BLUE_TINT, radius=disc // 2)
    sheet.icon(icon, spot.x + disc / 2, spot.y + disc / 2, t.px(38), BLUE)
    x = card.x + t.px(36 + 84 + 28)
    room = card.right - t.px(36) - x
    high = t.px(50) + sum(sheet.height(line, room - t.px(34), t.body) + t.px(2) for line in lines)
    inner = Area(x, card.y + (card.h - high) // 2, room, high)
    y = sheet.text(title, inner, t.body, INK, bold=True)
    for line in lines:
        sheet.box(
            Area(x + t.px(2), y + round(t.body * 0.7) - t.px(4), t.px(9), t.px(9)), SOFT, radius=t.px(4)
        )
        y = sheet.text(line, Area(x + t.px(34), y, inner.w - t.px(34), card.bottom - y), t.body, INK) + t.px(
            2
        )
