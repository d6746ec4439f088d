"""A QR code on the glass, large enough that a phone reads it from a step away."""

from __future__ import annotations

from functools import lru_cache

import segno
from kivy.graphics.texture import Texture

from screens.sheet import Item, Sheet
from screens.tokens import PAPER, Area

_QUIET = 4  # modules of white that a reader wants around a code (ISO/IEC 18004, 5.3.8)


def code(sheet: Sheet, area: Area, text: str) -> int:
    """The code in whole pixels, as large as the area takes. Returns where its card ends."""
    t = sheet.t
    modules, texture = _modules(text)
    across = modules + 2 * _QUIET
    module = max(1, min(area.w, area.h) // across)
    side = module * across
    x = area.x + (area.w - side) // 2
    card = Area(x, area.y if t.portrait else area.y + (area.h - side) // 2, side, side)
    sheet.box(card, PAPER, radius=min(t.radius, module * 2), shade=True)
    sheet.picture(card.inset(module * _QUIET), texture)
    sheet.items.append(Item("code", "picture", text, card))
    return card.bottom


@lru_cache(maxsize=2)
def _modules(text: str) -> tuple[int, Texture]:
    """How many modules the code has on a side, and a texture with one pixel for each."""
    rows = segno.make(text, error="m", micro=False).matrix
    texture = Texture.create(size=(len(rows), len(rows)), colorfmt="luminance")
    texture.mag_filter = texture.min_filter = "nearest"
    texture.blit_buffer(
        bytes(0 if dark else 255 for row in reversed(rows) for dark in row), colorfmt="luminance"
    )
    return len(rows), texture
