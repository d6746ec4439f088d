"""The counter's pads at the wire: what a hall's engineer holds in his hand while he writes the driver."""

from __future__ import annotations

import threading
from pathlib import Path

from drivers.virtual.pty_line import PtyLine


class VirtualPad:
    """Either pad on a PTY named `link`: `touch` a key, `write` a signature, `dark` tells whether it rests."""

    name = "counter_pad"

    def __init__(self, link: Path) -> None:
        self.link = link
        self.dark = True
        self.lit = threading.Event()
        self._key, self._written, self._heard = 0, "", b""
        self._line: PtyLine | None = None

    def start(self) -> None:
        """The cable goes in."""
        self._line = PtyLine(self.link, self._hear)

    def stop(self) -> None:
        """The cable comes out."""
        line, self._line = self._line, None
        if line is not None:
            line.pull()

    def touch(self, key: int) -> None:
        """A finger on one of the five keys."""
        self._key = key

    def write(self, points: str) -> None:
        """A signature, in the pad's words, and *done*."""
        self._written = points

    def state(self) -> dict[str, object]:
        """As a bench page would show it."""
        return {"plugged": self._line is not None, "dark": self.dark, "link": str(self.link)}

    def act(self, action: str, **arguments: object) -> None:
        """`touch(key=…)`. ValueError with words."""
        if action != "touch":
            raise ValueError(f"the pad knows touch, not {action}")
        self.touch(int(str(arguments["key"])))

    def _hear(self, data: bytes) -> None:
        self._heard += data
        while b"\r" in self._heard:
            line, _, self._heard = self._heard.partition(b"\r")
            body = line[:-2]
            if len(body) == 3 and line[-2:] == _sum(body) and self._line is not None:
                answer = body[:2] + self._answer(chr(body[2])).encode()
                self._line.say(answer + _sum(answer) + b"\r")

    def _answer(self, question: str) -> str:
        match question:
            case "?":
                return "Counter pad 1.0"
            case "L":
                self._key, self.dark = 0, False
                self.lit.set()
            case "S":
                self.dark = False
                self.lit.set()
            case "K":
                return str(self._key)
            case "P":
                return self._written
            case "D":
                self._key, self._written, self.dark = 0, "", True
        return "ok"


def _sum(body: bytes) -> bytes:
    return f"{sum(body) % 256:02X}".encode()
