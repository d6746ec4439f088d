"""The home page: eight themes."""

from __future__ import annotations

from kiosk.prompts import Chosen, Home, Tile
from screens import type
from screens.layout import notice, question
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, SOFT, Area
from screens.turn import Turn

_PADDING = 32  # left and right in a tile


def draw(sheet: Sheet, turn: Turn[Home]) -> None:
    """Tiles two across in portrait, four across in landscape."""
    t, prompt, area = sheet.t, turn.prompt, turn.area
    across = 2 if t.portrait else 4
    rows = -(-len(prompt.tiles) // across)
    gap = t.px(28)
    told = t.px(150) if t.portrait and prompt.notice else 0
    high = min(t.px(272), (area.h - t.px(200) - told - gap * (rows - 1)) // max(rows, 1))
    tiles_top = area.bottom - rows * high - (rows - 1) * gap
    head = area.above(tiles_top - t.px(28))
    if t.portrait:
        head = head.below(head.y + max(0, (head.h - t.px(172) - told) // 2))
    end = question(sheet, head, turn.own("welcome"), turn.own("welcome_note"), t.display)
    if prompt.notice is not None:
        spot = head.below(end + t.px(24)) if t.portrait else head.columns(1, 1, gap=t.px(56))[1]
        notice(sheet, spot, turn.say(prompt.notice), bad=False)
    spots = area.below(tiles_top).grid(across, len(prompt.tiles), high, gap)
    names = [turn.say(tile.name) for tile in prompt.tiles]
    room = spots[0].w - 2 * t.px(_PADDING) if spots else 0
    sizes = (t.lead, t.body, t.small)
    widest = {size: max((type.width(name, size, True) for name in names), default=0) for size in sizes}
    size = next((size for size in sizes if widest[size] <= room), t.small)  # one size for all eight
    for tile, spot in zip(prompt.tiles, spots, strict=True):
        _tile(sheet, turn, tile, spot, size)


def _tile(sheet: Sheet, turn: Turn[Home], tile: Tile, spot: Area, size: int) -> None:
    t = sheet.t
    name = turn.say(tile.name)
    open_now = tile.count > 0
    touch = turn.answering(Chosen(tile.value))
    sheet.card(f"theme:{tile.value}", spot, name, touch, enabled=open_now, radius=t.px(32))
    inner = spot.inset(t.px(_PADDING), t.px(30))
    disc = t.px(88)
    sheet.box(Area(inner.x, inner.y, disc, disc), BLUE_TINT if open_now else LINE, radius=t.px(26))
    sheet.icon(tile.icon, inner.x + disc / 2, inner.y + disc / 2, t.px(44), BLUE if open_now else SOFT)
    if open_now:
        sheet.icon("chevron-right", inner.right - t.px(10), inner.y + disc / 2, t.px(28), BLUE)
    count = {0: turn.own("count_none"), 1: turn.own("count_one")}.get(
        tile.count, turn.own("count", count=tile.count)
    )
    low = Area(inner.x, inner.bottom - t.px(46), inner.w, t.px(46))
    sheet.text(count, low, t.small, SOFT, middle=True)
    words = Area(inner.x, inner.y + disc + t.px(8), inner.w, low.y - inner.y - disc - t.px(8))
    sheet.text(name, words, size, INK if open_now else SOFT, bold=True, middle=True)
