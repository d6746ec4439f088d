"""A place: the province, then the city, then the district, on cards; the way so far stands above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from config import regions
from kiosk.prompts import Field, Value
from screens import type
from screens.layout import halves, paged, pager, pager_height, question
from screens.path import path_buttons
from screens.sheet import Sheet
from screens.tokens import BLUE, INK, Area
from screens.turn import Turn


def draw(
    sheet: Sheet, turn: Turn[Any], field: Field, values: dict[str, Value], close: Callable[[], None]
) -> None:
    """The divisions of the one chosen last; one that has none within it is the answer."""
    t = sheet.t
    code: str = turn.memory.setdefault("path", _above(str(values[field.key] or "")))
    if code:
        turn.back = lambda: _to(turn, _above(code))
    hint = turn.say(field.hint) if field.hint is not None else ""
    asking, room = halves(t, turn.area)
    end = question(sheet, asking, turn.say(field.label), hint)
    steps = _path(code)
    names = [(f"path:{step}", turn.say(regions.regions()[step].name)) for step in steps]
    acts = [lambda step=step: _to(turn, _above(step)) for step in steps]
    end = path_buttons(sheet, asking.below(end + t.px(24)), names, acts)
    if t.portrait:
        room = turn.area.below(end + t.px(32))
    _cards(sheet, turn, room, field, values, close)


def _cards(
    sheet: Sheet,
    turn: Turn[Any],
    area: Area,
    field: Field,
    values: dict[str, Value],
    close: Callable[[], None],
) -> None:
    t, gap = sheet.t, sheet.t.px(18)
    places = regions.under(turn.memory["path"])
    widest = max(type.width(turn.say(place.name), t.body, True) for place in places) + t.px(56)
    words = max(type.longest_word(turn.say(place.name), t.body, True) for place in places) + t.px(48)
    widest = min(widest, max(t.px(290), round(words)))  # a longer name takes two lines
    across = max(1, min(4, (area.w + gap) // (widest + gap)))
    high = t.px(112)
    lines = -(-len(places) // across)
    pages = paged([high] * lines, area.h, gap, pager_height(t))
    now = min(turn.memory.get("pick_page", 0), len(pages) - 1)
    shown = places[pages[now].start * across : pages[now].stop * across]
    for place, spot in zip(shown, area.grid(across, len(shown), high, gap), strict=True):
        _card(sheet, turn, place, spot, field, values, close)
    pager(sheet, turn, area, len(pages), key="pick_page")


def _card(
    sheet: Sheet,
    turn: Turn[Any],
    place: regions.Region,
    spot: Area,
    field: Field,
    values: dict[str, Value],
    close: Callable[[], None],
) -> None:
    def touched() -> None:
        if regions.under(place.code):
            _to(turn, place.code)
            return
        values[field.key] = place.code
        close()

    t, name = sheet.t, turn.say(place.name)
    chosen = str(values[field.key] or "") in (place.code, *_below(place.code))
    sheet.card(f"region:{place.code}", spot, name, touched, chosen=chosen, radius=t.px(20))
    ink = BLUE if chosen else INK
    sheet.text(name, spot.inset(t.px(20), 0), t.body, ink, True, "center", middle=True, balance=True)


def _to(turn: Turn[Any], code: str) -> None:
    turn.memory["pick_page"] = 0
    turn.remember("path", code)


def _above(code: str) -> str:
    region = regions.regions().get(code)
    return region.parent if region is not None else ""


def _path(code: str) -> list[str]:
    found: list[str] = []
    while code:
        found.insert(0, code)
        code = _above(code)
    return found


def _below(code: str) -> tuple[str, ...]:
    inner = tuple(region.code for region in regions.under(code))
    return inner + tuple(deeper for one in inner for deeper in _below(one))
