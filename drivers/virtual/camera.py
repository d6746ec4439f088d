"""A camera as MJPEG over HTTP, with somebody or nobody standing before it.

Pictures are made when a client asks, and each at most once: an idle bench costs nothing. Two pictures in a
row are never equal (the person sways, the sensor is noisy), unless the camera is frozen by hand.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from config import assets
from config.people import people
from drivers import opencv
from drivers.virtual.mjpeg_server import MjpegServer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]

WIDTH, HEIGHT, FPS = 640, 480, 15
VARIANTS = 12  # pictures of one scene, shown over and over
FACE_HEIGHT = 230  # of a person who stands where the terminal asks one to

# Where the face is in each photograph, in its pixels: left, top, width, height.
_FACES = {
    "person-a-1": (373, 84, 240, 328),
    "person-a-2": (207, 229, 264, 405),
    "person-a-3": (633, 260, 284, 352),
    "person-b-1": (424, 178, 301, 387),
    "person-c-1": (179, 62, 90, 113),
}


class VirtualCamera:
    """A camera at `http://127.0.0.1:port/`; port 0 takes a free one, told by `port` after `start()`."""

    def __init__(self, port: int) -> None:
        self.name = "person_camera"
        self.port = port
        self._lock = threading.Lock()  # guards everything below
        self._who = "nobody"
        self._covered = False
        self._frozen: bytes | None = None
        self._pictures: dict[tuple[str, int], bytes] = {}
        self._numbers: Iterator[int] = itertools.count()
        self._server: MjpegServer | None = None

    @property
    def url(self) -> str:
        """The address for the terminal's camera."""
        return f"http://127.0.0.1:{self.port}/camera.mjpg"

    # ── the contract of a virtual device ────────────────────────────────────
    def start(self) -> None:
        """Listens on loopback. OSError when the port is taken."""
        with self._lock:
            if self._server is None:
                self._server = MjpegServer(self.port, self.picture, FPS)
                self.port = self._server.port

    def stop(self) -> None:
        """Closes the port and every stream; ends all threads."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None:  # without the lock: the streams' threads may be waiting for it
            server.end()

    def state(self) -> dict[str, object]:
        """`plugged`, `url`, `who` stands there, `covered`, `frozen`, and who else could stand there."""
        with self._lock:
            return {
                "plugged": self._server is not None,
                "url": self.url,
                "who": self._who,
                "choices": ["nobody", *_FACES],
                "covered": self._covered,
                "frozen": self._frozen is not None,
            }

    def act(self, action: str, **arguments: object) -> None:
        """`show(who=…)`, `cover`, `uncover`, `freeze`, `unplug`, `plug`. ValueError with words.

        `who` is `nobody`, the name of a photograph, or the key of a person (config/people.py).
        `freeze` lasts until the cable has been out and in again.
        """
        match action, arguments:
            case "show", {"who": str(who), **rest} if not rest:
                self._show(who)
            case (("cover" | "uncover"), {**rest}) if not rest:
                with self._lock:
                    self._covered = action == "cover"
            case "freeze", {**rest} if not rest:
                picture = self.picture()
                with self._lock:
                    self._frozen = picture
            case "unplug", {**rest} if not rest:
                self.stop()
            case "plug", {**rest} if not rest:
                with self._lock:
                    self._frozen = None
                self.start()
            case _:
                raise ValueError(
                    "the camera knows show(who), cover, uncover, freeze, unplug and plug, "
                    f"not {action}({', '.join(sorted(arguments))})"
                )

    # ── pictures ────────────────────────────────────────────────────────────
    def picture(self) -> bytes:
        """The next picture, a JPEG."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            scene = "covered" if self._covered else self._who
            key = (scene, next(self._numbers) % VARIANTS)
            if key not in self._pictures:
                self._pictures[key] = _jpeg(*key)
            return self._pictures[key]

    def _show(self, who: str) -> None:
        if who in people():
            who = people()[who].live.rpartition(".")[0] or "nobody"
        if who not in ("nobody", *_FACES):
            raise ValueError(f"before the camera may stand {', '.join(('nobody', *_FACES))}, not {who}")
        with self._lock:
            self._who = who


def _jpeg(scene: str, variant: int) -> bytes:
    cv2 = opencv.load()
    good, data = cv2.imencode(".jpg", _picture(scene, variant), [cv2.IMWRITE_JPEG_QUALITY, 88])
    assert good
    return bytes(data)


def _picture(scene: str, variant: int) -> Pixels:
    """One variant of a scene: swayed by a few pixels, with a sensor's noise."""
    import numpy as np

    random = np.random.default_rng(variant)
    if scene == "covered":
        image = np.full((HEIGHT, WIDTH, 3), 4.0)
    elif scene == "nobody":
        image = np.linspace((168, 172, 170), (120, 128, 130), HEIGHT)[:, None, :].repeat(WIDTH, axis=1)
    else:
        image = _person(scene, *random.integers(-4, 5, 2)).astype(np.float64)
    noise = random.normal(0, 2.0, (HEIGHT, WIDTH, 1))
    light = 1.0 + random.uniform(-0.02, 0.02)
    return np.clip(image * light + noise, 0, 255).astype(np.uint8)


def _person(scene: str, sway_x: int, sway_y: int) -> Pixels:
    """A photograph placed so that its face is where a person's would be, before a blurred hall."""
    import numpy as np

    cv2 = opencv.load()
    photograph, (x, y), scale = _photograph(scene)
    move = np.array(
        [
            [scale, 0, WIDTH / 2 + sway_x - scale * x],
            [0, scale, HEIGHT * 0.46 + sway_y - scale * y],
        ]
    )
    placed = cv2.warpAffine(photograph, move, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    there = cv2.warpAffine(np.ones(photograph.shape[:2], np.float32), move, (WIDTH, HEIGHT))
    there = cv2.GaussianBlur(cv2.erode(there, np.ones((25, 25))), (0, 0), 6)[:, :, None]
    hall = cv2.resize(cv2.GaussianBlur(placed[::8, ::8], (0, 0), 3.5), (WIDTH, HEIGHT))
    blended: Pixels = (placed * there + hall * (1 - there)).astype(np.uint8)
    return blended


@cache
def _photograph(scene: str) -> tuple[Pixels, tuple[float, float], float]:
    """The photograph, the middle of its face, and the scale that is still to be applied.

    Warping samples single pixels, so a large photograph is made small by areas first.
    """
    cv2 = opencv.load()
    name = next(name for name in assets.PHOTOGRAPHS if name.startswith(scene + "."))
    photograph = cv2.imread(str(assets.photograph(name)))
    left, top, width, height = _FACES[scene]
    x, y, scale = left + width / 2, top + height / 2, FACE_HEIGHT / height
    if scale < 1:
        photograph = cv2.resize(photograph, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        x, y, scale = x * scale, y * scale, 1.0
    return photograph, (x, y), scale
