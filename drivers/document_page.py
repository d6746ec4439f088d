"""A picture of a table → the page that lies on it: can it be read, and what would help; and straightened.

Pure functions on pictures (height × width × 3, BGR); nothing is kept. Where the page is, `page_outline.py`
finds. Measured on one core with 1600 × 1200 pixels: 18 ms to look, 10 ms to straighten.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from drivers import opencv
from drivers.page_outline import SMALL, Corners, find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    Points = NDArray[np.float64]

Shape = Literal["a4", "card", "free"]

RATIOS: dict[Shape, float] = {"a4": 297 / 210, "card": 85.6 / 53.98}  # long : short (ISO 216; ISO/IEC 7810)
SNAP = 0.05  # a free sheet whose ratio is so near to one of these has it
GLARE_LEVEL, GLARE_AREA = 250, 0.006  # every channel so bright, over so much of the sheet: the print is lost
DARK_LEVEL = 75  # paper (the brightest tenth of the sheet) below this: too little light
BLUR_SIGMA = 2.2  # pixels; 10.5-point type on A4 in 1600 pixels is lost above (a sharp picture has 1.2)


@dataclass(frozen=True)
class Sighting:
    """What a picture shows. `advice` is empty when the page can be taken, else a code of faults.toml:

    `page_not_found`, `page_cut`, `page_dark`, `page_glare`, `page_blurred`. `corners` are those of a page
    that is whole in view; `blur` is the width (sigma) of its edges in pixels; `ratio` its true long side by
    its short one.
    """

    advice: str
    corners: Corners = ()
    blur: float = 0.0
    ratio: float = 0.0


def look(image: Pixels) -> Sighting:
    """Finds the sheet and judges it, the gravest complaint first."""
    import numpy as np

    cv2 = opencv.load()
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    scale = SMALL / image.shape[1]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    outline = find(grey, small)
    if outline is None:
        return Sighting("page_not_found")
    if not outline.whole:
        return Sighting("page_cut")
    corners = np.array(outline.corners)
    ratio = true_ratio(corners, image.shape[1], image.shape[0])
    advice, blur = _light(small, corners * scale), 0.0
    if not advice:
        blur = _blur(grey, corners)
        advice = "page_blurred" if blur > BLUR_SIGMA else ""
    return Sighting(advice, outline.corners, blur, ratio)


def straighten(image: Pixels, sighting: Sighting, shape: Shape = "free") -> Pixels:
    """The page alone, from above, in its true proportions, as large as the picture shows it."""
    import numpy as np

    cv2 = opencv.load()
    corners = np.array(sighting.corners)
    across, down = _lengths(corners)
    ratio = RATIOS.get(shape) or _snapped(sighting.ratio)
    long = round(max(across, down))
    short = round(long / ratio)
    width, height = (long, short) if across > down else (short, long)
    edges = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    move = cv2.getPerspectiveTransform(corners.astype(np.float32), edges - 0.5)
    made: Pixels = cv2.warpPerspective(image, move, (width, height), flags=cv2.INTER_LINEAR)
    return made


# ── can it be read ──────────────────────────────────────────────────────────
def _light(small: Pixels, corners: Points) -> str:
    """`page_dark`, `page_glare` or nothing."""
    import numpy as np

    cv2 = opencv.load()
    inside = np.zeros(small.shape[:2], np.uint8)
    cv2.fillConvexPoly(inside, corners.round().astype(np.int32), 255)
    paper = cv2.cvtColor(small, cv2.COLOR_BGR2GRAY)[inside > 0]
    if np.percentile(paper, 90) < DARK_LEVEL:
        return "page_dark"
    glaring = (small.min(axis=2) >= GLARE_LEVEL).astype(np.uint8) & (inside > 0)
    glaring = cv2.morphologyEx(glaring, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    return "page_glare" if glaring.sum() > GLARE_AREA * len(paper) else ""


def _blur(grey: Pixels, corners: Points) -> float:
    """The edge width on the sheet and about it; the rim of a blank sheet serves too."""
    import numpy as np

    left, top = np.floor(corners.min(axis=0) - 12).clip(0).astype(int)
    right, bottom = np.ceil(corners.max(axis=0) + 12).astype(int)
    return edge_width(grey[top:bottom, left:right])


def edge_width(grey: Pixels) -> float:
    """The sigma in pixels of the strongest edges; 0 for a picture that has none.

    An edge blurred by a Gaussian is as wide as its step divided by its steepest slope; so a step is looked
    for within a few pixels of each steep place. Edges of any contrast serve.
    """
    import numpy as np

    cv2 = opencv.load()
    part = cv2.blur(grey, (3, 3))
    x, y = cv2.spatialGradient(part)
    steep = cv2.magnitude(x[::2].astype(np.float32), y[::2].astype(np.float32)) / 8
    near = np.ones((15, 15), np.uint8)
    step = (cv2.dilate(part, near).astype(np.int16) - cv2.erode(part, near))[::2]
    least = np.percentile(steep[::2, ::4], 99)
    strongest = steep > least
    widths = step[strongest] / steep[strongest] / math.sqrt(2 * math.pi)
    return float(np.median(widths)) if len(widths) else 0.0


# ── proportions ─────────────────────────────────────────────────────────────
def true_ratio(corners: Points, width: int, height: int) -> float:
    """Long side by short side of the rectangle that this quadrangle is a picture of.

    After Zhang and He, "Whiteboard scanning and image enhancement" (2007), section 3; the camera looks
    through the picture's middle. Where the view is too straight to tell the focal length, one of common
    lenses is taken.
    """
    import numpy as np

    moved = np.column_stack([corners - np.array([width / 2, height / 2]), np.ones(4)])
    top_left, top_right, bottom_right, bottom_left = moved
    diagonal = np.cross(top_left, bottom_right)
    two = diagonal @ bottom_left / (np.cross(top_right, bottom_right) @ bottom_left) * top_right - top_left
    three = diagonal @ top_right / (np.cross(bottom_left, bottom_right) @ top_right) * bottom_left - top_left
    depth = two[2] * three[2]
    square = -(two[0] * three[0] + two[1] * three[1]) / depth if abs(depth) > 1e-9 else 0.0
    if not (0.6 * width) ** 2 < square < (2.5 * width) ** 2:
        square = (1.1 * width) ** 2
    across = (two[0] ** 2 + two[1] ** 2) / square + two[2] ** 2
    down = (three[0] ** 2 + three[1] ** 2) / square + three[2] ** 2
    ratio = math.sqrt(across / down)
    return max(ratio, 1 / ratio)


def _snapped(ratio: float) -> float:
    for known in RATIOS.values():
        if abs(ratio / known - 1) < SNAP:
            return known
    return ratio


def _lengths(corners: Points) -> tuple[float, float]:
    """Across and down: the longer of each pair of sides."""
    import numpy as np

    sides = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    return max(sides[0], sides[2]), max(sides[1], sides[3])
