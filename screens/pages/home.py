"""The home page: eight themes, and the other ways in as small buttons."""

from __future__ import annotations

from kiosk.prompts import Chosen, Home, Tile
from screens import type
from screens.layout import notice, question
from screens.options import way_buttons
from screens.sheet import Sheet
from screens.tokens import BLUE, BLUE_TINT, INK, LINE, SOFT, Area
from screens.turn import Turn

_PADDING = 32  # left and right in a tile
_LOW = 250  # a tile lower than this has its icon beside its name


def draw(sheet: Sheet, turn: Turn[Home]) -> None:
    """Tiles two across in portrait, four across in landscape; the ways below them."""
    t, prompt = sheet.t, turn.prompt
    area = _ways(sheet, turn, turn.area)
    across = 2 if t.portrait else 4
    rows = -(-len(prompt.tiles) // across)
    gap = t.px(28)
    told = t.px(150) if t.portrait and prompt.notice else 0
    high = min(t.px(272), (area.h - t.px(200) - told - gap * (rows - 1)) // max(rows, 1))
    tiles_top = area.bottom - rows * high - (rows - 1) * gap
    head = area.above(tiles_top - t.px(24))
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
        if high < t.px(_LOW):
            _low_tile(sheet, turn, tile, spot, min(size, t.body))
        else:
            _tile(sheet, turn, tile, spot, size)


def _ways(sheet: Sheet, turn: Turn[Home], area: Area) -> Area:
    """The ways in even rows of at most three, in one row in landscape. Returns what is left above."""
    t, ways = sheet.t, turn.prompt.ways
    if not ways:
        return area
    rows = -(-len(ways) // 3) if t.portrait else 1
    across = -(-len(ways) // rows)  # four stand two by two, not three and one alone
    gap = t.px(28 if across == 2 else 20)  # two stand below the two tiles, edge to edge
    high = rows * t.touch + (rows - 1) * gap
    spots = area.below(area.bottom - high).grid(across, len(ways), t.touch, gap)
    way_buttons(sheet, turn, ways, spots)
    return area.above(area.bottom - high - t.px(36 if t.portrait else 28))


def _card(sheet: Sheet, turn: Turn[Home], tile: Tile, spot: Area) -> tuple[Area, bool, str]:
    """The tile's card: what is within, whether it has services, and how many these are."""
    t, open_now = sheet.t, tile.count > 0
    touch = turn.answering(Chosen(tile.value))
    name = turn.say(tile.name)
    sheet.card(f"theme:{tile.value}", spot, name, touch, enabled=open_now, radius=t.px(32))
    few = {0: turn.own("count_none"), 1: turn.own("count_one")}
    return (
        spot.inset(t.px(_PADDING), t.px(30)),
        open_now,
        few.get(tile.count, turn.own("count", count=tile.count)),
    )


def _mark(sheet: Sheet, tile: Tile, x: int, y: int, open_now: bool) -> None:
    t = sheet.t
    disc = t.px(88)
    sheet.box(Area(x, y, disc, disc), BLUE_TINT if open_now else LINE, radius=t.px(26))
    sheet.icon(tile.icon, x + disc / 2, y + disc / 2, t.px(44), BLUE if open_now else SOFT)


def _tile(sheet: Sheet, turn: Turn[Home], tile: Tile, spot: Area, size: int) -> None:
    t = sheet.t
    inner, open_now, count = _card(sheet, turn, tile, spot)
    disc = t.px(88)
    _mark(sheet, tile, inner.x, inner.y, open_now)
    if open_now:
        sheet.icon("chevron-right", inner.right - t.px(10), inner.y + disc / 2, t.px(28), BLUE)
    low = Area(inner.x, inner.bottom - t.px(46), inner.w, t.px(46))
    sheet.text(count, low, t.small, SOFT, middle=True)
    words = Area(inner.x, inner.y + disc + t.px(8), inner.w, low.y - inner.y - disc - t.px(8))
    sheet.text(turn.say(tile.name), words, size, INK if open_now else SOFT, bold=True, middle=True)


def _low_tile(sheet: Sheet, turn: Turn[Home], tile: Tile, spot: Area, size: int) -> None:
    t, name = sheet.t, turn.say(tile.name)
    inner, open_now, count = _card(sheet, turn, tile, spot)
    disc = t.px(88)
    _mark(sheet, tile, inner.x, inner.y + (inner.h - disc) // 2, open_now)
    left = inner.x + disc + t.px(24)
    room = inner.right - left
    high = sheet.height(name, room, size, True) + sheet.height(count, room, t.small)
    words = Area(left, inner.y + (inner.h - high) // 2, room, high + t.px(2))
    end = sheet.text(name, words, size, INK if open_now else SOFT, bold=True)
    sheet.text(count, words.below(end), t.small, SOFT)
