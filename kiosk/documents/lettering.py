"""Type on the terminal's own papers: the font of each character, what no font has, where a line breaks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING

from config import assets

if TYPE_CHECKING:
    from PIL import ImageFont

GETA = "〓"  # what printers set for a character that they lack; never the box of a font
_FALL_BACK = ("HanaMinA.ttf", "HanaMinB.ttf")
_BLANK = ("Cc", "Cf", "Zs", "Zl", "Zp")  # Unicode's categories of what has no shape
_NOT_FIRST = "，。、；：？！）》〉」』】〕”’…％,.;:?!)]}%"  # signs that never begin a line


def missing(text: str) -> str:
    """The characters that would come out as a 〓 or as nothing, each once."""
    return "".join(dict.fromkeys(c for c in text if plain(c) != c or font_of(c) is None))


def runs(text: str, size: int, bold: bool = False) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """The text cut where the font must change, since Pillow knows no fall-back; `size` in dots."""
    found: list[tuple[str, str]] = []
    for character in text:
        name = font_of(character, bold)
        if name is None:
            character, name = GETA, _main(bold)
        if found and found[-1][1] == name:
            found[-1] = (found[-1][0] + character, name)
        else:
            found.append((character, name))
    return [(run, _font(name, size)) for run, name in found]


def width(text: str, size: int, bold: bool = False) -> float:
    """How many dots a line of it takes."""
    return sum(_advance(character, size, bold) for character in text)


def ascent(size: int, bold: bool = False) -> int:
    """From a line's top to the foot on which all its characters stand, whatever their font."""
    return int(_font(_main(bold), size).getmetrics()[0])


def font_of(character: str, bold: bool = False) -> str | None:
    """The file of the first font that has it; None when none has. For private use each font has its own."""
    if unicodedata.category(character) == "Co":
        return None
    for name in (_main(bold), *_FALL_BACK):
        if ord(character) in _characters(name):
            return name
    return None


def plain(text: str) -> str:
    """Tabs, odd spaces and what has no shape as spaces; line ends stay.

    Not by `isprintable`, which takes characters younger than this Python for nothing at all.
    """
    lines = "\n".join(text.splitlines())
    return "".join(" " if unicodedata.category(one) in _BLANK and one != "\n" else one for one in lines)


def wrap(text: str, size: int, bold: bool, room: float) -> list[str]:
    """Lines no wider than `room` dots; breaks anywhere in Chinese, at spaces where there are any.

    Only spaces at a break are lost. A word wider than a line is cut.
    """
    lines = []
    for paragraph in plain(text).split("\n"):
        line = ""
        for piece in _pieces(paragraph, size, bold, room):
            if line and width((line + piece).rstrip(), size, bold) > room:
                lines.append(line.rstrip())
                line = piece.lstrip()
            else:
                line += piece
        lines.append(line.rstrip())
    return lines


def _pieces(text: str, size: int, bold: bool, room: float) -> Iterator[str]:
    """What is never broken: a word with the space after it, a Chinese character with the signs behind it."""
    for found in re.finditer(rf"(?:[!-~]+|.)[{re.escape(_NOT_FIRST)}]* *", text):
        piece = found[0]
        if width(piece.rstrip(), size, bold) <= room:
            yield piece
        else:
            yield from _cut(piece, size, bold, room)


def _cut(word: str, size: int, bold: bool, room: float) -> Iterator[str]:
    """A word that no line can hold, in parts that each fill one."""
    part = ""
    for character in word:
        if part and width((part + character).rstrip(), size, bold) > room:
            yield part
            part = ""
        part += character
    yield part


def _main(bold: bool) -> str:
    return "NotoSansSC-Bold.otf" if bold else "NotoSansSC-Regular.otf"


@lru_cache(maxsize=4)
def _characters(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(assets.font(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=4096)
def _advance(character: str, size: int, bold: bool) -> float:
    """Of characters alone, so that no text is kept: with the plain layout below nothing is kerned."""
    ((drawn, font),) = runs(character, size, bold)
    return font.getlength(drawn)


@lru_cache(maxsize=16)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(assets.font(name)), size, layout_engine=ImageFont.Layout.BASIC)
