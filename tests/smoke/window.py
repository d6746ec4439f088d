"""The terminal's window as a citizen has it: what is to be read on it, and a finger.

What is on the screen comes from the outline socket (`screens/outline.py`); touches are real ones of the X
server, made by xdotool at the middle of what they are meant for.
"""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.smoke.report import Stuck

LOOK_SECONDS = 0.03
_CLOCK = re.compile(r"\d{1,2}:\d\d")


@dataclass(frozen=True)
class Item:
    """Something on the screen. `rect` is x, y, width, height in pixels from the top left."""

    name: str
    role: str
    text: str
    enabled: bool
    rect: tuple[float, float, float, float]


@dataclass(frozen=True)
class Outline:
    """One look at the screen."""

    page: str
    language: str
    items: tuple[Item, ...]

    def item(self, name: str) -> Item | None:
        """The first item of that name."""
        return next((item for item in self.items if item.name == name), None)

    @property
    def still(self) -> tuple[Item, ...]:
        """The items but for the clock, which turns by itself."""
        return tuple(item for item in self.items if not _CLOCK.fullmatch(item.text))

    @property
    def text(self) -> str:
        """All that is to be read, a line each."""
        return "\n".join(item.text for item in self.items if item.text)


class Window:
    """Owns no process; every call opens its own connection."""

    def __init__(self, display: str, outline: Path) -> None:
        self._environment = {**os.environ, "DISPLAY": display}
        self._socket = outline
        self.visited: list[str] = []

    def look(self) -> Outline:
        """What is on the screen now. Stuck when the window does not answer."""
        try:
            told = self._ask()
        except (OSError, ValueError) as error:
            raise Stuck(f"the window does not tell what it shows: {error}") from None
        items = tuple(
            Item(one["name"], one["role"], one["text"], one["enabled"], tuple(one["rect"]))
            for one in told["items"]
        )
        outline = Outline(told["page"], told.get("language", ""), items)
        if outline.page and self.visited[-1:] != [outline.page]:  # no page: the window is held up
            self.visited.append(outline.page)
        return outline

    def until(self, holds: Callable[[Outline], bool], waiting_for: str, seconds: float = 60.0) -> Outline:
        """Looks until it holds. Stuck after that time, telling what was on the screen instead."""
        end = time.monotonic() + seconds
        while True:
            outline = self.look()
            if holds(outline):
                return outline
            if time.monotonic() > end:
                said = " / ".join(outline.text.split("\n"))[:300]
                raise Stuck(f"waited {seconds:g} s for {waiting_for}; there was {outline.page}: {said}")
            time.sleep(LOOK_SECONDS)

    def changed(self, before: Outline, waiting_for: str) -> Outline:
        """Waits until something else is on the screen than `before`, but for the clock."""
        return self.until(lambda now: now.still != before.still, waiting_for)

    def page(self, *names: str, seconds: float = 60.0) -> Outline:
        """Waits for one of these pages."""
        return self.until(lambda outline: outline.page in names, f"the page {' or '.join(names)}", seconds)

    def reads(self, text: str, seconds: float = 60.0) -> Outline:
        """Waits until this can be read on the screen."""
        return self.until(lambda outline: text in outline.text, f"the words {text!r}", seconds)

    def tap(self, name: str, seconds: float = 60.0) -> float:
        """Touches what has this name, as soon as it may be touched. Returns the moment (monotonic)."""
        outline = self.until(
            lambda o: (i := o.item(name)) is not None and i.enabled, f"{name} to touch", seconds
        )
        item = outline.item(name)
        assert item is not None
        self.touch(item)
        return time.monotonic()

    def touch(self, item: Item) -> None:
        """Touches the middle of an item, whether it may be touched or not."""
        x, y = item.rect[0] + item.rect[2] / 2, item.rect[1] + item.rect[3] / 2
        self._xdotool("mousemove", str(round(x)), str(round(y)), "click", "1")

    def draw(self, item: Item, stroke: Sequence[tuple[float, float]]) -> None:
        """Draws with the finger on an item, from point to point in shares of its width and height."""
        left, top, width, height = item.rect
        places = [(str(round(left + x * width)), str(round(top + y * height))) for x, y in stroke]
        moves = [word for place in places[1:] for word in ("mousemove", *place, "sleep", "0.02")]
        self._xdotool("mousemove", *places[0], "mousedown", "1", "sleep", "0.02", *moves, "mouseup", "1")

    def press(self, spot: tuple[int, int], seconds: Sequence[float]) -> None:
        """Presses a spot (pixels) again and again, each time for so long."""
        each = [("mousedown", "1", "sleep", f"{one:g}", "mouseup", "1", "sleep", "0.3") for one in seconds]
        self._xdotool("mousemove", *map(str, spot), *(word for one in each for word in one))

    def picture(self, path: Path) -> None:
        """Keeps what is on the screen as a PNG, for whoever reads a failure."""
        from PIL import ImageGrab

        path.parent.mkdir(parents=True, exist_ok=True)
        ImageGrab.grab(xdisplay=self._environment["DISPLAY"]).save(path)

    def _ask(self) -> Any:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(30.0)
            line.connect(str(self._socket))
            return json.loads(line.makefile("rb").readline())

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(["xdotool", *arguments], env=self._environment, check=True, timeout=60)
