"""What a virtual receipt printer has in its own type: characters in cells, and QR codes, as rows of dots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import segno
from PIL import Image, ImageDraw, ImageFont

from config import assets

CELL = 24  # dots: a Chinese character is as wide as high, a Latin one half as wide
LEADING = 6  # to the default line spacing of 30


@dataclass(frozen=True)
class Glyph:
    """One character, `wide` and `high` times its normal size."""

    character: str
    wide: int = 1
    high: int = 1

    @property
    def width(self) -> int:
        return self.wide * (CELL // 2 if self.character.isascii() else CELL)


def line(glyphs: Sequence[Glyph], row_bytes: int, align: int) -> bytes:
    """One line of type as rows; `align` 0 left, 1 centre, 2 right. What does not fit is cut off."""
    height = CELL * max((glyph.high for glyph in glyphs), default=1)
    picture = Image.new("1", (row_bytes * 8, height + LEADING))
    x = max(0, row_bytes * 8 - sum(glyph.width for glyph in glyphs)) * min(align, 2) // 2
    for glyph in glyphs:
        picture.paste(_cell(glyph), (x, height - CELL * glyph.high))
        x += glyph.width
    return picture.tobytes()


def code(content: bytes, module: int, level: str, row_bytes: int, align: int) -> bytes:
    """A QR code as rows, `module` dots a square, without white around it."""
    matrix = [list(row) for row in segno.make(content, error=level, micro=False, boost_error=False).matrix]
    side = len(matrix) * module
    small = Image.new("1", (len(matrix), len(matrix)))
    small.putdata([255 if dot else 0 for row in matrix for dot in row])
    picture = Image.new("1", (row_bytes * 8, side))
    left = max(0, row_bytes * 8 - side) * min(align, 2) // 2
    picture.paste(small.resize((side, side), Image.Resampling.NEAREST), (left, 0))
    return picture.tobytes()


@lru_cache(maxsize=512)
def _cell(glyph: Glyph) -> Image.Image:
    plain = Glyph(glyph.character)
    cell = Image.new("1", (plain.width, CELL))
    size = CELL if plain.width == CELL else CELL - 4
    ImageDraw.Draw(cell).text(
        (plain.width / 2, CELL / 2), glyph.character, fill=1, font=_font(size), anchor="mm"
    )
    return cell.resize((glyph.width, CELL * glyph.high), Image.Resampling.NEAREST)


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(assets.font("NotoSansSC-Regular.otf")), size)
