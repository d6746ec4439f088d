"""Type on the terminal's own papers: the font of each character, and what no font has."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from config import assets

if TYPE_CHECKING:
    from PIL import ImageFont

FONTS = ("NotoSansSC-Regular.otf", "HanaMinA.ttf", "HanaMinB.ttf")  # the first that has it; Pillow falls back on none


def missing(text: str) -> str:
    """The characters that would come out as a box or as nothing, each once."""
    return "".join(dict.fromkeys(c for c in text if not c.isprintable() or _font_of(c) is None))


def runs(text: str, size: int) -> list[tuple[str, ImageFont.FreeTypeFont]]:
    """The text cut where the font must change; `size` in dots."""
    found: list[tuple[str, str]] = []
    for character in text:
        name = _font_of(character) or FONTS[0]
        if found and found[-1][1] == name:
            found[-1] = (found[-1][0] + character, name)
        else:
            found.append((character, name))
    return [(run, _font(name, size)) for run, name in found]


def width(text: str, size: int) -> float:
    """How many dots a line of it takes."""
    return sum(font.getlength(run) for run, font in runs(text, size))


def _font_of(character: str) -> str | None:
    return next((name for name in FONTS if ord(character) in _characters(name)), None)


@lru_cache(maxsize=4)
def _characters(name: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(assets.font(name), lazy=True) as font:
        return frozenset(font.getBestCmap())


@lru_cache(maxsize=16)
def _font(name: str, size: int) -> ImageFont.FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(assets.font(name)), size)
