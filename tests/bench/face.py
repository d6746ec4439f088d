"""What a face decision computes, stage by stage, in processor time of the one thread that does it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from config import assets
from config.settings import FaceSettings
from drivers import opencv
from drivers.face import DETECT_WIDTH, Embedding, FaceEngine
from drivers.frame_grabber import Frame
from drivers.virtual.camera import VirtualCamera
from tests.bench.table import Row

ROUNDS = 15
REFERENCE, LIVE = "person-a-1", "person-a-2"


def run() -> list[Row]:
    """The whole decision on as many frames as the settings ask for, then its stages for one frame."""
    engine, settings = FaceEngine(), FaceSettings()
    photograph = assets.photograph(next(name for name in assets.PHOTOGRAPHS if name.startswith(REFERENCE)))
    reference = engine.reference(photograph.read_bytes())
    pictures = _pictures(settings.frames)
    whole = _median(lambda: _decide(engine, settings, reference, pictures))
    decoded = _decoded(pictures[0])
    (face, *_) = engine._faces(decoded, DETECT_WIDTH)
    recogniser = engine._recogniser
    aligned = recogniser.alignCrop(decoded, face)
    seen = _seen(engine, pictures)
    stages: list[tuple[str, Callable[[], object]]] = [
        ("decode a frame", lambda: _decoded(pictures[0])),
        ("find the face", lambda: engine._faces(decoded, DETECT_WIDTH)),
        ("align it", lambda: recogniser.alignCrop(decoded, face)),
        ("describe it", lambda: recogniser.feature(aligned)),
        ("decide", lambda: engine.decide(reference, seen, settings.accept, settings.again)),
    ]
    return [
        Row(f"face decision, {settings.frames} frames, one core", whole, "ms", at_most=200, aim="150"),
        *(Row(f"face: {what}", _median(work), "ms") for what, work in stages),
    ]


def _pictures(count: int) -> list[bytes]:
    """Different JPEG frames of somebody before the camera."""
    camera = VirtualCamera(0)
    camera.act("show", who=LIVE)
    return [camera.picture() for _ in range(count)]


def _decide(engine: FaceEngine, settings: FaceSettings, reference: Embedding, pictures: list[bytes]) -> None:
    decision = engine.decide(reference, _seen(engine, pictures), settings.accept, settings.again)
    assert decision.verdict == "match"


def _seen(engine: FaceEngine, pictures: list[bytes]) -> list[Embedding]:
    sightings = [engine.live(Frame(_decoded(one), time.monotonic(), 1)) for one in pictures]
    seen = [one.embedding for one in sightings if one.embedding is not None]
    assert len(seen) == len(pictures), "every frame shows a usable face"
    return seen


def _decoded(picture: bytes) -> Any:
    cv2 = opencv.load()
    return cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)


def _median(work: Callable[[], object]) -> float:
    """Milliseconds of this thread's processor time; OpenCV is held to one thread."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.thread_time()
        work()
        taken.append((time.thread_time() - begun) * 1000)
    return statistics.median(taken)
