"""The thread that keeps only the newest picture of a camera, and watches that pictures stay alive."""

from __future__ import annotations

import threading
import time
import zlib
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from config import heaps
from drivers import opencv
from drivers.device import Deadline, DeviceError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

DARK_MEAN = 14.0  # mean of 0–255 below which the lens counts as covered; a dim hall at night is above 25
DARK_SECONDS = 0.8  # so long must it stay dark: cameras begin dark while their exposure settles
FROZEN_SECONDS = 3.0  # so long may pictures be identical: a sensor's noise never lets two be equal


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture. `image` is height × width × 3, BGR; `at` is monotonic seconds; `sequence` only grows."""

    image: Pixels
    at: float
    sequence: int

    def __repr__(self) -> str:
        """No pixels: a face is a person's."""
        return f"Frame({self.sequence})"

    @property
    def age(self) -> float:
        """Seconds since it came from the camera."""
        return time.monotonic() - self.at


@dataclass(frozen=True)
class Capture:
    """What to open and how: `kind` device, file or stream; times in seconds."""

    kind: str
    where: str
    width: int
    height: int
    fps: int
    open_timeout: float
    read_timeout: float


class Grabber:
    """One stay awake: opens the capture on its own thread and reads until it is stopped or the source ends.

    `sequence` is the number of the last picture before, so that numbers grow over several stays.
    """

    def __init__(self, capture: Capture, sequence: int) -> None:
        self.newest: Frame | None = None
        self.dark = False
        self._capture = capture
        self._sequence = sequence
        self._error: DeviceError | None = None
        self._began = time.monotonic()
        self._same_since = self._dark_since = self._began
        self._digest = 0
        self._seen = threading.Event()  # a picture is there, or there will be none
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="camera", daemon=True)
        self._thread.start()

    def stop(self) -> int:
        """Ends the thread, forgets the picture; the last sequence number. Bounded by the read time-out."""
        self._stopping.set()
        self._thread.join(self._capture.open_timeout + self._capture.read_timeout + 1.0)
        self.newest = None
        heaps.give_back()
        return self._sequence

    def wait(self, seconds: float) -> None:
        """Looks on for so long, or until the source ends."""
        self._stopping.wait(seconds) if self._error is None else None

    def first(self, deadline: Deadline) -> Frame:
        """The first picture. DeviceError when the source has none, or gives none in time."""
        self._seen.wait(deadline.left)
        if self._error is not None:
            raise self._error
        if self.newest is None:
            raise DeviceError("device_timeout", "no picture in time", lost=True)
        return self.newest

    def check(self) -> None:
        """DeviceError when the source has ended, has been silent, or repeats one picture (all lost)."""
        if self._error is not None:
            raise self._error
        silent = time.monotonic() - (self.newest.at if self.newest else self._began)
        allowed = self._capture.read_timeout + (0.0 if self.newest else self._capture.open_timeout)
        if silent > allowed + 1.0:  # the capture's own time-out comes first where it works
            raise DeviceError("camera_frozen", f"no picture for {silent:.1f} s", lost=True)
        if self.newest and self.newest.at - self._same_since > FROZEN_SECONDS:
            raise DeviceError("camera_frozen", "pictures do not change", lost=True)

    # ── on the thread ───────────────────────────────────────────────────────
    def _run(self) -> None:
        source = None
        try:
            cv2 = opencv.load()
            source = _open(cv2, self._capture)
            pace = 1.0 / self._capture.fps if self._capture.kind == "file" else 0.0
            while not self._stopping.wait(pace):
                self._take(cv2, source)
        except DeviceError as error:
            self._error = error
        except cv2.error:
            self._error = DeviceError("device_offline", "OpenCV failed to read", lost=True)
        finally:
            self._seen.set()
            if source is not None:
                source.release()

    def _take(self, cv2: Any, source: Any) -> None:
        began = time.monotonic()
        good, image = source.read()
        if not good and self._capture.kind == "file":  # a film stands in for a camera: begin again
            source.set(cv2.CAP_PROP_POS_FRAMES, 0)
            good, image = source.read()
        now = time.monotonic()
        if not good or image is None:
            if now - began > 0.9 * self._capture.read_timeout:
                raise DeviceError("camera_frozen", f"no picture for {now - began:.1f} s", lost=True)
            raise DeviceError("device_offline", "the source has ended", lost=True)
        self._watch(image, now)
        self._sequence += 1
        self.newest = Frame(image, now, self._sequence)
        self._seen.set()

    def _watch(self, image: Pixels, now: float) -> None:
        """Every eighth pixel is enough to see that pictures change and that there is light."""
        few = image[::8, ::8].copy()
        digest = zlib.crc32(few.data)
        if digest != self._digest:
            self._digest, self._same_since = digest, now
        if float(few.mean()) > DARK_MEAN:
            self._dark_since = now
        self.dark = now - self._dark_since > DARK_SECONDS


def _open(cv2: Any, capture: Capture) -> Any:
    """The opened source. DeviceError `device_offline` (lost) when it does not open."""
    if capture.kind == "device":
        source = cv2.VideoCapture(capture.where, cv2.CAP_V4L2)
        for name, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),  # raw pictures fill a USB 2 bus
            (cv2.CAP_PROP_FRAME_WIDTH, capture.width),
            (cv2.CAP_PROP_FRAME_HEIGHT, capture.height),
            (cv2.CAP_PROP_FPS, capture.fps),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            with suppress(cv2.error):
                source.set(name, value)
    else:
        source = cv2.VideoCapture(
            capture.where,
            cv2.CAP_FFMPEG,
            [
                *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, round(capture.open_timeout * 1000)),
                *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, round(capture.read_timeout * 1000)),
                *(cv2.CAP_PROP_N_THREADS, 1),
            ],
        )
    if not source.isOpened():
        source.release()
        raise DeviceError("device_offline", "the source does not open", lost=True)
    return source
