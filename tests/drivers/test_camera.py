"""The camera on a real stream: somebody comes, the lens is covered, the picture stops, the cable is out."""

from __future__ import annotations

import itertools
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from config.devices import Availability
from drivers.camera import Camera, preview
from drivers.device import DeviceError
from drivers.frame_grabber import Frame
from drivers.virtual.camera import VirtualCamera
from drivers.virtual.virtual_device import VirtualDevice
from tests.leftovers import nothing_left


@pytest.fixture
def bench() -> Iterator[VirtualCamera]:
    camera = VirtualCamera(0)
    camera.start()
    yield camera
    camera.stop()


@pytest.fixture
def camera(bench: VirtualCamera) -> Iterator[Camera]:
    driver = Camera(port=bench.url, rest_seconds=0.2, open_timeout=30, read_timeout=30)
    driver.open()
    yield driver
    driver.close()


def picture(camera: Camera, wanted: Callable[[Frame], bool] = lambda frame: True) -> Frame:
    """The first picture that is as wanted; pytest's time-out ends the wait."""
    while (frame := camera.latest()) is None or not wanted(frame):
        time.sleep(0.01)
    return frame


def lost(camera: Camera, verb: Callable[[], object]) -> DeviceError:
    """The error that a verb, asked again and again, ends in."""
    with pytest.raises(DeviceError) as raised:
        while True:
            verb()
            time.sleep(0.01)
    assert raised.value.lost
    return raised.value


def bright(frame: Frame) -> float:
    return float(frame.image.mean())


# ── pictures ────────────────────────────────────────────────────────────────
def test_pictures_come_fresh_in_the_size_asked_and_one_after_another(camera: Camera) -> None:
    first = picture(camera)
    assert first.image.shape == (480, 640, 3)
    later = picture(camera, lambda frame: frame.sequence > first.sequence + 2)
    assert later.at > first.at
    assert not np.array_equal(first.image, later.image)


def test_who_steps_before_the_camera_is_seen(bench: VirtualCamera, camera: Camera) -> None:
    nobody = picture(camera).image
    bench.act("show", who="zhang")  # the key of a person: his live photograph
    assert bench.state()["who"] == "person-a-2"
    picture(camera, lambda frame: bool(np.abs(frame.image.astype(int) - nobody).mean() > 20))


def test_a_preview_is_a_mirror_in_rgb(camera: Camera) -> None:
    image = np.zeros((480, 640, 3), np.uint8)
    image[:, :320] = (255, 0, 0)  # blue on the left
    width, height, rgb = preview(Frame(image, 0.0, 1), 320)
    assert (width, height, len(rgb)) == (320, 240, 320 * 240 * 3)
    assert rgb[:3] == b"\0\0\0"
    assert rgb[319 * 3 : 320 * 3] == b"\0\0\xff"


def test_a_film_stands_in_for_a_camera_and_begins_again(tmp_path: Path) -> None:
    film = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 30, (64, 48))
    for grey in (60, 120, 180):
        writer.write(np.full((48, 64, 3), grey, np.uint8))
    writer.release()
    camera = Camera(port=str(film), fps=60)
    camera.open()
    number = picture(camera).sequence
    assert bright(picture(camera, lambda frame: frame.sequence > number + 7)) > 50
    camera.close()
    film.unlink()
    with pytest.raises(DeviceError, match="device_absent"):
        camera.open()


# ── sleep ───────────────────────────────────────────────────────────────────
def test_nobody_is_filmed_when_nobody_asks(camera: Camera) -> None:
    before = picture(camera)
    time.sleep(0.25)
    camera.status()
    assert "camera" not in {thread.name for thread in threading.enumerate()}
    assert camera.status().ready
    assert picture(camera).sequence > before.sequence  # and it wakes when asked


def test_reset_forgets_the_last_person_at_once(bench: VirtualCamera, camera: Camera) -> None:
    bench.act("show", who="person-b-1")
    old = picture(camera)
    camera.reset()
    asleep = time.monotonic()
    bench.act("show", who="nobody")
    shown = camera.latest()  # a camera that wakes has none yet, unless we were held up meanwhile
    assert shown is None or shown.at > asleep
    assert picture(camera).at > old.at


def test_a_sleeping_camera_is_looked_through_now_and_then(
    bench: VirtualCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.frame_grabber.DARK_SECONDS", 0.2)
    monkeypatch.setattr("drivers.camera.LOOK_SECONDS", 0.5)
    camera = Camera(port=bench.url, rest_seconds=0.05, check_seconds=0.05, open_timeout=30, read_timeout=30)
    camera.open()
    time.sleep(0.06)
    assert camera.status().faults == ()
    bench.act("cover")
    while camera.status().faults != ("camera_dark",):  # pytest's time-out ends the wait
        time.sleep(0.06)
    bench.act("uncover")
    while camera.status().faults != ():
        time.sleep(0.06)
    camera.close()


# ── trouble ─────────────────────────────────────────────────────────────────
def test_a_covered_lens_is_told_and_passes(bench: VirtualCamera, camera: Camera) -> None:
    bench.act("cover")
    picture(camera, lambda frame: bright(frame) < 14)
    while camera.status().faults != ("camera_dark",):
        camera.latest()
        time.sleep(0.02)
    assert camera.status().availability is Availability.ONLINE
    bench.act("uncover")
    picture(camera, lambda frame: bright(frame) > 50)
    assert camera.status().faults == ()


def test_a_picture_that_stands_still_is_told_and_a_new_cable_heals_it(
    bench: VirtualCamera, camera: Camera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.frame_grabber.FROZEN_SECONDS", 0.5)
    bench.act("freeze")
    assert lost(camera, camera.latest).code == "camera_frozen"
    camera.close()
    bench.act("unplug")
    bench.act("plug")
    camera.open()
    picture(camera)


def test_a_pulled_cable_is_told_awake_or_asleep_and_plugging_in_heals(
    bench: VirtualCamera, camera: Camera
) -> None:
    picture(camera)
    bench.act("unplug")
    assert lost(camera, camera.latest).code == "device_offline"
    camera.close()
    with pytest.raises(DeviceError, match="device_absent"):
        camera.open()
    bench.act("plug")
    camera.open()
    camera.reset()  # asleep
    bench.act("unplug")
    assert lost(camera, camera.status).code == "device_offline"
    camera.close()
    bench.act("plug")
    camera.open()
    assert camera.status().ready


def test_a_server_that_says_nothing_costs_the_time_out_and_no_more() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    camera = Camera(port=f"http://127.0.0.1:{silent.getsockname()[1]}/", open_timeout=0.4, read_timeout=0.4)
    with pytest.raises(DeviceError, match="device_absent"):
        camera.open()
    silent.close()


@pytest.mark.parametrize("port", ["/dev/null/camera", "97", "/no/such/film.avi", "http://127.0.0.1:1/"])
def test_a_camera_that_is_not_there_is_absent(port: str) -> None:
    with pytest.raises(DeviceError, match="device_absent"):
        Camera(port=port).open()


def test_an_address_with_a_password_is_never_told() -> None:
    with pytest.raises(DeviceError) as raised:
        Camera(port="rtsp://user:secret@127.0.0.1:1/").open()
    assert "secret" not in str(raised.value)


def test_a_device_node_that_is_no_camera_is_a_mistake_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(DeviceError, match="device_misconfigured"):
        Camera(port="/dev/shm").open()


def test_before_opening_and_after_closing_every_verb_says_so(bench: VirtualCamera, camera: Camera) -> None:
    camera.close()
    camera.close()
    for driver in (camera, Camera(port=bench.url)):
        for verb in (driver.status, driver.latest):
            assert lost(driver, verb).code == "device_offline"


def test_opening_and_closing_leaves_no_thread_and_no_socket() -> None:
    with nothing_left():
        for _ in range(3):
            bench = VirtualCamera(0)
            bench.start()
            camera = Camera(port=bench.url, open_timeout=30, read_timeout=30)
            camera.open()
            picture(camera)
            camera.close()
            bench.stop()


# ── the bench ───────────────────────────────────────────────────────────────
def test_no_two_pictures_in_a_row_are_equal_until_frozen(bench: VirtualCamera) -> None:
    bench.act("show", who="person-c-1")
    some = [bench.picture() for _ in range(15)]
    assert all(a != b for a, b in itertools.pairwise(some))
    bench.act("freeze")
    assert bench.picture() == bench.picture()
    assert bench.state()["frozen"] is True


def test_a_client_that_stops_reading_does_not_hold_the_bench(bench: VirtualCamera) -> None:
    with urllib.request.urlopen(bench.url, timeout=60) as stream:
        assert stream.headers["Content-Type"].startswith("multipart/x-mixed-replace")
        time.sleep(0.2)
        bench.stop()
    assert bench.state()["plugged"] is False


@pytest.mark.parametrize(
    ("action", "arguments", "said"),
    [
        ("show", {"who": "somebody"}, "before the camera may stand nobody, person-a-1"),
        ("show", {}, "the camera knows show"),
        ("cover", {"with": "hand"}, "the camera knows show"),
        ("kick", {}, "not kick"),
    ],
)
def test_a_wrong_hand_is_told_what_the_camera_knows(
    bench: VirtualCamera, action: str, arguments: dict[str, object], said: str
) -> None:
    assert isinstance(bench, VirtualDevice)
    with pytest.raises(ValueError, match=said):
        bench.act(action, **arguments)
