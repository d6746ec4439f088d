"""What a face is compared with: the chip's photo where a decoder makes one of it, else the platform's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from config import assets
from config.devices import Kind
from config.identity_api import Subject
from config.settings import DeviceSettings
from drivers import opencv
from drivers.id_card import PHOTO_BYTES, PHOTO_HEADER
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.id_card_reader import VirtualIdCardReader
from kiosk.prompts import Answer, ChooseOne, Chosen, Consent, LookAtCamera, Place, Prompt, Trouble
from kiosk.stage import GoHome
from kiosk.steps.verify_person import verify_person
from tests.kiosk import small_visit
from tests.peers.photo_library import compiled

CHIP = PHOTO_HEADER.ljust(PHOTO_BYTES, b"\0")


@dataclass
class Willing(small_visit.Script):
    """Somebody who agrees, looks into the camera until it is done, and goes home when there is trouble."""

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        if isinstance(prompt, LookAtCamera):
            await asyncio.Event().wait()
        if isinstance(prompt, ChooseOne):
            return Chosen("face")
        return Chosen("agree" if isinstance(prompt, Consent) else "home")


@pytest.fixture
def devices(tmp_path: Path) -> Iterator[dict[str, DeviceSettings]]:
    """A reader and a camera before which person-a stands."""
    reader, camera = VirtualIdCardReader(tmp_path / "reader", wire_time=False), VirtualCamera(0)
    reader.start()
    camera.start()
    camera.act("show", who="person-a-1")
    yield {
        "reader": DeviceSettings(
            kind=Kind.ID_CARD_READER,
            driver="id_card_reader_serial",
            port=str(reader.state()["link"]),
            options={"timeout": 10.0},
        ),
        "camera": DeviceSettings(
            kind=Kind.PERSON_CAMERA,
            driver="camera",
            port=f"http://127.0.0.1:{camera.port}/camera.mjpg",
            options={"open_timeout": 20.0, "read_timeout": 10.0, "fresh_seconds": 5.0},
        ),
    }
    camera.stop()
    reader.stop()


def chip_pixels(who: str, file: Path) -> Path:
    """A photograph as a vendor's buffer: 102 × 126, blue green red, the last row first."""
    cv2 = opencv.load()
    name = next(one for one in assets.PHOTOGRAPHS if one.startswith(who))
    image = cv2.imdecode(np.frombuffer(assets.photograph(name).read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    side = min(image.shape[0] * 102 // 126, image.shape[1])
    left = (image.shape[1] - side) // 2
    small = cv2.resize(
        image[: side * 126 // 102, left : left + side], (102, 126), interpolation=cv2.INTER_AREA
    )
    file.write_bytes(small[::-1].tobytes())
    return file


async def verified(
    folder: Path, devices: dict[str, DeviceSettings], library: Path | None
) -> tuple[str, Willing]:
    """How the person was verified, at a terminal whose platform nobody answers for; empty: not at all."""
    options = devices["reader"].options | ({"photo_library": str(library)} if library else {})
    told = devices | {"reader": devices["reader"].model_copy(update={"options": options})}
    stage = Willing()
    async with small_visit.backstage(folder, stage, told) as parts:
        visit = small_visit.visit(parts, small_visit.service("SB01"), "li")
        visit.session.person = replace(small_visit.card("li"), photo_wlt=CHIP)
        visit.session.subject = Subject(subject="handle-1", known=True, has_photograph=True)
        parts.devices.start()
        try:
            assert await parts.devices.becomes_ready(Kind.ID_CARD_READER, 60.0)
            await verify_person(visit)
        except GoHome:
            return "", stage
        finally:
            await parts.devices.close()
        return visit.session.means, stage


def test_the_photo_in_the_chip_is_the_reference_and_the_platform_is_not_asked(
    tmp_path: Path, devices: dict[str, DeviceSettings]
) -> None:
    library = compiled("picture", tmp_path, chip_pixels("person-a-2", tmp_path / "pixels"))
    means, stage = asyncio.run(verified(tmp_path, devices, library))
    assert means == "face"
    assert not any(isinstance(prompt, Trouble) for prompt in stage.shown)


@pytest.mark.parametrize("name", ["crashing", "good", None])
def test_without_a_face_from_the_chip_the_platform_is_asked(
    tmp_path: Path, devices: dict[str, DeviceSettings], name: str | None
) -> None:
    """Nobody answers there, which is how we see it. What `good` gives is a picture and shows no face."""
    library = compiled(name, tmp_path) if name else None
    means, stage = asyncio.run(verified(tmp_path, devices, library))
    assert means == ""
    assert isinstance(stage.shown[-1], Trouble)
    assert not any(isinstance(prompt, LookAtCamera) for prompt in stage.shown)
