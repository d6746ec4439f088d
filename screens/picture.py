"""What sheets show, as pixels and as a PNG."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.sheet import Sheet


@dataclass(frozen=True)
class Pixels:
    """Red, green, blue and opacity, row by row from the top."""

    width: int
    height: int
    rgba: bytes


def pixels(sheets: Sequence[Sheet]) -> Pixels:
    """The sheets over each other on the window's ground, drawn apart from the window. Main thread only."""
    from kivy.graphics import ClearBuffers, ClearColor, Fbo

    from screens.tokens import GROUND

    tokens = sheets[0].t
    apart = Fbo(size=(tokens.width, tokens.height), with_stencilbuffer=True)
    with apart:
        ClearColor(*GROUND)
        ClearBuffers()
    above = [(sheet.canvas, sheet.parent) for sheet in sheets]
    for canvas, parent in above:
        if parent is not None:
            parent.canvas.remove(canvas)
        apart.add(canvas)
    try:
        apart.draw()
        bottom_up = bytes(apart.texture.pixels)
    finally:
        for canvas, parent in above:
            apart.remove(canvas)
            if parent is not None:
                parent.canvas.add(canvas)
    line = 4 * tokens.width
    rows = [bottom_up[at : at + line] for at in range(0, len(bottom_up), line)]
    return Pixels(tokens.width, tokens.height, b"".join(reversed(rows)))


def png(drawn: Pixels) -> bytes:
    """The same as a PNG without opacity. May take a tenth of a second: not for the drawing thread."""
    from PIL import Image

    told = io.BytesIO()
    picture = Image.frombytes("RGBA", (drawn.width, drawn.height), drawn.rgba).convert("RGB")
    picture.save(told, "PNG", optimize=False, compress_level=6)
    return told.getvalue()
