"""The terminal's window beside the same on Kivy's own loop and a like page in Chromium, seen from outside.

Touches are XTest's, changes are pixels of the display, in the same way for all three and in changing order.
"""

from __future__ import annotations

import contextlib
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from drivers.virtual.processes import Child
from tests.bench.browser import GROUND, browser, write_page
from tests.bench.glass import Glass
from tests.bench.surroundings import Surroundings, family, outline, screen, surroundings, wait_page
from tests.bench.table import Row

PRESSES, PAGES, STARTS = 60, 25, 3
CALM_SECONDS = 6.0  # after a start: models are loaded, devices opened
IDLE_SECONDS = 20.0
OURS, STOCK, CHROMIUM = "ours", "stock Kivy", "Chromium"
NOWHERE = (3, 640)  # the ground beside the tiles


@dataclass(frozen=True)
class Window:
    """One of the three: a program and the glass that it draws on. `ready` waits for its home page."""

    name: str
    child: Child
    glass: Glass
    ready: Callable[[], object]


@dataclass(frozen=True)
class Spot:
    """Where to touch something, and a plain place of it to look at; pixels from the top left."""

    x: int
    y: int
    seen: tuple[int, int]


def run() -> list[Row]:
    """Latency, start, idle processor time and memory."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        halls = [stack.enter_context(surroundings(folder / one)) for one in ("ours", "stock")]
        home, next_page = _learn(halls[0])
        write_page(folder / "page.html", home, next_page)
        third = stack.enter_context(screen(folder))
        windows = [*_terminals(stack, *halls), _chromium(stack, third, folder)]
        for window in windows:
            stack.callback(window.child.stop)
        starts = _starts(windows)
        idle = _idle(windows)
        presses = _presses(windows, _tiles(home))
        pages = _pages(
            windows, _tiles(home)[0], _only_at_home(home, next_page), _spot(_named(next_page, "home"))
        )
        memory = _memory(windows, halls[0], folder)
    return [
        *_latency("press → the tile shows it", presses, (16.0, 20.0), ("6", "8")),
        *_latency("tap → next page", pages, (None, None), ("", "")),
        _row("start → usable home", starts, "s", at_most=1.2),
        _row("idle processor time", idle, "%", at_most=0.7, aim="0.3"),
        *memory,
    ]


# ── the three ───────────────────────────────────────────────────────────────
def _learn(hall: Surroundings) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What stands where at home and behind the first tile; a first start, which is not timed."""
    with hall.terminal("terminal") as child, Glass(hall.display) as glass:
        home = wait_page(hall.outline, "Home")["items"]
        tile = _tiles(home)[0]
        glass.tap(tile.x, tile.y)
        next_page = wait_page(hall.outline, "ChooseService")["items"]
        child.stop()
    return home, next_page


def _terminals(stack: contextlib.ExitStack, ours: Surroundings, stock: Surroundings) -> Iterator[Window]:
    for name, hall, environment in ((OURS, ours, {}), (STOCK, stock, {"KT_STOCK_LOOP": "1"})):
        glass = stack.enter_context(Glass(hall.display))
        ready = lambda hall=hall: wait_page(hall.outline, "Home")  # noqa: E731
        yield Window(name, hall.terminal("terminal", environment), glass, ready)


def _chromium(stack: contextlib.ExitStack, display: str, folder: Path) -> Window:
    glass = stack.enter_context(Glass(display))
    child = browser("chromium", display, folder, (folder / "page.html").as_uri())
    return Window(CHROMIUM, child, glass, lambda: _wait_colour(glass))


def _wait_colour(glass: Glass, seconds: float = 30.0) -> None:
    """Waits until the page's ground is to be seen; the window before it is white."""
    end = time.monotonic() + seconds
    while glass.colour(*NOWHERE) != GROUND:
        if time.monotonic() > end:
            raise TimeoutError("Chromium does not show its page")
        time.sleep(0.005)


# ── measuring ───────────────────────────────────────────────────────────────
def _starts(windows: Sequence[Window]) -> dict[str, list[float]]:
    """Seconds from the start of the process to a home page that takes touches. The last ones stay open."""
    taken: dict[str, list[float]] = {window.name: [] for window in windows}
    for turn in range(STARTS + 1):
        for window in windows:
            window.child.stop()
            begun = time.perf_counter()
            window.child.launch()
            window.ready()
            if turn > 0:  # the first fills caches and profiles
                taken[window.name].append(time.perf_counter() - begun)
            time.sleep(1.0)
    return taken


def _idle(windows: Sequence[Window]) -> dict[str, list[float]]:
    """Per cent of one core while nobody touches anything, all three at the same time."""
    time.sleep(CALM_SECONDS)
    before = {window.name: _processor_seconds(window.child) for window in windows}
    begun = time.perf_counter()
    time.sleep(IDLE_SECONDS)
    passed = time.perf_counter() - begun
    return {
        window.name: [(_processor_seconds(window.child) - before[window.name]) / passed * 100]
        for window in windows
    }


def _presses(windows: Sequence[Window], tiles: Sequence[Spot]) -> dict[str, list[float]]:
    """Milliseconds from a finger coming down to a changed picture under it. The finger slides off again."""
    taken: dict[str, list[float]] = {window.name: [] for window in windows}
    for _ in range(PRESSES):
        tile = random.choice(tiles)
        for window in random.sample(windows, len(windows)):
            glass = window.glass
            before = glass.look(*tile.seen)
            glass.move(tile.x, tile.y)
            time.sleep(random.uniform(0.10, 0.13))
            down = glass.press()
            taken[window.name].append((glass.changed(*tile.seen, before) - down) * 1000)
            glass.move(*NOWHERE)
            glass.release()
            glass.shows(*tile.seen, before, 3.0)
            time.sleep(0.2)  # the terminal draws all once more 150 ms after a press
    return taken


def _pages(
    windows: Sequence[Window], tile: Spot, other: tuple[int, int], back: Spot
) -> dict[str, list[float]]:
    """Milliseconds from a finger leaving a tile to the next page, seen at `other`, and home again."""
    taken: dict[str, list[float]] = {window.name: [] for window in windows}
    for _ in range(PAGES):
        for window in random.sample(windows, len(windows)):
            glass = window.glass
            before = glass.look(*other)
            up = glass.tap(tile.x, tile.y)
            taken[window.name].append((glass.changed(*other, before) - up) * 1000)
            time.sleep(0.35)  # a new page takes no touch for 0.2 s
            glass.tap(back.x, back.y)
            glass.shows(*other, before, 3.0)
            time.sleep(0.35)
    return taken


def _memory(windows: Sequence[Window], hall: Surroundings, folder: Path) -> list[Row]:
    """Our terminal with its face engine beside a bare page in Chromium, each as alone as can be."""
    ours, *others = windows
    for window in others:
        window.child.stop()
    hall.leave_alone()
    if "cv2" not in Path(f"/proc/{ours.child.pid}/maps").read_text():
        raise RuntimeError("the terminal has not loaded its face engine")
    if outline(hall.outline)["page"] == "":
        raise RuntimeError("the terminal no longer answers")
    own = [process.memory_full_info() for process in family(ours.child)]
    ours.child.stop()
    (folder / "bare.html").write_text(f"<body style='background:#{GROUND}'>")
    display = others[-1].child.command.environment["DISPLAY"]
    with browser("bare", display, folder, (folder / "bare.html").as_uri()) as bare:
        _wait_colour(others[-1].glass)
        time.sleep(3.0)
        theirs = sum(process.memory_full_info().pss for process in family(bare)) / 2**20
    pss, rss = (sum(getattr(one, kind) for one in own) / 2**20 for kind in ("pss", "rss"))
    return [
        Row("memory, face engine loaded (PSS)", pss, "MB", {"Chromium, bare page": theirs}, at_most=250),
        Row("the same beside Chromium", pss, "MB", {"Chromium, bare page": theirs}, ratio_at_most=0.6),
        Row("the same with all that it shares (RSS)", rss, "MB"),
    ]


def _processor_seconds(child: Child) -> float:
    spent = 0.0
    for process in family(child):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            spent += times.user + times.system
    return spent


# ── places and rows ─────────────────────────────────────────────────────────
def _tiles(home: Sequence[dict[str, Any]]) -> list[Spot]:
    """The themes that can be touched; at least two are needed."""
    return [_spot(item) for item in home if item["name"].startswith("theme:") and item["enabled"]]


def _only_at_home(home: Sequence[dict[str, Any]], next_page: Sequence[dict[str, Any]]) -> tuple[int, int]:
    """A plain place of a tile, right of its words, where the next page shows its ground. Not of the first
    tile, which is touched and shows that by itself.

    ValueError when there is none: then the bench wants another place to look at.
    """
    tiles = [item for item in home if item["name"].startswith("theme:") and item["enabled"]]
    for tile in tiles[1:]:
        x, y, width, height = tile["rect"]
        others = [item["rect"] for item in (*home, *next_page) if item is not tile]
        for down in range(12, int(height) - 12, 2):
            place = round(x + width * 0.8), round(y + down)
            if not any(_covers(rect, place) for rect in others):
                return place
    raise ValueError("the next page covers every tile of home")


def _covers(rect: Sequence[float], place: tuple[int, int], margin: float = 4.0) -> bool:
    x, y, width, height = rect
    return x - margin <= place[0] <= x + width + margin and y - margin <= place[1] <= y + height + margin


def _named(items: Sequence[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(item for item in items if item["name"] == name)


def _spot(item: dict[str, Any]) -> Spot:
    x, y, width, height = item["rect"]
    return Spot(
        round(x + width / 2), round(y + height / 2), (round(x + width * 0.6), round(y + height * 0.2))
    )


def _latency(
    what: str,
    taken: dict[str, list[float]],
    budgets: tuple[float | None, float | None],
    aims: tuple[str, str],
) -> list[Row]:
    high = {name: [_high(times)] for name, times in taken.items()}
    return [
        _row(f"{what}, median", taken, "ms", budgets[0], aims[0]),
        _row(f"{what}, p95", high, "ms", budgets[1], aims[1]),
    ]


def _high(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1]


def _row(
    what: str, taken: dict[str, list[float]], unit: str, at_most: float | None = None, aim: str = ""
) -> Row:
    middle = {name: statistics.median(times) for name, times in taken.items()}
    return Row(what, middle.pop(OURS), unit, middle, at_most=at_most, aim=aim)
