"""How pages are put together: the question, the answers below or beside it, the actions at the foot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kiosk.prompts import Chosen, Option
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, RED, RED_TINT, SOFT, Area, Tokens
from screens.turn import Turn


@dataclass(frozen=True)
class Action:
    """One button at the foot of a page."""

    name: str
    words: str
    touch: Callable[[], None]
    enabled: bool = True
    icon: str = ""


SPLIT = 0.4  # in landscape, the share of the left column on every page that does not say otherwise


def columns(t: Tokens, area: Area, split: float = SPLIT) -> tuple[Area, Area]:
    """The two columns of a landscape page."""
    left, right = area.columns(split, 1 - split, gap=t.px(56))
    return left, right


def halves(t: Tokens, area: Area, portrait: float = 0.34, split: float = SPLIT) -> tuple[Area, Area]:
    """Where it is asked and where it is answered: above and below, or left and right."""
    if t.portrait:
        y = area.y + round(area.h * portrait)
        return area.above(y), area.below(y)
    return columns(t, area, split)


def stretched(heights: Sequence[int], room: int, most: int) -> list[int]:
    """The heights with what room is left shared out, at most `most` pixels to each."""
    more = min(max(0, room - sum(heights)) // max(1, len(heights)), most)
    return [height + more for height in heights]


def actions(
    sheet: Sheet, area: Area, buttons: Sequence[Action], split: float = SPLIT, main_one: bool = True
) -> Area:
    """Draws the actions at the foot, the first one main and at the right. Returns what is left above.

    More than two are stacked in portrait, so that each keeps its words.
    """
    if not buttons:
        return area
    t = sheet.t
    main, others = buttons[0], list(buttons[1:])
    row = Area(area.x, area.bottom - t.action, area.w, t.action)
    if not t.portrait:
        left, right = columns(t, row, split)
        spots = [right, *left.columns(*([1.0] * len(others)), gap=t.gap)] if others else [right]
    elif len(others) < 2:
        spots = [row] if not others else list(reversed(row.columns(1.0, 1.5, gap=t.gap)))
    else:
        spots = [row]
        second = Area(row.x, row.y - t.action - t.gap, row.w, t.action)
        spots += list(second.columns(*([1.0] * len(others)), gap=t.gap))
    for number, (button, spot) in enumerate(zip([main, *others], spots, strict=True)):
        sheet.button(
            button.name,
            spot,
            button.words,
            button.touch,
            main=number == 0 and main_one,
            icon=button.icon,
            icon_after=button.icon == "chevron-right",
            enabled=button.enabled,
        )
    top = min(spot.y for spot in spots)
    return area.above(top - t.px(36))


def choices(turn: Turn[Any], options: Sequence[Option]) -> list[Action]:
    """The actions that answer with one of the options; those with a reason are greyed."""
    return [
        Action(
            f"choice:{option.value}",
            turn.say(option.name),
            turn.answering(Chosen(option.value)),
            option.reason is None,
        )
        for option in options
    ]


def question(sheet: Sheet, area: Area, text: str, note: str = "", size: int | None = None) -> int:
    """The one question of a page, with a note beneath. Returns where it ends."""
    t = sheet.t
    size = size or t.title
    end = sheet.text(text, area, size, INK, bold=True, balance=True)
    if note:
        end = sheet.text(note, area.below(end + t.px(16)), t.body, SOFT)
    return end


def notice(sheet: Sheet, area: Area, text: str, bad: bool = True) -> int:
    """A line that stands out, with an icon: a problem in red, other news in blue. Returns where it ends."""
    t = sheet.t
    colour, tint, icon = (RED, RED_TINT, "circle-exclamation") if bad else (BLUE, BLUE_TINT, "circle-info")
    pad = t.px(28)
    room = area.w - 2 * pad - t.px(64)
    high = max(sheet.height(text, room, t.body) + 2 * t.px(20), t.px(92))
    sheet.box(Area(area.x, area.y, area.w, high), tint)
    sheet.icon(icon, area.x + pad + t.px(20), area.y + high / 2, t.px(40), colour)
    sheet.text(text, Area(area.x + pad + t.px(64), area.y, room, high), t.body, INK, middle=True)
    return area.y + high


def paged(heights: Sequence[int], room: int, gap: int, pager: int) -> list[range]:
    """Which items stand on which page. `pager` is the height that the page buttons take, if needed."""
    total = sum(heights) + gap * max(0, len(heights) - 1)
    if total <= room:
        return [range(len(heights))]
    pages, start, used = [], 0, 0
    for index, height in enumerate(heights):
        more = height + (gap if index > start else 0)
        if index > start and used + more > room - pager:
            pages.append(range(start, index))
            start, used, more = index, 0, height
        used += more
    return [*pages, range(start, len(heights))]


def pager_height(t: Tokens) -> int:
    """What the page buttons and the space above them take."""
    return t.touch + t.px(28)


def pager(sheet: Sheet, turn: Turn, area: Area, pages: int, key: str = "page") -> None:
    """Previous, where one is, next: at the foot of the area; nothing for one page."""
    if pages < 2:
        return
    t, now = sheet.t, min(turn.memory.get(key, 0), pages - 1)
    row = Area(area.x, area.bottom - t.touch, area.w, t.touch)
    left, middle, right = row.columns(1, 0.8, 1, gap=t.gap)
    sheet.button(
        "page:previous",
        left,
        turn.own("previous_page"),
        lambda: turn.remember(key, now - 1),
        icon="chevron-left",
        enabled=now > 0,
        size=t.body,
    )
    sheet.text(f"{now + 1} / {pages}", middle, t.body, SOFT, align="center", middle=True)
    sheet.button(
        "page:next",
        right,
        turn.own("next_page"),
        lambda: turn.remember(key, now + 1),
        icon="chevron-right",
        icon_after=True,
        enabled=now < pages - 1,
        size=t.body,
    )
