"""Textures of words and icons, white so that one serves every colour."""

from __future__ import annotations

from functools import lru_cache

from kivy.graphics.texture import Texture

from screens import icons, type


@lru_cache(maxsize=160)
def icon(name: str, size: int) -> Texture:
    """An icon of the icon font."""
    made = type.label(icons.glyph(name), size, "icons")
    made.refresh()
    return made.texture


def drawn(characters: str, size: int, face: str) -> tuple[Texture, float]:
    """A texture of the characters, and how far they rise above their line."""
    return _kept(characters, size, face) if len(characters) == 1 else _made(characters, size, face)


def width(line: str, size: int) -> int:
    """The width of one bold line in pixels."""
    if len(line) == 1:
        return int(_kept(line, size, type.runs(line, True)[0][0])[0].width)
    return type.width(line, size, True)


def _made(characters: str, size: int, face: str) -> tuple[Texture, float]:
    made = type.label(characters, size, face)
    made.refresh()
    return made.texture, made.get_ascent()


# Keys are drawn again at each touch. Only single characters are kept: they say nothing of what was written.
_kept = lru_cache(maxsize=256)(_made)
