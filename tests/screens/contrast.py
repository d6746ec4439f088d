"""What the pixels say: is each text in the picture, whole, and dark enough on what is beneath it?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from screens.sheet import Item
from screens.tokens import Area

LEAST = 4.5  # to 1, for all text (WCAG 2.2, 1.4.3; GB/T 37668 asks the same)
_SEEN = 2.0  # to 1: there is ink at all
_TOP = 0.004  # the share of a text's rectangle that is certainly ink


def problems(items: list[Item], picture: NDArray[Any]) -> list[str]:
    """What is wrong with the texts of a picture: rows of pixels from the top, red, green, blue."""
    found = []
    for item in items:
        area = item.area if item.role == "text" else item.words
        if area is None or not item.text.strip():
            continue
        levels = contrasts(picture, area)
        if levels.size == 0:
            continue
        ratio = darkest(levels)
        if ratio < LEAST:
            found.append(f"contrast {ratio:.1f} to 1: {item.role} {item.name} {item.text!r}")
        elif item.role == "text" and not whole(levels, item.size):
            found.append(f"covered or cut off: {item.role} {item.name} {item.text!r}")
    return found


def contrasts(picture: NDArray[Any], area: Area) -> NDArray[Any]:
    """How much each pixel of the area stands out from its ground, the commonest colour, to 1."""
    cut = picture[max(area.y, 0) : area.bottom, max(area.x, 0) : area.right]
    if cut.size == 0:
        return np.zeros((0, 0))
    coarse = (cut >> 2).astype(np.int64)
    keys = (coarse[..., 0] << 12) | (coarse[..., 1] << 6) | coarse[..., 2]
    values, counts = np.unique(keys, return_counts=True)
    ground = cut[keys == values[counts.argmax()]].mean(axis=0)
    one, other = luminance(cut), float(luminance(ground[None, None])[0, 0])
    return np.asarray((np.maximum(one, other) + 0.05) / (np.minimum(one, other) + 0.05))


def luminance(colours: NDArray[Any]) -> NDArray[Any]:
    """Relative luminance of sRGB (WCAG 2.2)."""
    share = colours / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ np.array([0.2126, 0.7152, 0.0722]))


def darkest(levels: NDArray[Any]) -> float:
    """The contrast of what is certainly ink: the middle of a stroke, not its smoothed edge."""
    flat = np.sort(levels, axis=None)
    return float(flat[-max(6, round(flat.size * _TOP)) :].mean())


def whole(levels: NDArray[Any], size: int) -> bool:
    """Whether there is ink at both ends of the text, within a character of them."""
    strip = max(2, round(size * 1.1))
    return bool((levels[:, :strip] > _SEEN).any() and (levels[:, -strip:] > _SEEN).any())
