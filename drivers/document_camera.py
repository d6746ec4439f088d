"""A camera above a table: looks at the paper that is laid there, and takes a page when it can be read.

It is a camera (`camera.py`, with its sleep and its watchdogs) and the eye of `document_page.py`. A page is
given as JPEG in memory; nothing of it is written, logged or kept. What the paper wants is told as a code of
faults.toml, whose words the citizen reads.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.devices import DeviceState
from drivers import document_page, opencv
from drivers.camera import Camera, preview
from drivers.device import Deadline, DeviceError
from drivers.document_page import Shape, Sighting
from drivers.page_outline import Corners

if TYPE_CHECKING:
    from drivers.frame_grabber import Frame

PREVIEW_WIDTH = 640
STEADY_FRAMES = 3  # so many pictures in a row must show the page readable and in one place ...
STEADY_SHIFT = 0.006  # ... within so much of the picture's width
JPEG_QUALITY = 88
_PAUSE = 0.02  # seconds between two questions for a new picture


@dataclass(frozen=True)
class Look:
    """What the camera sees now: a preview as RGB bytes from the top, and what the paper wants.

    `advice` is empty when the page can be taken, else a code of faults.toml. `corners` are the page's in the
    preview, none when none is whole in view.
    """

    width: int
    height: int
    rgb: bytes
    advice: str
    corners: Corners = ()

    def __repr__(self) -> str:
        """No pixels: the paper is a person's."""
        return f"Look({self.advice or 'ready'})"


@dataclass(frozen=True)
class Page:
    """One page, straightened: a JPEG, its size in pixels."""

    jpeg: bytes
    width: int
    height: int

    def __repr__(self) -> str:
        """No pixels: the paper is a person's."""
        return f"Page({self.width}x{self.height})"


class DocumentCamera:
    """The document camera. Options are those of `camera.Camera`, with a larger picture, and an idle one is
    looked through every five minutes: a look at four times the pixels costs four times as much.

    `port`: `/dev/v4l/by-id/…`, a number, a film, or an http or rtsp address.
    """

    def __init__(
        self,
        *,
        port: str = "0",
        width: int = 1600,
        height: int = 1200,
        fps: int = 10,
        open_timeout: float = 4.0,
        read_timeout: float = 2.0,
        fresh_seconds: float = 1.0,
        rest_seconds: float = 5.0,
        check_seconds: float = 300.0,
    ) -> None:
        self._camera = Camera(
            port=port,
            width=width,
            height=height,
            fps=fps,
            open_timeout=open_timeout,
            read_timeout=read_timeout,
            fresh_seconds=fresh_seconds,
            rest_seconds=rest_seconds,
            check_seconds=check_seconds,
        )
        self._pages = 0
        self._seen: tuple[int, Sighting] | None = None  # of the newest picture, by its number

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """As Camera.open: DeviceError `device_absent`, `device_misconfigured`."""
        self._seen = None
        self._camera.open()

    def close(self) -> None:
        """Lets go and forgets what was seen; may be called twice; never raises."""
        self._seen = None
        self._camera.close()

    def status(self) -> DeviceState:
        """As Camera.status: DeviceError `device_offline`, `camera_frozen` (both lost)."""
        return self._camera.status()

    # ── verbs ───────────────────────────────────────────────────────────────
    def latest(self) -> Frame | None:
        """The newest picture whole, as Camera.latest: for whoever judges the camera and not the paper."""
        return self._camera.latest()

    def look(self) -> Look | None:
        """The newest picture and what it wants; None while the camera wakes. Does not wait.

        DeviceError `device_offline`, `camera_frozen` (both lost).
        """
        frame = self._camera.latest()
        if frame is None:
            return None
        sighting = self._sighting(frame)
        scale = PREVIEW_WIDTH / frame.image.shape[1]
        width, height, rgb = preview(frame, PREVIEW_WIDTH, mirrored=False)
        corners = tuple((x * scale, y * scale) for x, y in sighting.corners)
        return Look(width, height, rgb, sighting.advice, corners)

    def capture(self, timeout: float, shape: Shape = "free") -> Page:
        """The page, once it lies still and can be read in several pictures in a row; the sharpest of them.

        DeviceError with what the paper wanted last when none came in time: `page_not_found`, `page_cut`,
        `page_dark`, `page_glare`, `page_blurred`, `page_moved`; `device_timeout` when no picture came;
        `device_offline`, `camera_frozen` (both lost).
        """
        deadline = Deadline(timeout)
        steady: list[tuple[Frame, Sighting]] = []
        wanted, number = "device_timeout", -1
        while len(steady) < STEADY_FRAMES:
            if deadline.left <= 0:
                raise DeviceError(wanted)
            frame = self._camera.latest()
            if frame is None or frame.sequence == number:
                time.sleep(min(_PAUSE, deadline.left))
                continue
            number = frame.sequence
            sighting = self._sighting(frame)
            if sighting.advice:
                steady, wanted = [], sighting.advice
            elif steady and _shift(steady[-1][1], sighting) > STEADY_SHIFT * frame.image.shape[1]:
                steady, wanted = [(frame, sighting)], "page_moved"
            else:
                steady, wanted = [*steady, (frame, sighting)], "page_moved"
        return self._page(*min(steady, key=lambda seen: seen[1].blur), shape)

    def reset(self) -> None:
        """Forgets what was seen and sleeps at once: nobody is shown another's paper."""
        self._seen = None
        self._camera.reset()

    def counts(self) -> Mapping[str, int]:
        """`pages`: taken since this driver was made."""
        return {"pages": self._pages}

    # ── within ──────────────────────────────────────────────────────────────
    def _sighting(self, frame: Frame) -> Sighting:
        if self._seen is None or self._seen[0] != frame.sequence:
            self._seen = (frame.sequence, document_page.look(frame.image))
        return self._seen[1]

    def _page(self, frame: Frame, sighting: Sighting, shape: Shape) -> Page:
        cv2 = opencv.load()
        image = document_page.straighten(frame.image, sighting, shape)
        good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
        if not good:
            raise DeviceError("page_not_found", "the page could not be encoded")
        self._pages += 1
        return Page(bytes(data), image.shape[1], image.shape[0])


def _shift(one: Sighting, other: Sighting) -> float:
    """How far the page has moved, in pixels: the farthest of its corners."""
    moves = zip(one.corners, other.corners, strict=True)
    return max(max(abs(a - c), abs(b - d)) for (a, b), (c, d) in moves)
