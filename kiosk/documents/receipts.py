"""Receipts and tickets: lines of plain data, and their two renderings.

A `Receipt` is what stands on a paper, line by line, as `paper_lines.fill` makes it of a template. `draw`
turns it into a one-bit picture as wide as the printer prints, `text_lines` into the printer's own type.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Literal

from config.words import words
from drivers import receipt_text
from drivers.receipt_text import Code, Pair, Rule, Text
from kiosk.documents.lettering import GETA, ascent, font_of, plain, runs, width, wrap

if TYPE_CHECKING:
    from PIL import Image, ImageDraw

WIDTH = 576  # dots of an 80 mm printer at 203 dpi; one for 58 mm has 384
BODY, TITLE, HUGE = 26, 40, 128  # type sizes in dots, 8 to the millimetre
SIZES = {"body": BODY, "title": TITLE, "huge": HUGE}
GAP = 14  # dots between a label and its value, a code and its words
_CODE_SQUARE, _SMALLEST_SQUARE = 5, 3  # dots of a QR code's square, where there is room
_QUIET = 4  # squares of white around a code
_TEXT_SIZES = {"body": 1, "title": 2, "huge": 4}


@dataclass(frozen=True)
class Line:
    """One line: `text`; `label` with its value in `text`; a rule; a QR code that says `text`.

    Beside a code stand its words (`label`) and a `note`. `size`, `bold` and `centre` are of texts.
    """

    kind: Literal["text", "pair", "rule", "code"]
    text: str = ""
    label: str = ""
    note: str = ""
    size: Literal["body", "title", "huge"] = "body"
    bold: bool = False
    centre: bool = False


RULE = Line("rule")


@dataclass(frozen=True)
class Receipt:
    """One paper. `mark` stands at its top, framed: 补打 第 2 份."""

    lines: tuple[Line, ...]
    mark: str = ""


def without_glyph(receipt: Receipt) -> bool:
    """Whether a character of the paper is in none of our fonts. Slow at first: fonts are read."""
    said = "".join(plain(line.text + line.label + line.note) for line in receipt.lines if line.kind != "code")
    return any(font_of(character) is None for character in set(said) - {"\n"})


def with_geta(receipt: Receipt) -> Receipt:
    """The paper with 〓 for what no font has, and at its end a line that says what a 〓 means."""

    def shown(text: str) -> str:
        return "".join(one if one == "\n" or font_of(one) else GETA for one in plain(text))

    lines = (
        line
        if line.kind == "code"
        else replace(line, text=shown(line.text), label=shown(line.label), note=shown(line.note))
        for line in receipt.lines
    )
    return replace(receipt, lines=(*lines, Line("text", words("receipt.geta").zh)))


def draw(receipt: Receipt, across: int = WIDTH) -> Image.Image:
    """The receipt as a 1-bit Pillow picture, `across` dots wide. Rare characters are drawn, never boxed."""
    from PIL import Image

    pen = _Pen(across)
    if receipt.mark:
        pen.mark(receipt.mark)
    for kind, group in groupby(receipt.lines, key=lambda line: line.kind):
        lines = list(group)
        if kind == "pair":
            pen.pairs(lines)
        else:
            for line in lines:
                _WRITE[kind](pen, line)
    pen.gap(BODY)
    return pen.canvas.crop((0, 0, across, pen.y)).convert("1", dither=Image.Dither.NONE)


def text_lines(receipt: Receipt) -> tuple[receipt_text.Line, ...]:
    """The same receipt as lines for a printer's own type."""
    lines = receipt.lines
    if receipt.mark:
        lines = (RULE, Line("text", receipt.mark, size="title", centre=True), RULE, *lines)
    return tuple(one for line in lines for one in _as_text(line))


def _as_text(line: Line) -> Sequence[receipt_text.Line]:
    match line.kind:
        case "text":
            return (Text(line.text, _TEXT_SIZES[line.size], line.centre),)
        case "pair":
            return (Pair(line.label, line.text),)
        case "rule":
            return (Rule(),)
        case "code":
            return (Text(""), Code(line.text), *(Text(one) for one in (line.label, line.note) if one))


class _Pen:
    """Writes down the paper, line by line; the paper is as long as what stands on it."""

    def __init__(self, across: int) -> None:
        from PIL import Image

        self.across, self.margin = across, across // 24
        self.room = across - 2 * self.margin
        self.canvas, self.y = Image.new("L", (across, 1200), 255), 12

    def gap(self, dots: int) -> None:
        self.y += dots

    def mark(self, text: str) -> None:
        """White on black across the paper: nobody overlooks it."""
        lines = wrap(text, TITLE, True, self.room - 2 * GAP)
        height = round(TITLE * 1.35) * len(lines) + 12
        self._brush(height).rectangle(
            (self.margin, self.y, self.across - self.margin - 1, self.y + height), fill=0
        )
        self.y += 2
        for line in lines:
            self._write((self.across - width(line, TITLE, True)) / 2, line, TITLE, True, fill=255)
            self.y += round(TITLE * 1.35)
        self.y += 24

    def rule(self, line: Line) -> None:
        brush = self._brush(32)
        self.y += 14
        for x in range(self.margin, self.across - self.margin - 5, 12):
            brush.line((x, self.y, x + 5, self.y), fill=0, width=2)
        self.y += 14

    def text(self, line: Line) -> None:
        size = SIZES[line.size]
        while size > TITLE and width(line.text, size, line.bold) > self.room:
            size -= 4  # a number is not broken while it can be read whole
        for one in wrap(line.text, size, line.bold, self.room):
            left = (self.across - width(one, size, line.bold)) / 2 if line.centre else self.margin
            self._write(left, one, size, line.bold)
            self.y += round(size * (1.4 if size <= TITLE else 1.25))

    def pairs(self, lines: Sequence[Line]) -> None:
        """Labels in a column at the left, values bold beside them; each wraps in its own column."""
        widest = max(width(plain(line.label), BODY, False) for line in lines)
        column = math.ceil(min(widest, self.room * 0.42))
        left = self.margin + column + GAP
        for line in lines:
            names = wrap(line.label, BODY, False, column)
            values = wrap(line.text, BODY, True, self.across - self.margin - left)
            if len(values) > 1 and len(names) == 1 and self._is_one_number(line.text):
                self._write(self.margin, line.label, BODY, False)  # a number stays whole, below if need be
                right = self.across - self.margin - width(line.text, BODY, True)
                if right < self.margin + width(line.label, BODY, False) + GAP:
                    self.y += round(BODY * 1.4)
                self._write(right, line.text, BODY, True)
                self.y += round(BODY * 1.5)
                continue
            for name, value in zip_longest(names, values, fillvalue=""):
                self._write(self.margin, name, BODY, False)
                self._write(left, value, BODY, True)
                self.y += round(BODY * 1.5)

    def _is_one_number(self, text: str) -> bool:
        """Whether it may not be broken, groups or not, and has room on a line of its own."""
        whole = text.isascii() and (" " not in text.strip() or receipt_text.in_groups(text))
        return whole and width(plain(text), BODY, True) <= self.room

    def code(self, line: Line) -> None:
        """The code at the left, what it is for beside it; below it where the code needs the whole width."""
        import segno
        from PIL import Image

        matrix = [list(row) for row in segno.make(line.text, error="m", micro=False).matrix]
        squares = len(matrix) + 2 * _QUIET
        square = min(_CODE_SQUARE, (self.room - GAP - 5 * BODY) // squares)
        beside = square >= _SMALLEST_SQUARE
        if not beside:
            square = max(1, min(_CODE_SQUARE, self.across // squares))
        side, white = len(matrix) * square, _QUIET * square
        small = Image.new("L", (len(matrix), len(matrix)), 255)
        small.putdata([0 if dot else 255 for row in matrix for dot in row])
        self._brush(side + 2 * white + 6 * BODY)
        left = self.margin if beside else (self.across - side) // 2
        top = self.y + (white if not beside else min(white, 12))
        self.canvas.paste(small.resize((side, side), Image.Resampling.NEAREST), (left, top))
        if beside:
            self._beside(line, max(self.margin + side + white + GAP, round(self.across * 0.46)), top, side)
            self.y = max(self.y, top + side + white)
        else:
            self.y = top + side + white
            self.text(Line("text", line.label, bold=True, centre=True))
            if line.note:
                self.text(Line("text", line.note, centre=True))

    def _beside(self, line: Line, left: int, top: int, side: int) -> None:
        """The words of a code, in the middle of its height."""
        room = self.across - self.margin - left
        said = [(one, True) for one in wrap(line.label, BODY, True, room)]
        said += [(one, False) for one in wrap(line.note, BODY, False, room) if line.note]
        pitch = round(BODY * 1.4)
        self.y = top + max(0, (side - pitch * len(said)) // 2)
        for one, bold in said:
            self._write(left, one, BODY, bold)
            self.y += pitch

    def _write(self, x: float, text: str, size: int, bold: bool, fill: int = 0) -> None:
        brush, foot = self._brush(2 * size), self.y + ascent(size, bold)
        for run, font in runs(text, size, bold):
            brush.text((x, foot), run, font=font, fill=fill, anchor="ls")
            x += font.getlength(run)

    def _brush(self, dots: int) -> ImageDraw.ImageDraw:
        """What draws from here on; there is paper for `dots` more rows."""
        from PIL import Image, ImageDraw

        if self.y + dots > self.canvas.height:
            longer = Image.new("L", (self.across, 2 * (self.y + dots)), 255)
            longer.paste(self.canvas)
            self.canvas = longer
        return ImageDraw.Draw(self.canvas)


_WRITE = {"text": _Pen.text, "rule": _Pen.rule, "code": _Pen.code}
