"""What a service needs, gives and excludes, before it starts."""

from __future__ import annotations

from config.words import Words
from kiosk.prompts import Chosen, Guide
from screens.layout import Action, actions, notice, paged, pager, pager_height, question
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn

_SECTIONS = (("needs", "id-card"), ("gives", "file-lines"), ("excludes", "circle-info"))


def draw(sheet: Sheet, turn: Turn[Guide]) -> None:
    """One column in portrait; in landscape the facts stand left and the sections right."""
    t, prompt = sheet.t, turn.prompt
    start = Action("start", turn.say(prompt.action), turn.answering(Chosen("start")), prompt.blocked is None)
    if t.portrait:
        rest = actions(sheet, turn.area, [start])
        end = question(sheet, rest, turn.say(prompt.name), turn.say(prompt.summary))
        facts = _facts_height(sheet, turn, rest.w)
        _facts(sheet, turn, Area(rest.x, rest.bottom - facts, rest.w, facts))
        rest = rest.above(rest.bottom - facts - t.px(28))
    else:
        left, right = turn.area.columns(0.42, 0.58, gap=t.px(72))
        end = question(sheet, left, turn.say(prompt.name), turn.say(prompt.summary))
        facts = _facts_height(sheet, turn, left.w)
        _facts(sheet, turn, Area(left.x, left.bottom - facts, left.w, facts))
        rest = actions(sheet, right, [start])
        end = rest.y - t.px(36)
    if prompt.blocked is not None:
        end = notice(sheet, rest.below(end + t.px(28)), turn.say(prompt.blocked))
    _sections(sheet, turn, rest.below(end + t.px(36)))


def _facts_height(sheet: Sheet, turn: Turn[Guide], wide: int) -> int:
    t = sheet.t
    return sum(_fact_height(sheet, turn, value, wide) for _, value in turn.prompt.facts) + 2 * t.px(12)


def _fact_height(sheet: Sheet, turn: Turn[Guide], value: Words, wide: int) -> int:
    t = sheet.t
    return sheet.height(turn.say(value), wide - t.px(250), t.small) + t.px(24)


def _facts(sheet: Sheet, turn: Turn[Guide], area: Area) -> None:
    t = sheet.t
    y = area.y + t.px(12)
    for label, value in turn.prompt.facts:
        sheet.rectangle(Area(area.x, y - t.hair, area.w, t.hair), LINE)
        high = _fact_height(sheet, turn, value, area.w)
        sheet.text(turn.say(label), Area(area.x, y + t.px(12), t.px(230), high), t.small, SOFT)
        words = Area(area.x + t.px(250), y + t.px(12), area.w - t.px(250), high)
        sheet.text(turn.say(value), words, t.small, INK)
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
        t.px(30 + 60 + 26)
        + sum(sheet.height(line, room - t.px(34), t.body) + t.px(6) for line in lines)
        for _, _, lines in parts
    ]
    gap = t.px(24)
    pages = paged(heights, area.h, gap, pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
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
    sheet.box(Area(card.x + t.px(36), card.y + t.px(30), disc, disc), BLUE_TINT, radius=disc // 2)
    sheet.icon(icon, card.x + t.px(36) + disc / 2, card.y + t.px(30) + disc / 2, t.px(38), BLUE)
    x = card.x + t.px(36 + 84 + 28)
    inner = Area(x, card.y + t.px(26), card.right - t.px(36) - x, card.h - t.px(26))
    y = sheet.text(title, inner, t.body, INK, bold=True) + t.px(8)
    for line in lines:
        sheet.box(Area(x + t.px(2), y + round(t.body * 0.7) - t.px(4), t.px(9), t.px(9)), SOFT, radius=t.px(4))
        y = sheet.text(line, Area(x + t.px(34), y, inner.w - t.px(34), card.bottom - y), t.body, INK) + t.px(6)
