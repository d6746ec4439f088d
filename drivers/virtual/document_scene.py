"""A sheet on a table as a camera above sees it: in perspective, with grain, shadow, glare and blur.

The camera looks down on the table from `HEIGHT` mm with a lens of 1.1 picture widths; the sheet's place is
in millimetres from the picture's middle. Nobody's papers: the names are invented, the number is a sample.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from config import assets
from config.words import words
from drivers import opencv

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WIDTH, HEIGHT = 1600, 1200  # pixels of the picture
LENS, ABOVE = 1.1 * WIDTH, 400.0  # focal length in pixels; millimetres from the table
SHEETS: dict[str, tuple[float, float]] = {  # millimetres
    "form": (210.0, 297.0),
    "letter": (210.0, 297.0),
    "card": (85.6, 53.98),
    "card_back": (85.6, 53.98),
    "slip": (80.0, 150.0),
    "blank": (210.0, 297.0),
}
_DOTS = 6  # of a drawn sheet, per millimetre


@dataclass(frozen=True)
class Scene:
    """What lies there and how. Angles in degrees, `blur` sigma in pixels, the rest shares from 0 to 1."""

    sheet: str = ""  # one of SHEETS; empty: the bare table
    x: float = 0.0  # of its middle, in millimetres from the picture's
    y: float = 0.0
    turn: float = 0.0
    pitch: float = 0.0  # the camera's, forwards
    roll: float = 0.0  # the camera's, to a side
    blur: float = 0.0
    glare: float = 0.0  # of the picture's width: the size of a lamp's reflection
    shadow: float = 0.0  # how much darker one half is
    light: float = 1.0
    table: int = 60  # the grey of the table


def corners(scene: Scene) -> NDArray[np.float64]:
    """Where the sheet's corners are in the picture: 4 × 2 pixels, clockwise from its own top left."""
    import numpy as np

    width, height = SHEETS[scene.sheet]
    places = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * (width / 2, height / 2)
    seen = np.column_stack([places, np.ones(4)]) @ _view(scene).T
    made: NDArray[np.float64] = seen[:, :2] / seen[:, 2:]
    return made


def draw(scene: Scene, seed: int = 0, drawn: Pixels | None = None) -> Pixels:
    """The picture, height × width × 3, BGR. Another seed is another moment: the noise differs.

    `drawn` lies there in place of the sheet's own print.
    """
    import numpy as np

    cv2 = opencv.load()
    random = np.random.default_rng(seed)
    picture = _table(scene.table).copy()
    if scene.sheet:
        drawn = sheet(scene.sheet) if drawn is None else drawn
        edges = np.array([(0, 0), (1, 0), (1, 1), (0, 1)]) * (drawn.shape[1], drawn.shape[0]) - 0.5
        move = cv2.getPerspectiveTransform(edges.astype(np.float32), corners(scene).astype(np.float32))
        size = (WIDTH, HEIGHT)
        laid = cv2.warpPerspective(drawn, move, size, flags=cv2.INTER_AREA)
        there = cv2.warpPerspective(np.full(drawn.shape[:2], 255, np.uint8), move, size)[:, :, None] / 255.0
        picture = (picture * (1 - there) + laid * there).astype(np.uint8)
    light: Any = np.full((HEIGHT, WIDTH), scene.light, np.float32)
    if scene.shadow:
        way = np.linspace(-1, 1, WIDTH, dtype=np.float32)[None, :] + np.linspace(-0.4, 0.4, HEIGHT)[:, None]
        light *= 1 - scene.shadow / (1 + np.exp(-way.astype(np.float32) * 14))
    lit = picture.astype(np.float32) * light[:, :, None]
    if scene.glare:
        down, right = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
        middle = corners(scene).mean(axis=0) if scene.sheet else np.array([WIDTH / 2, HEIGHT / 2])
        far = np.hypot(right - middle[0], down - middle[1]) / (scene.glare * WIDTH)
        lit += 260 * np.exp(-(far**4))[:, :, None]
    if scene.blur:
        lit = cv2.GaussianBlur(lit, (0, 0), scene.blur)
    noise = cv2.resize(random.normal(0, 3, (HEIGHT // 2, WIDTH // 2)).astype(np.float32), (WIDTH, HEIGHT))
    made: Pixels = np.clip(lit + noise[:, :, None], 0, 255).astype(np.uint8)
    return made


@cache
def sheet(name: str) -> Pixels:
    """A sheet of SHEETS as it was printed, from straight above, six dots a millimetre."""
    import numpy as np
    from PIL import Image, ImageDraw, ImageFont

    width, height = (round(side * _DOTS) for side in SHEETS[name])
    plastic = name.startswith("card")
    image = Image.new("RGB", (width, height), (214, 226, 232) if plastic else (232, 231, 226))
    pen = ImageDraw.Draw(image)
    if name != "blank":
        size = {"form": 26, "letter": 30, "card": 17, "card_back": 22, "slip": 19}[name]
        fonts = [
            ImageFont.truetype(str(assets.font(f"NotoSansSC-{w}.otf")), size) for w in ("Bold", "Regular")
        ]
        printed = _lines()
        lines = {"card": 8, "card_back": 4, "slip": 28, "form": 40, "letter": 22}[name]
        for line in range(lines):
            left, first, high = (0.34, 0.36, 0.6) if name == "card_back" else (0.1, 0.08, 0.86)
            at = (width * left, height * (first + high * line / lines))
            pen.text(at, printed[line % len(printed)], (40, 42, 48), fonts[line > 0])
    if name == "form":
        pen.rectangle((width * 0.1, height * 0.3, width * 0.9, height * 0.42), outline=(60, 60, 70), width=3)
    if name == "letter":
        pen.ellipse(
            (width * 0.62, height * 0.72, width * 0.86, height * 0.89), outline=(150, 60, 60), width=9
        )
    if name == "card_back":
        pen.rectangle((width * 0.06, height * 0.1, width * 0.94, height * 0.3), (90, 100, 124))
    if name == "card":
        pen.rectangle((width * 0.68, height * 0.16, width * 0.93, height * 0.7), (150, 160, 172))
    return np.asarray(image)[:, :, ::-1].copy()


def _lines() -> list[str]:
    title, *rest = (
        words("bench.paper_title"),
        words("bench.paper_name"),
        words("bench.paper_nobody"),
        words("bench.paper_hall"),
        words("bench.paper_item"),
    )
    return [f"{title.zh} {title.en}", *(one.zh for one in rest)]


@cache
def _table(grey: int) -> Pixels:
    """A table top with a grain that runs across it."""
    import numpy as np

    cv2 = opencv.load()
    random = np.random.default_rng(7)
    grain = cv2.resize(random.normal(0, 1, (HEIGHT // 4, WIDTH // 40)).astype(np.float32), (WIDTH, HEIGHT))
    speckle = cv2.resize(random.normal(0, 1, (HEIGHT // 3, WIDTH // 3)).astype(np.float32), (WIDTH, HEIGHT))
    wood = grey * (1 + 0.16 * grain + 0.08 * speckle)
    tint = np.array([0.85, 0.95, 1.05], np.float32)
    made: Pixels = np.clip(wood[:, :, None] * tint, 0, 255).astype(np.uint8)
    return made


def _view(scene: Scene) -> NDArray[np.float64]:
    """From millimetres of the sheet to pixels of the picture, for points on the table: 3 × 3."""
    import numpy as np

    turn, pitch, roll = (math.radians(angle) for angle in (scene.turn, scene.pitch, scene.roll))
    lay = np.array(
        [[math.cos(turn), -math.sin(turn), scene.x], [math.sin(turn), math.cos(turn), scene.y], [0, 0, 1]]
    )
    lean = np.array(
        [[1, 0, 0], [0, math.cos(pitch), -math.sin(pitch)], [0, math.sin(pitch), math.cos(pitch)]]
    )
    side = np.array([[math.cos(roll), 0, math.sin(roll)], [0, 1, 0], [-math.sin(roll), 0, math.cos(roll)]])
    camera = lean @ side
    flat = np.column_stack([camera[:, 0], camera[:, 1], np.array([0.0, 0.0, ABOVE])])
    lens = np.array([[LENS, 0, WIDTH / 2], [0, LENS, HEIGHT / 2], [0, 0, 1]])
    made: NDArray[np.float64] = lens @ flat @ lay
    return made
