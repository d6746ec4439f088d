"""The face check on public-domain photographs: one person in three pictures, and two others.

Enough to show a match across pictures and a mismatch; no accuracy is claimed from five photographs.
"""

from __future__ import annotations

import struct
import time
import zlib
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from config import assets
from config.settings import FaceSettings
from drivers import face, opencv
from drivers.device import DeviceError
from drivers.face import Embedding, FaceEngine, Sighting
from drivers.frame_grabber import Frame
from drivers.virtual.camera import VirtualCamera

Pixels = NDArray[np.uint8]
cv2 = opencv.load()
ACCEPT, AGAIN = FaceSettings().accept, FaceSettings().again
PEOPLE = ("person-a-1", "person-a-2", "person-a-3", "person-b-1", "person-c-1")


@pytest.fixture(scope="module")
def engine() -> FaceEngine:
    return FaceEngine()


def photograph(name: str) -> bytes:
    return assets.photograph(next(one for one in assets.PHOTOGRAPHS if one.startswith(name))).read_bytes()


@cache
def pictures(who: str) -> list[Pixels]:
    """Five pictures that the virtual camera shows of somebody."""
    camera = VirtualCamera(0)
    camera.act("show", who=who)
    return [cv2.imdecode(np.frombuffer(camera.picture(), np.uint8), cv2.IMREAD_COLOR) for _ in range(5)]


def frame(image: Pixels) -> Frame:
    return Frame(image, time.monotonic(), 1)


def seen(engine: FaceEngine, who: str) -> list[Embedding]:
    sightings = [engine.live(frame(image)) for image in pictures(who)]
    assert {sighting.hint for sighting in sightings} == {"ok"}
    return [sighting.embedding for sighting in sightings if sighting.embedding is not None]


def chip_sized(image: Pixels) -> bytes:
    """A live picture made into what a chip or a register holds: 102 × 126, about 2 kB."""
    small = cv2.resize(image[60:420, 175:466], (102, 126), interpolation=cv2.INTER_AREA)
    return bytes(cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 40])[1])


# ── comparing ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize("live", ["person-a-2", "person-a-3"])
def test_the_same_person_in_another_picture_matches(engine: FaceEngine, live: str) -> None:
    decision = engine.decide(engine.reference(photograph("person-a-1")), seen(engine, live), ACCEPT, AGAIN)
    assert decision.verdict == "match"
    assert decision.score >= ACCEPT + 0.1


@pytest.mark.parametrize(
    ("reference", "live"),
    [
        ("person-a-1", "person-b-1"),
        ("person-a-1", "person-c-1"),
        ("person-b-1", "person-a-2"),
        ("person-c-1", "person-a-2"),
    ],
)
def test_another_person_differs(engine: FaceEngine, reference: str, live: str) -> None:
    decision = engine.decide(engine.reference(photograph(reference)), seen(engine, live), ACCEPT, AGAIN)
    assert decision.verdict == "differs"
    assert decision.score < AGAIN


def test_a_reference_of_chip_size_still_tells_people_apart(engine: FaceEngine) -> None:
    reference = chip_sized(pictures("person-a-1")[0])
    assert len(reference) < 2500
    described = engine.reference(reference)
    assert engine.decide(described, seen(engine, "person-a-2"), ACCEPT, AGAIN).verdict == "match"
    assert engine.decide(described, seen(engine, "person-b-1"), ACCEPT, AGAIN).verdict == "differs"


def vector(*numbers: float) -> Embedding:
    whole = np.zeros(128, np.float32)
    whole[: len(numbers)] = numbers
    return Embedding(whole / np.linalg.norm(whole))


def test_the_mean_of_what_was_seen_decides_and_never_the_best(engine: FaceEngine) -> None:
    """Four views of another and one lucky one: the best alone would let him in."""
    reference = vector(1)
    views = [vector(0.5, 0.87), *(vector(0, -1, 1) for _ in range(4))]
    assert max(face.similarity(reference, [view]) for view in views) >= ACCEPT
    decision = engine.decide(reference, views, ACCEPT, AGAIN)
    assert decision.verdict == "differs"
    mean = np.mean([view.vector for view in views], axis=0)
    assert decision.score == pytest.approx(mean[0] / np.linalg.norm(mean))


@pytest.mark.parametrize(
    ("cosine", "verdict"),
    [
        (0.41, "match"),
        (0.40, "match"),
        (0.39, "unsure"),
        (0.31, "unsure"),
        (0.29, "differs"),
        (-0.5, "differs"),
    ],
)
def test_the_thresholds_are_those_that_are_given(engine: FaceEngine, cosine: float, verdict: str) -> None:
    view = vector(cosine, (1 - cosine**2) ** 0.5)
    decision = engine.decide(vector(1), [view], 0.40 - 1e-6, 0.30 - 1e-6)
    assert decision.verdict == verdict
    assert engine.decide(vector(1), [view], 1.1, 1.05).verdict == "differs"


# ── hints ───────────────────────────────────────────────────────────────────
def hint(engine: FaceEngine, image: Pixels) -> Sighting:
    sighting = engine.live(frame(image))
    assert (sighting.embedding is not None) == (sighting.hint == "ok")
    return sighting


def test_who_stands_where_asked_is_seen_where_he_is(engine: FaceEngine) -> None:
    for who in PEOPLE:
        sighting = hint(engine, pictures(who)[0])
        assert sighting.hint == "ok"
        assert sighting.box is not None
        left, top, width, height = sighting.box
        assert abs(left + width / 2 - 320) < 30
        assert abs(top + height / 2 - 221) < 30


def test_nobody_and_a_covered_lens_are_nobody(engine: FaceEngine) -> None:
    assert hint(engine, pictures("nobody")[0]).hint == "none"
    assert hint(engine, np.full((480, 640, 3), 3, np.uint8)).hint == "none"


def test_who_stands_too_far_away_is_asked_to_come_nearer(engine: FaceEngine) -> None:
    far = np.full((480, 640, 3), 150, np.uint8)
    far[160:340, 200:440] = cv2.resize(pictures("person-a-1")[0], (240, 180), interpolation=cv2.INTER_AREA)
    assert hint(engine, far).hint == "small"


def test_two_people_side_by_side_are_asked_to_come_singly(engine: FaceEngine) -> None:
    two = np.hstack([pictures(who)[0][:, 160:480] for who in ("person-a-1", "person-b-1")])
    assert hint(engine, two).hint == "many"


def test_somebody_small_in_the_queue_behind_does_not_matter(engine: FaceEngine) -> None:
    queue = pictures("person-a-1")[0].copy()
    queue[20:140, 480:640] = cv2.resize(pictures("person-b-1")[0], (160, 120), interpolation=cv2.INTER_AREA)
    assert hint(engine, queue).hint == "ok"


def test_a_face_in_the_dark_is_asked_for_light(engine: FaceEngine) -> None:
    assert hint(engine, (pictures("person-c-1")[0] * 0.22).astype(np.uint8)).hint == "dark"


def test_a_turned_head_is_told_from_a_tilted_one() -> None:
    frontal = [(100.0, 100.0), (160.0, 100.0), (130.0, 135.0)]
    assert face.head_turn(frontal) == pytest.approx(0)
    assert face.head_turn([*frontal[:2], (154.0, 135.0)]) == pytest.approx(0.4)
    assert face.head_turn([*frontal[:2], (106.0, 135.0)]) == pytest.approx(-0.4)
    angle = np.deg2rad(30)
    spin = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    assert face.head_turn(np.array(frontal) @ spin.T) == pytest.approx(0, abs=1e-9)
    assert face.head_turn([(1.0, 1.0)] * 3) == 0  # no eyes apart: nothing to say


def test_a_flat_photograph_held_at_an_angle_does_not_turn_its_head(engine: FaceEngine) -> None:
    """Basic photo deterrence: print it, swing it, and its nose stays between its eyes."""
    flat = pictures("person-a-1")[0]
    corners = np.array([[0, 0], [640, 0], [640, 480], [0, 480]], np.float32)
    for squeeze in (60, 120, 160):
        swung = np.array(
            [[0, 0], [640 - squeeze, squeeze / 2], [640 - squeeze, 480 - squeeze / 2], [0, 480]], np.float32
        )
        moved = cv2.warpPerspective(flat, cv2.getPerspectiveTransform(corners, swung), (640, 480))
        assert abs(engine.live(frame(moved)).turn) < 0.2


# ── references ──────────────────────────────────────────────────────────────
def png(width: int, height: int, pixels: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(pixels)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        photograph("person-a-1")[:200],
        pytest.param(png(100_000, 100_000, b""), id="a head that tells of billions of pixels"),
        pytest.param(png(2000, 1, bytes(2001)), id="a line"),
    ],
)
def test_what_is_no_picture_is_no_reference(engine: FaceEngine, content: bytes) -> None:
    with pytest.raises(DeviceError, match="face_no_reference"):
        engine.reference(content)


def test_a_picture_of_nobody_or_of_two_is_no_reference(engine: FaceEngine) -> None:
    nobody = pictures("nobody")[0]
    two = np.hstack([pictures(who)[0][:, 160:480] for who in ("person-a-1", "person-b-1")])
    for image in (nobody, two):
        with pytest.raises(DeviceError, match="face_no_reference"):
            engine.reference(bytes(cv2.imencode(".png", image)[1]))


# ── what must not stay ──────────────────────────────────────────────────────
def test_a_forgotten_face_is_zeros_and_cannot_be_compared(engine: FaceEngine) -> None:
    reference, view = vector(1), vector(1, 1)
    view.forget()
    assert not view.vector.any()
    with pytest.raises(ValueError, match="forgotten"):
        engine.decide(reference, [view], ACCEPT, AGAIN)
    with pytest.raises(ValueError, match="nothing was seen"):
        engine.decide(reference, [], ACCEPT, AGAIN)


def test_a_face_shown_in_a_log_holds_no_numbers_and_no_pixels(engine: FaceEngine) -> None:
    sighting = engine.live(frame(pictures("person-a-1")[0]))
    assert "0." not in repr(sighting.embedding)
    assert repr(frame(pictures("nobody")[0])) == "Frame(1)"


def test_a_model_that_is_not_what_it_should_be_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(assets.FACE_MODELS, face.RECOGNISER, "0" * 64)
    with pytest.raises(DeviceError, match="face_models_missing"):
        FaceEngine()
