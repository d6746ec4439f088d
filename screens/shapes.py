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


def _beyond(pixel: int, radius: int, side: int) -> float:
    """How far the middle of a pixel lies beyond the straight part of an edge."""
    middle = pixel + 0.5
    return max(radius - middle, middle - (side - radius), 0.0)


def _disc(radius: int) -> tuple[int, bytes]:
    """Side and coverage of a disc with a middle of two pixels; its straight edges are sharp."""
    side = 2 * radius + 2
    gaps = [_beyond(pixel, radius, side) for pixel in range(side)]
    return side, bytes(
        round(255 * min(1.0, max(0.0, radius + 0.5 - hypot(dx, dy)))) for dy in gaps for dx in gaps
    )


@cache
def rounded(radius: int) -> Texture:
    """A white disc of that radius with a smooth edge and a middle of two pixels."""
    return _texture(*_disc(radius))


@cache
def corners(radius: int) -> Texture:
    """The opposite of `rounded`: only what lies outside the round corners."""
    side, alpha = _disc(radius)
    return _texture(side, bytes(255 - covered for covered in alpha))


@cache
def shadow(radius: int, blur: int) -> Texture:
    """The soft shadow of a box with round corners; it reaches `blur` pixels beyond the box."""
    reach = radius + blur
    side = 2 * reach + 2
    gaps = [_beyond(pixel, reach, side) for pixel in range(side)]
    fades = (min(1.0, max(0.0, (reach - hypot(dx, dy)) / (2 * blur))) for dy in gaps for dx in gaps)
    return _texture(side, bytes(round(255 * fade * fade * (3 - 2 * fade)) for fade in fades))
