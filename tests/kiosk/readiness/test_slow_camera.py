"""A camera whose pictures come slowly, on a computer that is busy: it is slow, and not frozen."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.readiness import trial_looks
from kiosk.readiness.workplace import NOTHING, Tried
from tests.kiosk.technician.room import settings

LOOK = 2.0  # seconds that each look takes here


@dataclass
class Camera:
    """A new picture at every `nth` look, of which `differ` differ from the one before."""

    nth: int
    differ: int
    looks: int = 0

    def now(self) -> float:
        return LOOK * self.looks

    async def call(self, kind: Kind, verb: str, **more: object) -> Any:
        self.looks += 1
        sequence = self.looks // self.nth
        image = np.full((48, 64, 3), 80 + min(sequence, self.differ) * 8, np.uint8)
        return SimpleNamespace(sequence=sequence, image=image)


def looked(camera: Camera, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Tried:
    """What the trial says of it; time goes by its looks alone."""
    monkeypatch.setattr(trial_looks, "time", SimpleNamespace(monotonic=camera.now))
    monkeypatch.setattr(trial_looks, "_LOOK_SECONDS", 0.0)
    place: Any = SimpleNamespace(devices=camera, settings=settings(folder))
    tried: Tried = asyncio.run(trial_looks.camera(Kind.PERSON_CAMERA)(place, "camera", NOTHING))
    return tried


def test_given_a_picture_every_four_seconds_then_it_is_slow_and_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    camera = Camera(nth=2, differ=9)
    assert 2 * camera.nth * LOOK > trial_looks.FROZEN_SECONDS > camera.nth * LOOK
    tried = looked(camera, tmp_path, monkeypatch)
    assert tried.found is not None and "picture 64x48" in tried.found.en and not tried.codes


@pytest.mark.parametrize("differ", [0, 1], ids=["from the beginning", "after one more"])
def test_given_pictures_that_stand_still_then_it_is_told_as_frozen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, differ: int
) -> None:
    with pytest.raises(DeviceError, match="camera_frozen"):
        looked(Camera(nth=1, differ=differ), tmp_path, monkeypatch)
