"""A terminal's window on a display of its own, hands on it, and a judge: is it still alone there?"""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from drivers.virtual.processes import Child, Command
from tests.locked.hands import Hands
from tests.locked.xorg import OURS, environment, screen
from tests.smoke.report import Stuck
from tests.smoke.window import Outline, Window

_CLOCK = re.compile(r"\d{1,2}:\d\d")


@dataclass
class Box:
    """What is there, and how it was when all was well."""

    child: Child
    server: Child
    hands: Hands
    window: Window
    home: Path  # the window's whole world: home, temporary and working folder
    data: Path  # the only part of it that it may write to
    control: Path | None = None
    _windows: list[object] = field(default_factory=list)
    _family: set[int] = field(default_factory=set)
    _files: set[Path] = field(default_factory=set)
    _said: int = 0

    def remember(self) -> None:
        """All is well now; what changes from here on is trouble."""
        self._windows = list(self.hands.windows())
        self._family, self._files = self._processes(), self._outside()
        self._said = len(self._deeds())

    def show(self, page: str) -> None:
        """Brings a page of `pages.py` and waits until it takes touches."""
        self.tell(page)
        self.window.until(lambda seen: bool(seen.items), page)
        if page == "pad":
            self._open("write:relative", "write:done")
        if page == "help":
            self._open("help", "help:close")

    def _open(self, by: str, shows: str) -> None:
        """Touches something, unless what it shows is there already."""
        if self.window.look().item(shows) is None:
            self.window.tap(by)
            self.window.until(lambda seen: seen.item(shows) is not None, shows)

    def tell(self, line: str) -> dict[str, list[str]]:
        """What the core has heard since the page came."""
        assert self.control is not None
        with socket.socket(socket.AF_UNIX) as talk:
            talk.settimeout(60)
            talk.connect(str(self.control))
            talk.sendall(line.encode() + b"\n")
            heard: dict[str, list[str]] = json.loads(talk.makefile("rb").readline())
            return heard

    def troubles(self) -> list[str]:
        """What is not as it was. Empty: the terminal stays."""
        if not self.server.running:
            return ["the X server has ended"]
        with suppress(Stuck):
            self.window.look()  # what was pressed before this has had its effect now
        if not self.child.running:
            return [f"the terminal has ended with {self.child.code}"]
        found = []
        windows: list[object] = list(self.hands.windows())
        if windows != self._windows or len(windows) != 1:
            found.append(f"windows: {windows}, were {self._windows}")
        if [getattr(one, "place", None) for one in windows] != [(0, 0, *self.hands.size())]:
            found.append("the window does not fill the screen")
        if new := self._processes() - self._family:
            found.append(f"{len(new)} new processes")
        if written := self._outside() - self._files:
            found.append(f"written: {sorted(path.name for path in written)}")
        return found + self._deeds()[self._said :]

    def seen(self) -> list[tuple[str, str, bool]]:
        """What can be read and touched, without the clock."""
        outline: Outline = self.window.look()
        items = [(one.name, one.text, one.enabled) for one in outline.items if not _CLOCK.search(one.text)]
        return [("page", outline.page, True), *items]

    def _processes(self) -> set[int]:
        with suppress(psutil.NoSuchProcess):
            return {one.pid for one in psutil.Process(self.child.pid).children(recursive=True)}
        return set()

    def _outside(self) -> set[Path]:
        return {path for path in self.home.rglob("*") if self.data not in (path, *path.parents)}

    def _deeds(self) -> list[str]:
        """Files written outside of its data and programs started, as it tells of itself (watch.py)."""
        told = re.findall(r"^did: .*$", self.child.log.read_text("utf-8", "replace"), re.MULTILINE)
        return [one for one in told if f"'{self.data}" not in one]


@contextmanager
def pages(folder: Path, *broken: str, told: Path = OURS) -> Iterator[Box]:
    """The window with the pages of `pages.py`, on a real Xorg that is told what a terminal's is told."""
    home = folder / "home"
    data = home / "data"
    data.mkdir(parents=True)
    control, outline = folder / "control", folder / "outline"
    with screen(folder / "x", told) as (server, name):
        argv = ("-m", "tests.locked.pages", str(control), str(outline), str(data), *broken)
        command = Command(
            "pages",
            (sys.executable, *argv),
            ready="^pages ready",
            folder=home,
            environment=environment(name, home),
        )
        with Child(command, folder / "pages.log") as child:
            with hands_on(name) as hands:
                box = Box(child, server, hands, Window(name, outline), home, data, control)
                box.window.page("Home")
                box.remember()
                yield box


@contextmanager
def hands_on(name: str) -> Iterator[Hands]:
    hands = Hands(name)
    try:
        yield hands
    finally:
        hands.close()
