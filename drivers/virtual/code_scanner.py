"""A code scanner on a PTY, with a hand that holds codes before it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from drivers.virtual.pty_line import PtyLine

_LONGEST = 4296  # characters of the largest QR code
TERMINATOR = b"\r"
GARBAGE = bytes((byte * 11 + 3) & 0xFF | 0x80 for byte in range(40))  # as at a wrong rate


class VirtualCodeScanner:
    """A scanner whose terminal end is the symbolic link `link`. It ends each code with CR.

    `papers`: the pictures of what has been printed, oldest first, to be held before it.
    """

    def __init__(self, link: Path, papers: Callable[[], Sequence[bytes]] = tuple) -> None:
        self.name = "code_scanner"
        self._papers = papers
        self._link = link
        self._lock = threading.Lock()  # guards everything below
        self._line: PtyLine | None = None
        self._last = ""
        self._scans = 0
        self._told = b""

    def start(self) -> None:
        """Makes the PTY and its link."""
        with self._lock:
            if self._line is None:
                self._line = PtyLine(self._link, self._heard)

    def stop(self) -> None:
        """Ends the thread, closes the PTY, removes the link."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:  # without the lock: the line's thread may be waiting for it
            line.pull()

    def state(self) -> dict[str, object]:
        """`plugged`, `scans` so far, the `last` text, and `told`: what the terminal has sent, in hex."""
        with self._lock:
            return {
                "plugged": self._line is not None,
                "link": str(self._link),
                "scans": self._scans,
                "last": self._last or None,
                "told": self._told.hex(" "),
            }

    def act(self, action: str, **arguments: object) -> None:
        """`scan(text=…)`, `scan_paper`: the code on the newest paper, `half(text=…)`: the first half of a
        code and no end, `garbage`, `unplug`, `plug`.

        ValueError with words.
        """
        match action, arguments:
            case (("scan" | "half"), {"text": str(text), **rest}) if not rest:
                if not 0 < len(text) <= _LONGEST:
                    raise ValueError(f"a code has 1–{_LONGEST} characters")
                self._scan(text, whole=action == "scan")
            case "scan_paper", {**rest} if not rest:
                self._scan(self._on_paper(), whole=True)
            case "garbage", {**rest} if not rest:
                self._say(GARBAGE + TERMINATOR)
            case "unplug", {**rest} if not rest:
                self.stop()
            case "plug", {**rest} if not rest:
                self.start()
            case _:
                raise ValueError(
                    "the scanner knows scan(text), scan_paper, half(text), garbage, unplug and plug, "
                    f"not {action}({', '.join(sorted(arguments))})"
                )

    def _scan(self, text: str, whole: bool) -> None:
        data = text.encode()
        self._say(data + TERMINATOR if whole else data[: max(1, len(data) // 2)])
        with self._lock:
            self._last = text
            self._scans += 1

    def _on_paper(self) -> str:
        import cv2  # slow to load, and seldom wanted
        import numpy as np

        for png in reversed(self._papers()):
            picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
            if picture is None:
                continue
            read: list[tuple[float, str]] = []
            for eye in (cv2.QRCodeDetector(), cv2.QRCodeDetectorAruco()):  # either may overlook one of two
                _, said, corners, _ = eye.detectAndDecodeMulti(picture)
                places = zip(said, corners if said else (), strict=True)
                read += [(float(at[:, 1].min()), code) for code, at in places if code]
            if read := sorted(read):
                return str(read[0][1])  # of several the topmost
        raise ValueError("there is no paper with a code")

    def _say(self, data: bytes) -> None:
        with self._lock:
            line = self._line
        if line is None:
            raise ValueError("the scanner's cable is out")
        line.say(data)

    def _heard(self, data: bytes) -> None:
        with self._lock:
            self._told = (self._told + data)[-64:]
