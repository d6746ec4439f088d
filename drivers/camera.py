"""A camera: a V4L2 device, a video file, or a stream (MJPEG over HTTP, RTSP), all by OpenCV's VideoCapture.

A consumer that reads at its own pace lags behind a stream by seconds, so a thread (`frame_grabber.py`)
keeps only the newest picture. It alone touches the capture, and `close()` joins it. The camera *sleeps*
when nobody has asked for a picture for a while: nobody is filmed without a reason, and an idle hall costs
nothing. It wakes for the first `latest()`, and now and then for `status()`, to see whether something covers
the lens.
"""

from __future__ import annotations

import os
import socket
import stat
import time
from urllib.parse import urlsplit

from config.devices import Availability, DeviceState
from drivers import device, opencv
from drivers.device import Deadline, DeviceError
from drivers.frame_grabber import Capture, Frame, Grabber

LOOK_SECONDS = 1.2  # how long status() looks when it wakes the camera: darkness shows in 0.8
MOST_PIXELS, MOST_FPS = 16384, 1000
_VIDEO4LINUX = 81  # the major number of camera nodes (Linux, Documentation/admin-guide/devices.txt)
_PORTS = {"http": 80, "https": 443, "rtsp": 554}


class Camera:
    """One camera. `port`: a number, `/dev/v4l/by-id/…`, a file, or an http or rtsp address.

    `open_timeout` and `read_timeout` bound a silent source; a picture older than `fresh_seconds` is not
    given: who was seen then may have gone; after `rest_seconds` without a call of
    `latest()` it sleeps; every `check_seconds` a sleeping camera is looked through by `status()`.
    """

    def __init__(
        self,
        *,
        port: str = "0",
        width: int = 640,
        height: int = 480,
        fps: int = 15,
        open_timeout: float = 4.0,
        read_timeout: float = 2.0,
        fresh_seconds: float = 1.0,
        rest_seconds: float = 5.0,
        check_seconds: float = 60.0,
    ) -> None:
        if not (0 < width <= MOST_PIXELS and 0 < height <= MOST_PIXELS and 0 < fps <= MOST_FPS):
            raise ValueError(f"width and height are 1 to {MOST_PIXELS} pixels, fps 1 to {MOST_FPS}")
        device.check_seconds(
            open_timeout=open_timeout,
            read_timeout=read_timeout,
            fresh_seconds=fresh_seconds,
            rest_seconds=rest_seconds,
            check_seconds=check_seconds,
        )
        kind, where = _source(port)
        self._capture = Capture(kind, where, width, height, fps, open_timeout, read_timeout)
        self._fresh = fresh_seconds
        self._rest = rest_seconds
        self._check_every = check_seconds
        self._grabber: Grabber | None = None
        self._open = False
        self._asked = 0.0  # when somebody last wanted a picture
        self._looked = 0.0  # when a picture was last examined
        self._sequence = 0
        self._dark = False
        self._size = ""

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """Takes one picture to see that the camera is there, then stays awake for `rest_seconds`.

        DeviceError `device_absent` when there is none or it gives no picture in time,
        `device_misconfigured` when the port is no camera.
        """
        self.close()
        try:
            if self._capture.kind != "stream":  # a stream is asked by opening it: some serve one caller only
                _check_present(self._capture)
            first = self._wake().first(self._patience())
        except DeviceError as error:
            self.close()
            code = error.code if error.code == "device_misconfigured" else "device_absent"
            raise DeviceError(code, error.detail) from None
        self._size = f"{first.image.shape[1]}x{first.image.shape[0]}"
        self._open = True

    def close(self) -> None:
        """Ends the thread, lets go, forgets the last picture; may be called twice; never raises."""
        self._open = self._dark = False
        self._sleep()

    def status(self) -> DeviceState:
        """Is it there, covered, frozen? Lets it fall asleep when nobody looks.

        DeviceError `device_offline`, `camera_frozen` (both lost).
        """
        self._must_be_open()
        if self._grabber is None:
            _check_present(self._capture)
            if time.monotonic() - self._looked >= self._check_every:
                self._look()
        self._examine()
        if self._grabber is not None and time.monotonic() - self._asked > self._rest:
            self._sleep()
        faults = ("camera_dark",) if self._dark else ()
        return DeviceState(Availability.ONLINE, faults=faults, detail=self._size)

    # ── verbs ───────────────────────────────────────────────────────────────
    def latest(self) -> Frame | None:
        """The newest picture; None while a camera that slept is waking, or a slow one falters. Does not wait.

        DeviceError `device_offline`, `camera_frozen` (both lost).
        """
        self._must_be_open()
        grabber = self._grabber or self._wake()
        self._asked = time.monotonic()
        self._examine()
        newest = grabber.newest
        return newest if newest is not None and newest.age <= self._fresh else None

    def reset(self) -> None:
        """Forgets the last picture and sleeps at once: the next person's begins with a picture of theirs."""
        self._sleep()

    # ── within ──────────────────────────────────────────────────────────────
    def _wake(self) -> Grabber:
        self._asked = time.monotonic()
        self._grabber = Grabber(self._capture, self._sequence)
        return self._grabber

    def _sleep(self) -> None:
        grabber, self._grabber = self._grabber, None
        if grabber is not None:
            self._sequence = grabber.stop()

    def _look(self) -> None:
        """Wakes the camera for a moment though nobody asked."""
        grabber = self._wake()
        self._asked -= self._rest
        grabber.first(self._patience())
        grabber.wait(LOOK_SECONDS)

    def _examine(self) -> None:
        """Takes over what the grabber has seen. Raises when it has ended or its pictures do not change."""
        if self._grabber is None:
            return
        self._grabber.check()
        self._looked = time.monotonic()
        self._dark = self._grabber.dark

    def _must_be_open(self) -> None:
        if not self._open:
            raise DeviceError("device_offline", "not open", lost=True)

    def _patience(self) -> Deadline:
        return Deadline(self._capture.open_timeout + self._capture.read_timeout)


def preview(frame: Frame, width: int, *, mirrored: bool = True) -> tuple[int, int, bytes]:
    """Width, height and RGB bytes, row by row from the top; mirrored, as people know themselves."""
    cv2 = opencv.load()
    rows, columns = frame.image.shape[:2]
    height = max(1, round(rows * width / columns))
    small = cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_LINEAR)
    return width, height, cv2.cvtColor(cv2.flip(small, 1) if mirrored else small, cv2.COLOR_BGR2RGB).tobytes()


def _source(port: str) -> tuple[str, str]:
    """Kind and place of a port: `0`, `/dev/…`, an address with a scheme, else a file."""
    if port.isdecimal():
        return "device", f"/dev/video{port}"
    if port.startswith("/dev/"):
        return "device", port
    return ("stream" if "://" in port else "file"), port


def _check_present(capture: Capture) -> None:
    """DeviceError `device_offline` (lost) when node, file or server is gone.

    Of a stream only the server is asked. The error names no address: it may hold a password.
    """
    try:
        if capture.kind == "stream":
            parts = urlsplit(capture.where)
            port = parts.port or _PORTS.get(parts.scheme, 0)
            socket.create_connection((parts.hostname or "", port), capture.open_timeout).close()
            return
        found = os.stat(capture.where)
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or type(error).__name__
        raise DeviceError("device_offline", f"{capture.kind}: {said}", lost=True) from None
    video = stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _VIDEO4LINUX
    if capture.kind == "device" and not video:
        raise DeviceError("device_misconfigured", "the port is no camera")
    if not os.access(capture.where, os.R_OK):
        group = "the terminal's user belongs into the group video" if video else "who owns the file?"
        raise DeviceError("device_misconfigured", f"{capture.kind}: not permitted; {group}")
