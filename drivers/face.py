"""Comparing a face before the camera with a reference photograph: YuNet finds it, SFace describes it.

Everything stays in memory: no picture and no description is written or logged, and `forget()` overwrites
what the session no longer needs. A face is never the only means (GB/T 41819-2022 and the measures on face
recognition of 2025-06-01): the caller offers another.

`head_turn` is basic photo deterrence only. No conformance to ISO/IEC 30107-3 is claimed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from config import assets
from drivers import opencv
from drivers.device import DeviceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from drivers.frame_grabber import Frame

    Pixels = NDArray[np.uint8]
    Vector = NDArray[np.float32]

DETECTOR = "face_detection_yunet_2023mar_int8bq.onnx"
RECOGNISER = "face_recognition_sface_2021dec_int8bq.onnx"

Hint = Literal["none", "many", "small", "turned", "dark", "ok"]
Verdict = Literal["match", "unsure", "differs"]
Box = tuple[int, int, int, int]

DETECT_WIDTH = 320  # of a live frame when its face is sought; the face is cut from the full frame
REFERENCE_SIDE = 640  # longest side of a reference when its face is sought
MOST_OBLONG = 8  # long side by short side of a reference
SMALL_REFERENCE = 300  # a reference whose longer side is less is enlarged first: chip photos are 102×126
ENLARGE = 3.0
SCORE = 0.75  # of the detector, 0–1
SMALL = 0.14  # least width of a usable face, as a part of the frame's
OTHER = 0.45  # a second face counts when it is at least so wide, as a part of the first: the queue is smaller
TURNED = 0.32  # head_turn() beyond which a face is not frontal enough to compare
DARK = 45.0  # mean grey of the face's box, 0–255, below which it is not compared


@dataclass(frozen=True, eq=False)
class Embedding:
    """A description of one face: 128 numbers of length one. Personal, like the picture it came from."""

    vector: Vector = field(repr=False)

    def forget(self) -> None:
        """Overwrites the numbers with zeros; comparing it afterwards is a ValueError."""
        self.vector.fill(0)


@dataclass(frozen=True, eq=False)
class Sighting:
    """What one frame shows. `embedding` is there when `hint` is `ok`; `box` is left, top, width, height.

    `turn` is `head_turn()` of the largest face, 0 when there is none.
    """

    hint: Hint
    embedding: Embedding | None = None
    box: Box | None = None
    turn: float = 0.0


@dataclass(frozen=True)
class Decision:
    """A comparison: the cosine, −1 to 1, and what it means at the thresholds given."""

    score: float
    verdict: Verdict


class FaceEngine:
    """Both models, loaded. Some 60 MB, 0.2 s. One caller at a time.

    DeviceError `face_models_missing` when a model is absent or is not the file it should be.
    """

    def __init__(self) -> None:
        self._cv2 = opencv.load()
        try:
            self._detector = self._cv2.FaceDetectorYN.create(
                str(assets.face_model(DETECTOR)), "", (DETECT_WIDTH, DETECT_WIDTH), SCORE, 0.3, 50
            )
            self._recogniser = self._cv2.FaceRecognizerSF.create(str(assets.face_model(RECOGNISER)), "")
        except FileNotFoundError as error:
            raise DeviceError("face_models_missing", str(error)) from None
        except self._cv2.error:
            raise DeviceError("face_models_missing", "OpenCV does not load the models") from None

    def reference(self, photograph: bytes) -> Embedding:
        """The description of the face in a photograph (JPEG, PNG, BMP), of chip size or larger.

        DeviceError `face_no_reference` when it is no picture, or shows no face or several.
        """
        image = self._picture(photograph)
        if max(image.shape[:2]) < SMALL_REFERENCE:
            image = self._cv2.resize(image, None, fx=ENLARGE, fy=ENLARGE, interpolation=self._cv2.INTER_CUBIC)
        faces = self._faces(image, REFERENCE_SIDE)
        image_faces = [face for face in faces if face[2] >= OTHER * faces[0][2]]
        if len(image_faces) != 1:
            raise DeviceError("face_no_reference", f"{len(image_faces)} faces in the photograph")
        return self._describe(image, image_faces[0])

    def live(self, frame: Frame) -> Sighting:
        """What a frame shows, and when one frontal, near, lit face is in it, its description."""
        image = frame.image
        faces = self._faces(image, DETECT_WIDTH)
        if not faces:
            return Sighting("none")
        face = faces[0]
        box, turn = _box(face, image), head_turn(_landmarks(face))
        if len(faces) > 1 and faces[1][2] >= OTHER * face[2]:
            return Sighting("many", None, box, turn)
        if face[2] < SMALL * image.shape[1]:
            return Sighting("small", None, box, turn)
        if _brightness(image, box) < DARK:
            return Sighting("dark", None, box, turn)
        if abs(turn) > TURNED:
            return Sighting("turned", None, box, turn)
        return Sighting("ok", self._describe(image, face), box, turn)

    def decide(
        self, reference: Embedding, seen: Sequence[Embedding], accept: float, again: float
    ) -> Decision:
        """The reference against the *mean* of what was seen: from `accept` a match, below `again` another.

        Never the best of several: that multiplies false matches by twenty. ValueError when nothing was seen
        or something was forgotten.
        """
        score = similarity(reference, seen)
        if score >= accept:
            return Decision(score, "match")
        return Decision(score, "unsure" if score >= again else "differs")

    def _picture(self, photograph: bytes) -> Pixels:
        """The pixels. DeviceError `face_no_reference` for what is no picture, or none of a person's shape."""
        import numpy as np

        image: Pixels | None = None
        if photograph:
            with suppress(self._cv2.error):  # a head that tells of billions of pixels
                image = self._cv2.imdecode(np.frombuffer(photograph, np.uint8), self._cv2.IMREAD_COLOR)
        if image is None or max(image.shape[:2]) > MOST_OBLONG * min(image.shape[:2]):
            raise DeviceError("face_no_reference", "not a picture of a person")
        return image

    def _faces(self, image: Pixels, side: int) -> list[Vector]:
        """Faces in pixels of `image`, widest first, sought in a copy whose longer side is `side`."""
        longest = max(image.shape[:2])
        scale = min(1.0, side / longest)
        small = image
        if scale < 1.0:
            small = self._cv2.resize(image, None, fx=scale, fy=scale, interpolation=self._cv2.INTER_AREA)
        self._detector.setInputSize((small.shape[1], small.shape[0]))
        _, found = self._detector.detect(small)
        rows = [] if found is None else list(found)
        for row in rows:
            row[:14] /= scale
        return sorted(rows, key=lambda row: -float(row[2]))

    def _describe(self, image: Pixels, face: Vector) -> Embedding:
        import numpy as np

        aligned = self._recogniser.alignCrop(image, face)
        vector = self._recogniser.feature(aligned).ravel().astype(np.float32)
        aligned.fill(0)
        return Embedding(vector / max(float(np.linalg.norm(vector)), 1e-9))


def similarity(reference: Embedding, seen: Sequence[Embedding]) -> float:
    """The cosine of the reference and the mean of what was seen, −1 to 1. ValueError as in `decide`."""
    import numpy as np

    if not seen:
        raise ValueError("nothing was seen")
    mean = np.mean([one.vector for one in seen], axis=0)
    if not all(one.vector.any() for one in (reference, *seen)):
        raise ValueError("a forgotten embedding cannot be compared")
    return float(np.dot(reference.vector, mean / max(float(np.linalg.norm(mean)), 1e-9)))


def head_turn(landmarks: Any) -> float:
    """How far a head is turned to a side: the nose's offset from the eyes' middle ÷ the eyes' distance.

    `landmarks` are (x, y) of right eye, left eye and nose. 0 is frontal; signed along the line from right to
    left eye, so a tilted head changes nothing. A flat photograph moved at any angle reached 0.142 at most; a
    bent one can reach more.
    """
    (rx, ry), (lx, ly), (nx, ny) = landmarks[:3]
    ex, ey = float(lx - rx), float(ly - ry)
    length = ex * ex + ey * ey
    if length <= 0:
        return 0.0
    return (float(nx - (rx + lx) / 2) * ex + float(ny - (ry + ly) / 2) * ey) / length


def _landmarks(face: Vector) -> list[tuple[float, float]]:
    return [(float(face[i]), float(face[i + 1])) for i in (4, 6, 8)]


def _box(face: Vector, image: Pixels) -> Box:
    """The face's box in whole pixels, within the image."""
    rows, columns = image.shape[:2]
    left, top = max(0, int(face[0])), max(0, int(face[1]))
    right, bottom = min(columns, int(face[0] + face[2])), min(rows, int(face[1] + face[3]))
    return left, top, max(1, right - left), max(1, bottom - top)


def _brightness(image: Pixels, box: Box) -> float:
    left, top, width, height = box
    return float(image[top : top + height : 4, left : left + width : 4].mean())
