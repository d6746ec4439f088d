"""A camera's picture in numbers: they agree with the face check and the page finder, which must read it."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from config.devices import Kind
from drivers import document_page
from drivers.face import FaceEngine
from drivers.frame_grabber import Frame
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.document_scene import Scene, draw
from kiosk.readiness import camera_sight
from kiosk.readiness.camera_sight import Sight, measure

Pixels = NDArray[np.uint8]


def picture(who: str) -> Pixels:
    camera = VirtualCamera(0)
    camera.act("show", who=who)
    decoded = cv2.imdecode(np.frombuffer(camera.picture(), np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    return decoded.astype(np.uint8)


def blurred(image: Pixels, sigma: float) -> Pixels:
    return cv2.GaussianBlur(image, (0, 0), sigma).astype(np.uint8)


def score(engine: FaceEngine, reference: Pixels, image: Pixels) -> float:
    """How alike the face check finds the two; 0 when it sees no face."""
    sheet = cv2.imencode(".png", reference)[1].tobytes()
    seen = engine.live(Frame(image, 0.0, 1)).embedding
    return engine.decide(engine.reference(sheet), [seen], 0.4, 0.3).score if seen else 0.0


@pytest.mark.parametrize("who", ["person-a-1", "person-b-1", "person-c-1"])
def test_a_sharp_picture_is_good_and_one_that_is_out_of_focus_is_told(who: str) -> None:
    sharp = picture(who)
    assert measure(sharp).judged() == ()
    assert measure(blurred(sharp, 4.0)).judged() == ("camera_blurred",)
    assert measure(blurred(sharp, 4.0)).sharpness < measure(sharp).sharpness / 2


def test_what_is_not_called_blurred_the_face_check_still_knows() -> None:
    engine, reference, other = FaceEngine(), picture("person-a-1"), picture("person-a-2")
    judged = {sigma: measure(blurred(other, sigma)).judged() for sigma in (1.0, 2.0, 2.5)}
    for sigma, codes in judged.items():
        if not codes:
            assert score(engine, reference, blurred(other, sigma)) >= 0.4, sigma
    assert judged[1.0] == (), "a little softness is no fault"


def test_a_sheet_that_the_page_finder_reads_is_not_called_blurred() -> None:
    for blur in (0.0, 1.0, 4.0, 5.0):
        scene = draw(Scene("form", turn=90.0, blur=blur))
        codes = measure(scene).judged(kind=Kind.DOCUMENT_CAMERA)
        readable = not document_page.look(scene).advice
        assert not (readable and codes), (blur, codes)
        assert readable == (blur < 2), "the scene itself has changed"
        assert ("camera_blurred" in codes) == (blur >= 4)


def test_an_empty_wall_says_nothing_of_the_focus() -> None:
    wall = picture("nobody")
    assert measure(blurred(wall, 6.0)).judged() == ()


def test_light_and_glare_are_told() -> None:
    person = picture("person-b-1")
    assert measure((person * 0.12).astype(np.uint8)).judged() == ("camera_dark",)
    burnt = person.copy()
    burnt[:, : person.shape[1] // 4] = 255
    assert "camera_glare" in measure(burnt).judged()
    assert measure(np.zeros((480, 640, 3), np.uint8)).judged() == ("camera_dark",)


def test_against_what_was_seen_at_set_up_half_the_light_and_softer_edges_are_told(tmp_path: Path) -> None:
    person = picture("person-a-1")
    assert camera_sight.reference(tmp_path, "person_camera") is None
    camera_sight.keep(tmp_path, "person_camera", measure(person))
    camera_sight.keep(tmp_path, "document_camera", measure(draw(Scene())))
    kept = camera_sight.reference(tmp_path, "person_camera")
    assert kept == measure(person)
    assert kept is not None and measure(person).judged(kept) == ()
    dimmer = measure((person * 0.4).astype(np.uint8))
    assert dimmer.judged() == () and dimmer.judged(kept) == ("camera_dark",)
    softer = measure(blurred(person, 2.6))
    assert "camera_blurred" in softer.judged(kept)


@pytest.mark.parametrize("text", ["", "[]", '{"person_camera": 3}', '{"person_camera": {"width": 1}}'])
def test_a_file_that_was_spoilt_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / camera_sight.FILE).write_text(text, encoding="utf-8")
    assert camera_sight.reference(tmp_path, "person_camera") is None


def test_the_numbers_are_told_in_one_line() -> None:
    said = str(Sight(640, 480, 184.2, 3.1, 120.4, 190.0, 0.0123))
    assert said == "640x480, light 120, contrast 190, glare 1.2%, edges 3.1 ‰, sharpness 184"
