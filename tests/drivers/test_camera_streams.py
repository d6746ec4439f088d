"""The camera on streams that nobody here wrote, cut and frozen on purpose."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from drivers.camera import Camera
from drivers.device import DeviceError
from drivers.frame_grabber import Frame
from tests.leftovers import nothing_left
from tests.peers import streams
from tests.peers.streams import HEAD, Stream, Tap

OPEN, READ = 30.0, 2.0  # the driver's time-outs here
SILENT = 1.0  # for opening, where nobody will answer
BOUND = 60.0  # seconds, within which any call must have ended: one that hangs does so for ever
Server = Callable[[Path], AbstractContextManager[Stream]]
servers = pytest.mark.parametrize("server", [streams.mjpeg, streams.rtsp], ids=["MJPEG", "RTSP"])


def driver(url: str, open_timeout: float = OPEN) -> Camera:
    return Camera(port=url, open_timeout=open_timeout, read_timeout=READ)


def picture(camera: Camera, since: float = 0.0) -> Frame:
    """The first picture taken after `since`; pytest's time-out ends the wait."""
    while (frame := camera.latest()) is None or frame.at <= since:
        time.sleep(0.01)
    return frame


def lost(camera: Camera) -> DeviceError:
    """The error in which asking for pictures ends."""
    end = time.monotonic() + BOUND
    with pytest.raises(DeviceError) as raised:
        while time.monotonic() < end:
            camera.latest()
            time.sleep(0.01)
    assert raised.value.lost
    return raised.value


@servers
def test_pictures_come_and_the_newest_is_new(server: Server, tmp_path: Path) -> None:
    with server(tmp_path) as stream:
        camera = driver(stream.url)
        camera.open()
        first = picture(camera)
        time.sleep(1.0)  # a slow consumer: nobody asks for a second
        later = picture(camera)
        assert later.image.shape == (240, 320, 3)
        assert later.sequence > first.sequence + 2  # read on meanwhile ...
        assert later.at > first.at + 0.5  # ... and not queued up
        camera.close()


@servers
def test_cut_it_is_told_and_back_it_is_seen_and_nothing_is_left(server: Server, tmp_path: Path) -> None:
    """Again and again: tests/kiosk/devices/test_camera_reopens.py."""
    with server(tmp_path) as stream:
        with nothing_left():
            camera = driver(stream.url)
            camera.open()
            picture(camera)
            stream.cut()
            assert lost(camera).code == "device_offline"
            camera.close()
            with pytest.raises(DeviceError, match="device_absent"):
                camera.open()
            stream.start()
            camera.open()
            picture(camera)
            camera.close()


@servers
def test_a_server_that_freezes_is_told_and_read_again_when_it_thaws(server: Server, tmp_path: Path) -> None:
    with server(tmp_path) as stream:
        camera = driver(stream.url)
        camera.open()
        picture(camera)
        stream.freeze()
        assert lost(camera).code == "camera_frozen"
        camera.close()
        with pytest.raises(DeviceError, match="device_absent"):  # it listens and says nothing
            driver(stream.url, SILENT).open()
        stream.cut()
        stream.start()
        camera.open()
        picture(camera)
        camera.close()


def test_one_picture_repeated_for_ever_is_no_live_camera(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drivers.frame_grabber.FROZEN_SECONDS", 0.6)
    with streams.mjpeg(tmp_path, streams.STILL) as stream:
        camera = driver(stream.url)
        camera.open()
        assert lost(camera).code == "camera_frozen"
        camera.close()


# ── what no good server does ────────────────────────────────────────────────
@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return streams.pictures(tmp_path_factory.mktemp("pictures"))


def parts(data: bytes) -> list[bytes]:
    """Each picture with its head."""
    return [b"--ffmpeg\r\n" + part for part in data.split(b"--ffmpeg\r\n") if b"\xff\xd8" in part]


@pytest.mark.parametrize("hangs_up", [True, False])
def test_half_a_picture_is_never_shown(some: bytes, hangs_up: bool) -> None:
    *whole, last = parts(some)

    def script(send: Callable[[bytes], None], ended: threading.Event) -> None:
        send(HEAD + b"".join(whole[:12]))  # enough for it to be opened by
        for part in whole[12:]:
            send(part)
            ended.wait(0.1)
        send(last[: len(last) // 2])
        if not hangs_up:
            ended.wait(BOUND)

    with Tap(script) as tap:
        camera = Camera(port=tap.url, open_timeout=OPEN, read_timeout=READ, fresh_seconds=BOUND)
        camera.open()
        newest = picture(camera)
        with pytest.raises(DeviceError):
            while True:
                newest = camera.latest() or newest
        assert newest.sequence <= len(whole)  # ffmpeg marks the rest as broken, and it is dropped
        sent: list[Any] = [
            cv2.imdecode(np.frombuffer(one[one.index(b"\xff\xd8") :], np.uint8), 1) for one in whole
        ]
        # Two decoders differ by 3 grey levels at most; a half of a picture differs by tens.
        assert min(cv2.absdiff(newest.image, one).mean() for one in sent) < 10
        camera.close()


def test_a_drip_of_bytes_is_no_picture(some: bytes) -> None:
    """Each byte comes in time and the picture never does."""

    def script(send: Callable[[bytes], None], ended: threading.Event) -> None:
        for at in range(len(some)):
            send((HEAD + some)[at : at + 1])
            if ended.wait(0.05):
                return

    with Tap(script) as tap:
        camera = driver(tap.url, SILENT)
        begun = time.monotonic()
        with pytest.raises(DeviceError, match="device_absent"):
            camera.open()
        assert time.monotonic() - begun < BOUND
        camera.close()


def test_a_slow_server_gives_what_is_fresh_and_nothing_stale(some: bytes) -> None:
    def script(send: Callable[[bytes], None], ended: threading.Event) -> None:
        send(HEAD + b"".join(parts(some)[:12]))  # enough for it to be opened by
        for part in parts(some)[12:]:
            send(part)
            if ended.wait(0.5):
                return

    with Tap(script) as tap:
        camera = Camera(port=tap.url, open_timeout=OPEN, read_timeout=2.0, fresh_seconds=0.2)
        camera.open()
        given: set[int | None] = set()
        while None not in given or len(given) < 3:  # pytest's time-out ends the wait
            given.add(frame.sequence if (frame := camera.latest()) else None)
            time.sleep(0.01)
        camera.close()


@pytest.mark.parametrize("answer", [b"", b"\x00\xff" * 50_000, b"HTTP/1.0 404 Not Found\r\n\r\nno such film"])
def test_what_is_no_stream_is_no_camera(answer: bytes) -> None:
    with Tap(lambda send, ended: send(answer)) as tap:
        camera = driver(tap.url, SILENT)
        with pytest.raises(DeviceError, match="device_absent"):
            camera.open()
        camera.close()
