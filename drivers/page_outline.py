"""Where a sheet lies in a picture of a table.

It is looked for in a small copy, by brightness, by colour and by edges; its sides are then measured in the
full picture, across each side at many places. Only what has straight sides with a step in brightness along
them is a sheet: a table's grain has none.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from drivers import opencv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Points = NDArray[np.float64]

Corners = tuple[tuple[float, float], ...]  # four, clockwise from the top left, in pixels of the picture

SMALL = 400  # pixels across of the copy in which the sheet is looked for
LEAST_AREA = 0.025  # of the picture: an identity card under a camera for A4 fills a twentieth
_PROFILES, _INLIER = 40, 2.0  # places measured on each side; how near (pixels) to the line a place must be


@dataclass(frozen=True)
class Outline:
    """A sheet. `corners` are known when it is `whole` in view."""

    whole: bool
    corners: Corners = ()


def find(grey: Pixels, small: Pixels) -> Outline | None:
    """The largest sheet that is whole in view, else one that is cut off, else None.

    `grey` is the picture, `small` the same in colour, SMALL pixels across.
    """
    import numpy as np

    scale = grey.shape[1] / small.shape[1]
    hulls = _hulls(small)
    best: Points | None = None
    for hull in hulls:
        guess = _quadrangle(hull)
        if guess is None or (best is not None and np.abs(guess - best / scale).max() < 3):
            continue  # the same sheet, seen in another way
        measured = _measured(grey, (guess + 0.5) * scale - 0.5, 3.0 * scale)
        if measured is not None:
            measured = _measured(grey, measured, 1.5 * scale)
        if measured is None or _area(measured) < LEAST_AREA * grey.size:
            continue
        if _outside(measured, grey.shape, 0.004 * grey.shape[1]) == 0 and (
            best is None or _area(measured) > 1.02 * _area(best)
        ):
            best = measured
    if best is not None:
        return Outline(True, tuple((float(x), float(y)) for x, y in best))
    return Outline(False) if _cut_off(grey, hulls, scale) else None


def _hulls(small: Pixels) -> list[Any]:
    """The convex hulls of what stands out of the table."""
    cv2 = opencv.load()
    calm = cv2.medianBlur(small, 5)
    grey = cv2.cvtColor(calm, cv2.COLOR_BGR2GRAY)
    colour = cv2.cvtColor(calm, cv2.COLOR_BGR2HSV)[:, :, 1]
    square = cv2.getStructuringElement(cv2.MORPH_RECT, (5, 5))
    level, bright = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    edges = [cv2.Canny(plane, 0.25 * level, 0.6 * level) for plane in (grey, colour)]
    hulls = []
    for mask in (
        cv2.morphologyEx(bright, cv2.MORPH_OPEN, square),
        cv2.morphologyEx(255 - bright, cv2.MORPH_OPEN, square),
        cv2.threshold(colour, 0, 255, cv2.THRESH_BINARY_INV + cv2.THRESH_OTSU)[1],
        cv2.dilate(edges[0], square),
        cv2.dilate(edges[1], square),
    ):
        found, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        large = [c for c in found if cv2.contourArea(c) > 0.8 * LEAST_AREA * grey.size]
        hulls += [cv2.convexHull(c) for c in sorted(large, key=cv2.contourArea, reverse=True)[:3]]
    return hulls


def _cut_off(grey: Pixels, hulls: Iterable[Any], scale: float) -> bool:
    """True when something with two straight sides at least reaches beyond the picture's edge."""
    cv2 = opencv.load()
    size = (grey.shape[0] / scale, grey.shape[1] / scale)
    for hull in hulls:
        corners = cv2.approxPolyDP(hull, 0.02 * cv2.arcLength(hull, True), True)[:, 0, :].astype(float)
        if len(corners) > 7 or _outside(corners, size, 3) == 0:
            continue
        straight = 0
        for n in range(len(corners)):
            ends = (corners[n - 1] + 0.5) * scale - 0.5, (corners[n] + 0.5) * scale - 0.5
            if not _along_the_edge(*ends, grey.shape, 4 * scale):
                straight += _side(grey, *ends, 3.0 * scale) is not None
        if straight >= 2:
            return True
    return False


def _quadrangle(hull: Any) -> Points | None:
    """The hull as four corners, clockwise from the top left; None when it is no quadrangle."""
    import numpy as np

    cv2 = opencv.load()
    around = cv2.arcLength(hull, True)
    for share in (0.02, 0.03, 0.04, 0.06, 0.08):
        corners = cv2.approxPolyDP(hull, share * around, True)
        if len(corners) <= 4:
            break
    if len(corners) != 4:
        return None
    quad: Points = corners[:, 0, :].astype(np.float64)
    if _area(quad) < 0.85 * cv2.contourArea(hull):
        return None
    centre = quad.mean(axis=0)
    turned = np.arctan2(quad[:, 1] - centre[1], quad[:, 0] - centre[0])  # y grows downwards: clockwise
    quad = quad[np.argsort(turned)]
    return np.roll(quad, -int(np.argmin(quad.sum(axis=1))), axis=0)


def _measured(grey: Pixels, quad: Points, reach: float) -> Points | None:
    """The corners where the four measured sides meet; None when a side is none. `reach` in pixels."""
    import numpy as np

    sides = [_side(grey, quad[n], quad[(n + 1) % 4], reach) for n in range(4)]
    corners = []
    for n in range(4):
        one, two = sides[n - 1], sides[n]
        if one is None or two is None:
            return None
        (ax, ay), (bx, by) = one
        (cx, cy), (dx, dy) = two
        slant = (ax - bx) * (cy - dy) - (ay - by) * (cx - dx)
        if abs(slant) < 1e-6:
            return None
        first, second = ax * by - ay * bx, cx * dy - cy * dx
        corners.append(
            (
                (first * (cx - dx) - (ax - bx) * second) / slant,
                (first * (cy - dy) - (ay - by) * second) / slant,
            )
        )
    return np.array(corners) if _sensible(np.array(corners)) else None


def _side(grey: Pixels, begin: Points, end: Points, reach: float) -> tuple[Points, Points] | None:
    """Two points on the side's true line: the steepest step across it at many places, a line through most."""
    import numpy as np

    along = end - begin
    length = float(np.hypot(*along))
    if length < 20:
        return None
    across = np.array([along[1], -along[0]]) / length
    at = np.linspace(0.05, 0.95, _PROFILES)
    reach = max(4, math.ceil(reach))
    steps = np.arange(-reach, reach + 1)
    places = (begin + at[:, None] * along)[:, None, :] + steps[None, :, None] * across
    cv2 = opencv.load()
    x, y = (np.ascontiguousarray(places[:, :, n], np.float32) for n in (0, 1))
    values = cv2.remap(grey, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    slopes = cv2.filter2D(values, cv2.CV_32F, np.array([[-1, -2, 0, 2, 1]]) / 6)[:, 2:-2]
    way = (
        1.0
        if float(slopes.clip(min=0).max(axis=1).sum()) > float((-slopes).clip(min=0).max(axis=1).sum())
        else -1.0
    )
    slopes = slopes * way
    offsets = slopes.argmax(axis=1) + steps[2]
    strong = slopes.max(axis=1) > max(6.0, 0.35 * float(np.median(slopes.max(axis=1))))
    line = _through_most(at, offsets.astype(np.float64), strong)
    if line is None:
        return None
    return begin + line[0] * across, end + line[1] * across


def _through_most(at: Points, offsets: Points, usable: Any) -> tuple[float, float] | None:
    """The line's offsets at both ends of a side (at 0 and 1); None when too few places agree."""
    import numpy as np

    half = len(at) // 2
    if usable.sum() < 0.6 * len(at):
        return None
    slopes = (offsets[half:] - offsets[:half]) / (at[half:] - at[:half])
    both = usable[half:] & usable[:half]
    if both.sum() < 4:
        return None
    slope = float(np.median(slopes[both]))
    start = float(np.median((offsets - slope * at)[usable]))
    near = usable
    for _ in range(3):
        near = usable & (np.abs(offsets - start - slope * at) <= _INLIER)
        if near.sum() < 0.55 * len(at):
            return None
        middle, height = at[near].mean(), offsets[near].mean()
        spread = at[near] - middle
        slope = float(spread @ offsets[near] / (spread @ spread))
        start = float(height - slope * middle)
    return start, start + slope


def _along_the_edge(begin: Points, end: Points, size: tuple[float, ...], margin: float) -> bool:
    """True when most of a side runs along the picture's edge: there is nothing beyond to measure it by."""
    import numpy as np

    middle = begin + np.linspace(0.05, 0.95, _PROFILES)[:, None] * (end - begin)
    return _outside(middle, size, margin) > 0.6


def _outside(points: Points, size: tuple[float, ...], margin: float) -> float:
    """The share of points within `margin` pixels of the picture's edge or beyond."""
    height, width = size[:2]
    x, y = points[:, 0], points[:, 1]
    out = (x < margin) | (y < margin) | (x > width - 1 - margin) | (y > height - 1 - margin)
    return float(out.mean())


def _sensible(quad: Points) -> bool:
    """Convex, no corner sharper than 35°, no side a tenth of another: as a sheet under a camera looks."""
    import numpy as np

    sides = np.roll(quad, -1, axis=0) - quad
    lengths = np.hypot(sides[:, 0], sides[:, 1])
    if lengths.min() < 0.1 * lengths.max():
        return False
    after = np.roll(sides, -1, axis=0)
    turn = (sides[:, 0] * after[:, 1] - sides[:, 1] * after[:, 0]) / (lengths * np.roll(lengths, -1))
    return bool(turn.min() > math.sin(math.radians(35)))


def _area(quad: Points) -> float:
    import numpy as np

    x, y = quad[:, 0], quad[:, 1]
    return float(abs((x * np.roll(y, -1) - np.roll(x, -1) * y).sum()) / 2)
