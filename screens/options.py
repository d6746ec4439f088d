"""Options as a list of cards: a name, a note, and the reason when one cannot be chosen now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kiosk.prompts import Chosen, Option, Way
from screens.layout import paged, pager, pager_height
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, SOFT, Area
from screens.turn import Turn


def option_cards(
    sheet: Sheet,
    turn: Turn[Any],
    area: Area,
    options: Sequence[Option],
    prefix: str,
    across: int,
    turning: Area | None = None,
) -> None:
    """Draws the options `across` to a row, on as many pages as they need. Answer: `Chosen(value)`.

    The page buttons stand in `turning`, or else at the foot of the area.
    """
    t = sheet.t
    gap = t.px(20)
    spots = area.columns(*([1.0] * across), gap=gap)
    rows = [options[start : start + across] for start in range(0, len(options), across)]
    heights = [max(_height(sheet, turn, option, spots[0].w) for option in row) for row in rows]
    pages = paged(heights, area.h, gap, 0 if turning else pager_height(t))
    now = min(turn.memory.get("page", 0), len(pages) - 1)
    y = area.y
    for index in pages[now]:
        for option, spot in zip(rows[index], spots, strict=False):
            _card(sheet, turn, option, Area(spot.x, y, spot.w, heights[index]), prefix)
        y += heights[index] + gap
    pager(sheet, turn, turning or area, len(pages))


def _lines(turn: Turn[Any], option: Option) -> list[str]:
    told = [option.reason] if option.reason else [option.note] if option.note else []
    return [turn.say(words) for words in told]


def _height(sheet: Sheet, turn: Turn[Any], option: Option, wide: int) -> int:
    t = sheet.t
    room = wide - t.px(40 + 100)
    high = sheet.height(turn.say(option.name), room, t.lead, True)
    bold = option.reason is not None
    high += sum(sheet.height(line, room, t.small, bold) + t.px(2) for line in _lines(turn, option))
    return max(high + 2 * t.px(26 if t.portrait else 20), t.px(128))


def _card(sheet: Sheet, turn: Turn[Any], option: Option, spot: Area, prefix: str) -> None:
    t = sheet.t
    free = option.reason is None
    name = turn.say(option.name)
    sheet.card(f"{prefix}:{option.value}", spot, name, turn.answering(Chosen(option.value)), enabled=free)
    inner = Area(spot.x + t.px(40), spot.y, spot.w - t.px(40 + 100), spot.h)
    lines = _lines(turn, option)
    high = sheet.height(name, inner.w, t.lead, True) + sum(
        sheet.height(line, inner.w, t.small, not free) + t.px(2) for line in lines
    )
    y = sheet.text(name, inner.below(spot.y + (spot.h - high) // 2), t.lead, INK if free else SOFT, bold=True)
    for line in lines:
        y = sheet.text(line, inner.below(y + t.px(2)), t.small, SOFT if free else INK, bold=not free)
    mark = "chevron-right" if free else "ban"
    sheet.icon(mark, spot.right - t.px(56), spot.y + spot.h / 2, t.px(34), BLUE if free else SOFT)


def way_buttons(sheet: Sheet, turn: Turn[Any], ways: Sequence[Way], spots: Sequence[Area]) -> None:
    """Small buttons for other ways in, or on: `way:VALUE`. Answer: `Chosen(value)`."""
    for way, spot in zip(ways, spots, strict=False):
        answer = turn.answering(Chosen(way.value))
        sheet.button(f"way:{way.value}", spot, turn.say(way.name), answer, icon=way.icon, size=sheet.t.body)
