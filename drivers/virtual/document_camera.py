"""A camera above a table as MJPEG over HTTP, and the hands that lay papers under it.

Pictures are made when a client asks, a few for each scene; two in a row are never equal, since the sensor is
noisy, unless the camera is frozen by hand.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from dataclasses import asdict, fields, replace

from drivers import opencv
from drivers.virtual.document_scene import SHEETS, Scene, draw
from drivers.virtual.mjpeg_server import MjpegServer

FPS = 10
VARIANTS = 4  # pictures of one scene, shown over and over
_HANDS = tuple(field.name for field in fields(Scene) if field.name not in ("sheet", "table"))


class VirtualDocumentCamera:
    """A document camera at `http://127.0.0.1:port/`; port 0 takes a free one, told after `start()`."""

    def __init__(self, port: int) -> None:
        self.name = "document_camera"
        self.port = port
        self._lock = threading.Lock()  # guards everything below
        self._scene = Scene()
        self._covered = False
        self._frozen: bytes | None = None
        self._pictures: dict[tuple[Scene, int], bytes] = {}
        self._numbers: Iterator[int] = itertools.count()
        self._server: MjpegServer | None = None

    @property
    def url(self) -> str:
        """The address for the terminal's document camera."""
        return f"http://127.0.0.1:{self.port}/document.mjpg"

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
        """`plugged`, `url`, what lies there and how (as `put`), `covered`, `frozen`, the sheets there are."""
        with self._lock:
            return {
                "plugged": self._server is not None,
                "url": self.url,
                **asdict(self._scene),
                "sheets": list(SHEETS),
                "covered": self._covered,
                "frozen": self._frozen is not None,
            }

    def act(self, action: str, **arguments: object) -> None:
        """`put(sheet=…, …)`, `move(…)`, `remove`, `cover`, `uncover`, `freeze`, `unplug`, `plug`.

        ValueError with words. `sheet` is form, letter, card, card_back, slip or blank; the rest are numbers
        of document_scene.Scene. `put` lays a sheet flat where not told otherwise, `move` changes only what it
        names. `freeze` lasts until the cable has been out and in again.
        """
        match action, arguments:
            case "put", {"sheet": str(name), **rest} if name in SHEETS:
                # A page of A4 fits into view when it lies across.
                self._lay(Scene(name, turn=90.0 if SHEETS[name][1] > 200 else 0.0), rest)
            case "move", {**rest} if rest:
                self._lay(self._scene, rest)
            case "remove", {**rest} if not rest:
                self._lay(Scene(), {})
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
                    f"the document camera knows put(sheet, {', '.join(_HANDS)}), move, remove, cover, "
                    f"uncover, freeze, unplug and plug, not {action}({', '.join(sorted(arguments))}); "
                    f"sheets are {', '.join(SHEETS)}"
                )

    # ── pictures ────────────────────────────────────────────────────────────
    def picture(self) -> bytes:
        """The next picture, a JPEG."""
        with self._lock:
            if self._frozen is not None:
                return self._frozen
            scene = replace(self._scene, light=0.03) if self._covered else self._scene
            key = (scene, next(self._numbers) % VARIANTS)
            if key not in self._pictures:
                self._pictures = {k: v for k, v in self._pictures.items() if k[0] == scene}
                self._pictures[key] = _jpeg(*key)
            return self._pictures[key]

    def _lay(self, scene: Scene, how: dict[str, object]) -> None:
        """ValueError for what a sheet cannot be or do."""
        numbers = {name: float(value) for name, value in how.items() if isinstance(value, int | float)}
        if set(numbers) != set(how) or not set(numbers) <= set(_HANDS):
            raise ValueError(f"a sheet is laid by numbers: {', '.join(_HANDS)}")
        with self._lock:
            self._scene = replace(scene, **numbers)  # type: ignore[arg-type]


def _jpeg(scene: Scene, variant: int) -> bytes:
    cv2 = opencv.load()
    good, data = cv2.imencode(".jpg", draw(scene, variant), [cv2.IMWRITE_JPEG_QUALITY, 90])
    assert good
    return bytes(data)
