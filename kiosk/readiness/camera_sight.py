"""What a camera's picture is worth: focus, light, contrast, glare, in numbers; nobody in it is looked at.

Judged against fixed limits, which are those of what must read the picture (the face check, the page finder),
and against what was kept when the camera was set up (`data/cameras.json`). A picture without edges, an empty
wall, says nothing of the focus.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from config.devices import Kind
from drivers import opencv
from drivers.document_page import edge_width
from kiosk import private_file

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

FILE = "cameras.json"  # in the data folder
GLARING = 250  # every channel so bright: nothing is seen there
EDGES = 60.0  # least contrast of a picture that has edges to judge
DIM = 60.0  # brightness below which a picture that has lost half its light is too dark
WORSE = 1.6  # so many times as wide as at set-up are edges out of focus
_SMALL = 640  # pixels across, to which a picture is brought before its variance is taken


@dataclass(frozen=True)
class Limits:
    """`blur`: edges as wide as this are too soft; `dark` and `glare` likewise. Units as in Sight."""

    blur: float
    dark: float
    glare: float


# Person: the face check still knows a face at edges of 3.5 pixels in 640, and compares none darker than 45.
# Document: 10-point type on A4 is lost a little above the page finder's own 2.2 pixels in 1600.
LIMITS = {
    Kind.PERSON_CAMERA: Limits(5.6, 25.0, 0.15),
    Kind.DOCUMENT_CAMERA: Limits(2.0, 25.0, 0.04),
}


@dataclass(frozen=True)
class Sight:
    """What was measured in one picture.

    `sharpness`: variance of the Laplacian, for comparing two pictures of the same scene. `blur`: sigma of the
    strongest edges, in thousandths of the picture's width; of any scene that has edges. `brightness`: mean
    grey, 0–255. `contrast`: between the darkest and the brightest hundredth, 0–255. `glare`: the part of the
    picture that is burnt out, 0–1.
    """

    width: int
    height: int
    sharpness: float
    blur: float
    brightness: float
    contrast: float
    glare: float

    def judged(self, reference: Sight | None = None, kind: Kind = Kind.PERSON_CAMERA) -> tuple[str, ...]:
        """`camera_dark`, `camera_glare`, `camera_blurred`, as far as they are so, the gravest first.

        `reference` is what the same camera saw when it was set up.
        """
        limits = LIMITS[kind]
        if self.brightness < limits.dark or (
            reference is not None and self.brightness < min(DIM, reference.brightness / 2)
        ):
            return ("camera_dark",)  # in the dark nothing else can be said
        codes = []
        if self.glare > limits.glare + (reference.glare if reference else 0.0):
            codes.append("camera_glare")
        if self.contrast >= EDGES and self._too_soft(limits, reference):
            codes.append("camera_blurred")
        return tuple(codes)

    def _too_soft(self, limits: Limits, reference: Sight | None) -> bool:
        softer = reference is not None and reference.contrast >= EDGES
        return self.blur > limits.blur or (
            softer and reference is not None and self.blur > WORSE * reference.blur
        )

    def __str__(self) -> str:
        """For a report: `640x480, light 120, contrast 190, glare 0.0 %, edges 3.1 ‰, sharpness 184`."""
        return (
            f"{self.width}x{self.height}, light {self.brightness:.0f}, contrast {self.contrast:.0f}, "
            f"glare {self.glare:.1%}, edges {self.blur:.1f} ‰, sharpness {self.sharpness:.0f}"
        )


def measure(image: Pixels) -> Sight:
    """Measures a picture, height × width × 3, BGR. On one core 5 ms, of two megapixels 30."""
    import numpy as np

    cv2 = opencv.load()
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    small = cv2.resize(grey, (_SMALL, max(1, round(_SMALL * height / width))), interpolation=cv2.INTER_AREA)
    calm = cv2.GaussianBlur(small, (0, 0), 1.0)  # else the sensor's noise would pass for sharpness
    darkest, brightest = np.percentile(cv2.GaussianBlur(small, (0, 0), 2.0), (1, 99))
    return Sight(
        width=int(width),
        height=int(height),
        sharpness=round(float(cv2.Laplacian(calm, cv2.CV_64F).var()), 1),
        blur=round(edge_width(grey) * 1000 / width, 2),
        brightness=round(float(small.mean()), 1),
        contrast=round(float(brightest - darkest), 1),
        glare=round(float((image[::2, ::2].min(axis=2) >= GLARING).mean()), 4),
    )


# ── what was kept at set-up ─────────────────────────────────────────────────
def reference(data: Path, camera: str) -> Sight | None:
    """What this camera of the settings saw when it was set up; None when that was never kept."""
    kept = _kept(data).get(camera)
    try:
        return Sight(**kept) if isinstance(kept, dict) else None
    except TypeError:  # of another version of this software
        return None


def keep(data: Path, camera: str, sight: Sight) -> None:
    """Keeps what this camera sees now as what it should see. OSError."""
    told = {**_kept(data), camera: asdict(sight)}
    private_file.write(data / FILE, json.dumps(told, indent=1).encode())


def _kept(data: Path) -> Mapping[str, object]:
    try:
        found = json.loads((data / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
