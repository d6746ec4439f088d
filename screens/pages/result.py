"""The outcome."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.prompts import Event, ShowResult
from screens.layout import actions, choices, halves, paged, pager, pager_height, stretched
from screens.rows import row_card
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, EDGE, GREEN, GREEN_TINT, INK, LINE, PAPER, SOFT, Area
from screens.turn import Turn


def draw(sheet: Sheet, turn: Turn[ShowResult]) -> None:
    """A mark and a sentence, then rows or a timeline, and what can be done next."""
    t, prompt = sheet.t, turn.prompt
    rest = actions(sheet, turn.area, choices(turn, prompt.actions))
    telling, told = halves(t, rest, portrait=0.3)
    if t.portrait and not prompt.rows and not prompt.timeline:
        telling = rest.below(rest.y + rest.h // 5)
    end = _mark(sheet, turn, telling)
    if t.portrait:
        told = rest.below(end + t.px(44))
    if prompt.rows:
        end = row_card(sheet, turn, told, prompt.rows)
        told = told.below(end + t.px(28))
    if prompt.timeline:
        _timeline(sheet, turn, told, prompt.timeline)


def _mark(sheet: Sheet, turn: Turn[ShowResult], area: Area) -> int:
    t, prompt = sheet.t, turn.prompt
    disc = t.px(148)
    x = area.x + (area.w - disc) // 2 if t.portrait else area.x
    align = "center" if t.portrait else "left"
    sheet.box(
        Area(x, area.y + t.px(8), disc, disc), GREEN_TINT if prompt.good else BLUE_TINT, radius=disc // 2
    )
    sheet.icon(
        "check" if prompt.good else "circle-info",
        x + disc / 2,
        area.y + t.px(8) + disc / 2,
        t.px(76),
        GREEN if prompt.good else BLUE,
    )
    words = area.below(area.y + disc + t.px(36))
    end = sheet.text(turn.say(prompt.title), words, t.title, INK, True, align, balance=True)
    if prompt.note is not None:
        note = area.below(end + t.px(14))
        end = sheet.text(turn.say(prompt.note), note, t.body, SOFT, False, align, balance=True)
    return end


def _timeline(sheet: Sheet, turn: Turn[ShowResult], area: Area, events: Sequence[Event]) -> None:
    """What has happened, from the top; what is still to come has an open mark."""
    t = sheet.t
    room = area.w - t.px(44 + 60 + 44)
    heights = [
        sheet.height(turn.say(event.what), room, t.body, True) + round(t.small * 1.4) + t.px(40)
        for event in events
    ]
    pages = paged(heights, area.h - t.px(40), 0, pager_height(t))
    if len(pages) == 1:
        heights = stretched(heights, area.h - t.px(40), t.px(44))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    shown = pages[now]
    card = Area(area.x, area.y, area.w, sum(heights[index] for index in shown) + t.px(40))
    sheet.box(card, PAPER, shade=True)
    y = card.y + t.px(20)
    for index in shown:
        event, high = events[index], heights[index]
        middle, x = y + t.px(16) + round(t.body * 0.7), card.x + t.px(60)
        if index + 1 < shown.stop:
            sheet.rectangle(Area(x - t.px(2), middle, t.px(4), high), LINE)
        dot = t.px(32)
        spot = Area(x - dot // 2, middle - dot // 2, dot, dot)
        sheet.box(spot, BLUE if event.done else PAPER, radius=dot // 2, edge=BLUE if event.done else EDGE)
        if event.done:
            sheet.icon("check", x, middle, t.px(18), PAPER)
        words = Area(card.x + t.px(104), y + t.px(16), room, high)
        end = sheet.text(turn.say(event.what), words, t.body, INK, bold=event.done)
        sheet.text(event.when, words.below(end), t.small, SOFT)
        y += high
    pager(sheet, turn, area, len(pages))
