"""A citizen lays a paper under the camera: what it asks for, when it takes the page, and what it keeps."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import pytest

from drivers import opencv, registry
from drivers.device import Device, DeviceError
from drivers.document_camera import DocumentCamera, Look
from drivers.document_page import RATIOS
from drivers.virtual.document_camera import VirtualDocumentCamera
from drivers.virtual.virtual_device import VirtualDevice

cv2 = opencv.load()


@pytest.fixture
def bench() -> Iterator[VirtualDocumentCamera]:
    camera = VirtualDocumentCamera(0)
    camera.start()
    yield camera
    camera.stop()


@pytest.fixture
def camera(bench: VirtualDocumentCamera) -> Iterator[DocumentCamera]:
    driver = DocumentCamera(port=bench.url, open_timeout=60, read_timeout=60)
    driver.open()
    yield driver
    driver.close()


def told(camera: DocumentCamera, advice: str) -> Look:
    """The first look that gives this advice; pytest's time-out ends the wait."""
    while (look := camera.look()) is None or look.advice != advice:
        time.sleep(0.02)
    return look


def not_taken(camera: DocumentCamera) -> DeviceError:
    """The error of a page that cannot be taken, as soon as two pictures have come within its time."""
    while True:
        with pytest.raises(DeviceError) as raised:
            camera.capture(0.6)
        if raised.value.code != "device_timeout":
            return raised.value


# ── live advice ─────────────────────────────────────────────────────────────
def test_the_citizen_is_led_from_the_empty_table_to_a_page(
    bench: VirtualDocumentCamera, camera: DocumentCamera
) -> None:
    told(camera, "page_not_found")
    bench.act("put", sheet="form", x=90)
    told(camera, "page_cut")
    bench.act("move", x=0, glare=0.04)
    told(camera, "page_glare")
    bench.act("move", glare=0, blur=3.5)
    told(camera, "page_blurred")
    bench.act("move", blur=0, light=0.2)
    told(camera, "page_dark")
    bench.act("move", light=1)
    told(camera, "")
    bench.act("remove")
    told(camera, "page_not_found")


def test_the_preview_shows_the_table_as_it_is_and_where_the_page_lies(
    bench: VirtualDocumentCamera, camera: DocumentCamera
) -> None:
    bench.act("put", sheet="slip", x=-80)
    look = told(camera, "")
    assert len(look.rgb) == look.width * look.height * 3
    picture = np.frombuffer(look.rgb, np.uint8).reshape(look.height, look.width, 3)
    corners = np.array(look.corners)
    assert corners[:, 0].max() < look.width / 2  # it lies to the left, and is not mirrored
    middle = corners.mean(axis=0).astype(int)
    assert picture[middle[1] - 3 : middle[1] + 3, middle[0] - 3 : middle[0] + 3].mean() > 120


# ── pages ───────────────────────────────────────────────────────────────────
def test_a_page_is_taken_straight_and_counted(bench: VirtualDocumentCamera, camera: DocumentCamera) -> None:
    bench.act("put", sheet="card", turn=20, pitch=8)
    page = camera.capture(60.0, "card")
    image = cv2.imdecode(np.frombuffer(page.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert image.shape[:2] == (page.height, page.width)
    assert page.width / page.height == pytest.approx(RATIOS["card"], rel=0.01)
    assert image[:, :3].mean() > 120  # cut at the card's rim, not beside it
    assert camera.counts() == {"pages": 1}


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("page_not_found", {}),
        ("page_cut", {"sheet": "form", "x": 100}),
        ("page_glare", {"sheet": "card", "glare": 0.04}),
        ("page_blurred", {"sheet": "slip", "blur": 4}),
    ],
)
def test_what_cannot_be_taken_is_told_within_the_time(
    bench: VirtualDocumentCamera, camera: DocumentCamera, code: str, how: dict[str, object]
) -> None:
    if how:
        bench.act("put", **how)
    told(camera, code)
    error = not_taken(camera)
    assert (error.code, error.lost) == (code, False)
    assert camera.counts() == {"pages": 0}


def test_a_page_that_is_still_being_moved_is_not_taken(
    bench: VirtualDocumentCamera, camera: DocumentCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.act("put", sheet="card")
    told(camera, "")
    monkeypatch.setattr("drivers.document_camera.STEADY_SHIFT", -1.0)  # a hand that never rests
    assert not_taken(camera).code == "page_moved"


# ── trouble and privacy ─────────────────────────────────────────────────────
def test_reset_forgets_the_paper_and_wakes_to_the_next(
    bench: VirtualDocumentCamera, camera: DocumentCamera
) -> None:
    bench.act("put", sheet="form")
    told(camera, "")
    camera.reset()
    bench.act("remove")
    look = camera.look()  # a camera that wakes has none yet, unless we were held up meanwhile
    assert look is None or look.corners == ()
    assert told(camera, "page_not_found").corners == ()


def test_nothing_of_a_paper_stands_in_what_is_logged(
    bench: VirtualDocumentCamera, camera: DocumentCamera
) -> None:
    bench.act("put", sheet="slip")
    look, page = told(camera, ""), camera.capture(60.0)
    assert repr(look) == "Look(ready)"
    assert repr(page) == f"Page({page.width}x{page.height})"


def test_a_pulled_cable_ends_looking_and_taking_and_plugging_in_heals(
    bench: VirtualDocumentCamera, camera: DocumentCamera
) -> None:
    bench.act("put", sheet="slip")
    told(camera, "")
    bench.act("unplug")
    with pytest.raises(DeviceError) as raised:
        while True:
            camera.capture(60.0)
    assert (raised.value.code, raised.value.lost) == ("device_offline", True)
    camera.close()
    with pytest.raises(DeviceError, match="device_absent"):
        camera.open()
    bench.act("plug")
    camera.open()
    assert camera.status().ready
    assert camera.capture(60.0).width > 100


def test_the_settings_name_it_and_it_is_a_device() -> None:
    module, _, name = registry.BUILT_IN["document_camera"].partition(":")
    assert (module, name) == (DocumentCamera.__module__, DocumentCamera.__name__)
    assert isinstance(DocumentCamera(), Device)


# ── the bench ───────────────────────────────────────────────────────────────
def test_the_bench_tells_what_lies_there(bench: VirtualDocumentCamera) -> None:
    assert isinstance(bench, VirtualDevice)
    bench.act("put", sheet="card", turn=12.5)
    assert (bench.state()["sheet"], bench.state()["turn"]) == ("card", 12.5)
    bench.act("freeze")
    assert bench.picture() == bench.picture()


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("put", {"sheet": "napkin"}, "sheets are form, letter, card, card_back, slip, blank"),
        ("put", {"sheet": "card", "turn": "left"}, "by numbers"),
        ("move", {"table": 3}, "by numbers"),
        ("remove", {"sheet": "card"}, "knows put"),
        ("kick", {}, "not kick"),
    ],
)
def test_a_wrong_hand_is_told_what_the_camera_knows(
    bench: VirtualDocumentCamera, action: str, arguments: dict[str, object], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        bench.act(action, **arguments)
