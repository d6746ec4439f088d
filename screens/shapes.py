"""Round corners and soft shadows as small textures, stretched by their middle.

One quad of nine parts costs far less in software than shaders or smoothing
lines, and its edge is smooth without multisampling.
"""

from __future__ import annotations

from functools import cache
from math import hypot

from kivy.graphics.texture import Texture


def _texture(side: int, alpha: bytes) -> Texture:
    pixels = bytearray(b"\xff" * (side * side * 4))
    pixels[3::4] = alpha
    made = Texture.create(size=(side, side), colorfmt="rgba")
    made.blit_buffer(bytes(pixels), colorfmt="rgba", bufferfmt="ubyte")
    made.wrap = "clamp_to_edge"
    return made


@cache
def rounded(radius: int) -> Texture:
    """A white disc of that radius with a smooth edge and a middle of two pixels."""
    side = 2 * radius + 2
    centre = radius + 0.5
    alpha = bytearray()
    for y in range(side):
        dy = max(abs(y - centre) - 0.5, 0.0)
        for x in range(side):
            away = hypot(max(abs(x - centre) - 0.5, 0.0), dy)
            alpha.append(round(255 * min(1.0, max(0.0, radius + 0.5 - away))))
    return _texture(side, bytes(alpha))


@cache
def shadow(radius: int, blur: int) -> Texture:
    """The soft shadow of a box with round corners; it reaches `blur` pixels beyond the box."""
    reach = radius + blur
    side = 2 * reach + 2
    centre = reach + 0.5
    alpha = bytearray()
    for y in range(side):
        dy = max(abs(y - centre) - 0.5, 0.0)
        for x in range(side):
            away = hypot(max(abs(x - centre) - 0.5, 0.0), dy)
            fade = min(1.0, max(0.0, (reach - away) / (2 * blur)))
            alpha.append(round(255 * fade * fade * (3 - 2 * fade)))
    return _texture(side, bytes(alpha))


@cache
def corners(radius: int) -> Texture:
    """The opposite of `rounded`: only what lies outside the round corners."""
    side = 2 * radius + 2
    centre = radius + 0.5
    alpha = bytearray()
    for y in range(side):
        dy = max(abs(y - centre) - 0.5, 0.0)
        for x in range(side):
            away = hypot(max(abs(x - centre) - 0.5, 0.0), dy)
            alpha.append(255 - round(255 * min(1.0, max(0.0, radius + 0.5 - away))))
    return _texture(side, bytes(alpha))
