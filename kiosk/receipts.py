"""Receipts and tickets: what is on the paper, and its picture.

A `Receipt` is plain data; `draw` turns it into a one-bit picture of the
printer's width. Numbers on it are masked. The words are those of
`locale/receipt.toml`; the paper speaks Chinese, with the service's name in
English beneath it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING

from config import assets
from config.words import Words
from drivers import receipt_text
from drivers.receipt_text import Code, Pair, Rule, Text

if TYPE_CHECKING:
    from PIL import Image, ImageDraw, ImageFont

WIDTH = 576  # dots of an 80 mm printer at 203 dpi
MARGIN = 24
BODY, TITLE, HUGE = 24, 36, 120  # type sizes in dots
LONGEST_LABEL = 8 * BODY  # dots; a longer one wraps in its own column
GAP = 12  # dots between a label and its value
_NOT_FIRST = "，。、；：？！）》〉」』】〕”’…％,.;:?!)]}%"  # signs that never begin a line


@dataclass(frozen=True)
class Receipt:
    """One paper: heading, an optional big number, rows of label and value, a QR code, a foot."""

    hall: str
    title: Words
    rows: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    big: str = ""
    code: str = ""  # what the QR code says
    code_words: str = ""


def draw(receipt: Receipt) -> Image.Image:
    """The receipt as a 1-bit Pillow picture, 576 dots wide. Rare characters are drawn, never boxed."""
    from PIL import Image

    pen = _Pen()
    pen.centre(receipt.hall, BODY)
    pen.gap(10)
    pen.centre(receipt.title.zh, TITLE, bold=True)
    pen.centre(receipt.title.en, BODY)
    pen.rule()
    if receipt.big:
        pen.centre(receipt.big, HUGE, bold=True)
        pen.gap(8)
    labels = [_width(label, BODY, False) for label, _ in receipt.rows]
    column = math.ceil(min(LONGEST_LABEL, max(labels, default=0)))
    for label, value in receipt.rows:
        pen.row(label, value, column)
    if receipt.code:
        pen.gap(12)
        pen.code(receipt.code)
        pen.centre(receipt.code_words, BODY)
    pen.rule()
    for line in receipt.foot:
        pen.centre(line, BODY)
    pen.gap(24)
    return pen.canvas.crop((0, 0, WIDTH, pen.y)).convert("1", dither=Image.Dither.NONE)


def text_lines(receipt: Receipt) -> tuple[receipt_text.Line, ...]:
    """The same receipt as lines for a printer's own type."""
    code = (Code(receipt.code), Text(receipt.code_words)) if receipt.code else ()
    return (
        Text(receipt.hall),
        Text(receipt.title.zh, size=2),
        Text(receipt.title.en),
        Rule(),
        *((Text(receipt.big, size=4),) if receipt.big else ()),
        *(Pair(label, value) for label, value in receipt.rows),
        *code,
        Rule(),
        *(Text(line) for line in receipt.foot),
    )


class _Pen:
    """Writes down the paper, line by line; the paper is as long as what stands on it."""

    def __init__(self) -> None:
        from PIL import Image

        self.canvas, self.y = Image.new("L", (WIDTH, 1200), 255), 16

    def gap(self, dots: int) -> None:
        self.y += dots

    def rule(self) -> None:
        brush = self._brush(12)
        self.y += 12
        for x in range(MARGIN, WIDTH - MARGIN, 12):
            brush.line((x, self.y, x + 6, self.y), fill=0, width=2)
        self.y += 16

    def centre(self, text: str, size: int, bold: bool = False) -> None:
        for line in _wrap(text, size, bold, WIDTH - 2 * MARGIN):
            self._write((WIDTH - _width(line, size, bold)) / 2, line, size, bold)
            self.y += round(size * 1.35)

    def row(self, label: str, value: str, column: int) -> None:
        """The label at the left in `column` dots, the value beside it; both wrap in their own column."""
        left = MARGIN + column + GAP
        names = _wrap(label, BODY, False, column)
        values = _wrap(value, BODY, True, WIDTH - MARGIN - left)
        for name, line in zip_longest(names, values, fillvalue=""):
            self._write(MARGIN, name, BODY, False)
            self._write(left, line, BODY, True)
            self.y += round(BODY * 1.5)

    def code(self, content: str) -> None:
        import segno
        from PIL import Image

        matrix = [list(row) for row in segno.make(content, error="m", micro=False).matrix]
        scale = max(3, min(7, (WIDTH // 2) // (len(matrix) + 8)))
        side = len(matrix) * scale
        picture = Image.new("L", (len(matrix), len(matrix)), 255)
        picture.putdata([0 if dot else 255 for row in matrix for dot in row])
        left = (WIDTH - side) // 2
        self._brush(side + 8 * scale)
        self.canvas.paste(picture.resize((side, side), Image.Resampling.NEAREST), (left, self.y + 4 * scale))
        self.y += side + 8 * scale

    def _write(self, x: float, text: str, size: int, bold: bool) -> None:
        brush = self._brush(2 * size)
        for run, font in _runs(text, size, bold):
            brush.text((x, self.y), run, font=font, fill=0, anchor="la")
            x += font.getlength(run)

    def _brush(self, dots: int) -> ImageDraw.ImageDraw:
        """What draws from here on; there is paper for `dots` more rows."""
        from PIL import Image, ImageDraw

        if self.y + dots > self.canvas.height:
            longer = Image.new("L", (WIDTH, 2 * (self.y + dots)), 255)
            longer.paste(self.canvas)
            self.canvas = longer
        return ImageDraw.Draw(self.canvas)


def _runs(text: str, size: int, bold: bool) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """The text cut where the font must change: Pillow knows no fall-back."""
    runs: list[tuple[str, str]] = []
    for character in text:
        name = _font_for(character, bold)
        if runs and runs[-1][1] == name:
            runs[-1] = (runs[-1][0] + character, name)
        else:
            runs.append((character, name))
    return [(run, _font(name, size)) for run, name in runs]


def _width(text: str, size: int, bold: bool) -> float:
    return sum(font.getlength(run) for run, font in _runs(text, size, bold))


def _wrap(text: str, size: int, bold: bool, width: float) -> list[str]:
    """Lines no wider than `width`; breaks anywhere in Chinese, at spaces where there are any.

    Only spaces at a break are lost. A word wider than a line is cut.
    """
    lines = []
    for paragraph in text.splitlines() or [""]:
        line = ""
        for piece in _pieces("".join(c if c.isprintable() else " " for c in paragraph), size, bold, width):
            if line and _width((line + piece).rstrip(), size, bold) > width:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, size: int, bold: bool, width: float) -> Iterator[str]:
    """What is never broken: a word with the space after it, a Chinese character with the signs behind it."""
    for found in re.finditer(rf"(?:[!-~]+|.)[{re.escape(_NOT_FIRST)}]* *", text):
        piece = found[0]
        if _width(piece.rstrip(), size, bold) <= width:
            yield piece
        else:
            yield from _cut(piece, size, bold, width)


def _cut(word: str, size: int, bold: bool, width: float) -> Iterator[str]:
    """A word that no line can hold, in parts that each fill one."""
    part = ""
    for character in word:
        if part and _width((part + character).rstrip(), size, bold) > width:
            yield part
            part = ""
        part += character
    yield part


def _font_for(character: str, bold: bool) -> str:
    main = "NotoSansSC-Bold.otf" if bold else "NotoSansSC-Regular.otf"
    for name in (main, "HanaMinA.ttf", "HanaMinB.ttf"):
        if ord(character) in _characters(name):
            return name
    return main


@lru_cache(maxsize=4)
def _characters(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(assets.font(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=16)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(assets.font(name)), size)
