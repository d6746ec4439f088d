"""Tells over a local socket what stands on the glass, so that a test can touch it. Bench only.

Each connection gets one line of JSON and is closed. Nothing is written anywhere;
the words in view may be personal, so a terminal in a hall never sets the socket.
"""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import threading
from pathlib import Path
from typing import Any

from kivy.clock import Clock

_PATIENCE = 5.0  # seconds for the drawing thread to answer, and for a slow reader
_log = logging.getLogger(__name__)


class Outline:
    """A thread that owns the socket until `close`."""

    def __init__(self, path: str, scene: Any) -> None:
        """Listens at `path`, which only the own user may open. OSError when that fails."""
        self._path, self._scene = Path(path), scene
        self._path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.bind(path)
        self._path.chmod(0o600)
        self._socket.listen(8)
        self._closing = False
        self._thread = threading.Thread(target=self._serve, name="outline", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and removes the socket."""
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends a waiting accept
        self._socket.close()
        self._thread.join(_PATIENCE)
        self._path.unlink(missing_ok=True)

    def _serve(self) -> None:
        while not self._closing:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                connection.settimeout(_PATIENCE)
                connection.sendall(json.dumps(self._ask(), ensure_ascii=False).encode() + b"\n")

    def _ask(self) -> dict[str, Any]:
        """The outline, taken on the drawing thread; `{"page": ""}` when that does not answer."""
        told: dict[str, Any] = {}
        ready = threading.Event()

        def take(_: float) -> None:
            if not self._scene.settled():
                Clock.schedule_once(take, 0.02)  # what is told of can be touched
                return
            told.update(outline(self._scene))
            ready.set()

        Clock.schedule_once(take)
        return told if ready.wait(_PATIENCE) else {"page": "", "items": []}


def outline(scene: Any) -> dict[str, Any]:
    """What is visible, with rectangles in window pixels from the top left."""
    page, items = scene.visible()
    return {
        "page": page,
        "window": [scene.t.width, scene.t.height],
        "language": scene.language,
        "items": [
            {
                "name": item.name,
                "role": item.role,
                "text": item.text,
                "enabled": item.enabled,
                "rect": [item.area.x, item.area.y, item.area.w, item.area.h],
            }
            for item in items
        ],
    }
