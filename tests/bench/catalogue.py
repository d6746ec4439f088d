"""A catalogue of 420 items beside the built-in one: read, started with, looked through on the real window."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config.catalogue_files import load_catalogue
from drivers.virtual.processes import Child
from tests.bench.glass import Glass
from tests.bench.many_items import write_items
from tests.bench.surroundings import Surroundings, outline, surroundings, wait_page
from tests.bench.table import Row

ITEMS, READS, STARTS, TURNS = 420, 7, 3, 8
MANY, BUILT_IN = "many", "built-in"
SIDE = 240  # of the square that is looked at, pixels: part of a list's names
CALM_SECONDS, PAUSE_SECONDS = 4.0, 0.45  # after a start; a new page takes no touch for 0.2 s
Taken = dict[str, list[float]]
Item = dict[str, Any]


@dataclass(frozen=True)
class Window:
    """One terminal, and the glass that it draws on."""

    name: str
    hall: Surroundings
    child: Child
    glass: Glass


def run() -> list[Row]:
    """Reading, start, the page of a theme, paging and search."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        items = folder / "items"
        write_items(items, ITEMS - len(load_catalogue().services))
        reading = _reading(items)
        windows = [
            _window(stack, MANY, folder / "a", {"catalogue": [str(items)]}),
            _window(stack, BUILT_IN, folder / "b", {}),
        ]
        starts = _starts(windows)
        time.sleep(CALM_SECONDS)
        themes, pages, letters = _looked_through(windows)
    return [
        _row(f"a catalogue of {ITEMS} items: read", reading, "ms"),
        _row("the same: start → usable home", starts, "s", at_most=1.2),
        _row("the same: tap → a theme of some 50", themes, "ms"),
        _row("the same: tap → the list's next page", pages, "ms"),
        _row("the same: search, letter → what is left", letters, "ms"),
    ]


def _window(stack: contextlib.ExitStack, name: str, folder: Path, changes: dict[str, Any]) -> Window:
    hall = stack.enter_context(surroundings(folder, changes))
    child = hall.terminal("terminal")
    glass = stack.enter_context(Glass(hall.display, SIDE))
    stack.callback(child.stop)
    return Window(name, hall, child, glass)


# ── measuring ───────────────────────────────────────────────────────────────
def _reading(items: Path) -> Taken:
    """Milliseconds to read and check all files, from a warm disk."""
    taken: Taken = {MANY: [], BUILT_IN: []}
    for _ in range(READS):
        for name, folders in ((MANY, (items,)), (BUILT_IN, ())):
            begun = time.perf_counter()
            load_catalogue(folders)
            taken[name].append((time.perf_counter() - begun) * 1000)
    return taken


def _starts(windows: Sequence[Window]) -> Taken:
    """Seconds from the start of the process to a home page that takes touches. The last ones stay open."""
    taken: Taken = {window.name: [] for window in windows}
    for turn in range(STARTS + 1):
        for window in windows:
            window.child.stop()
            begun = time.perf_counter()
            window.child.launch()
            wait_page(window.hall.outline, "Home", 60)
            if turn > 0:  # the first fills caches
                taken[window.name].append(time.perf_counter() - begun)
            time.sleep(1.0)
    return taken


def _looked_through(windows: Sequence[Window]) -> tuple[Taken, Taken, Taken]:
    """Milliseconds from a finger leaving the glass to another picture: theme, next page, letter of search."""
    themes: Taken = {window.name: [] for window in windows}
    pages: Taken = {window.name: [] for window in windows}
    letters: Taken = {window.name: [] for window in windows}
    for _ in range(TURNS):
        for window in windows:
            told, shown = wait_page(window.hall.outline, "Home"), window.hall.outline
            themes[window.name].append(_touch(window, told, _theme(told)))
            told = wait_page(shown, "ChooseService")
            if forward := _next(told):
                pages[window.name].append(_touch(window, told, forward))
            _touch(window, outline(shown), _named(outline(shown), "home"))
            told = wait_page(shown, "Home")
            _touch(window, told, _named(told, "way:search"))
            told = wait_page(shown, "Find")
            letters[window.name].append(_touch(window, told, _named(told, "key:D")))
            _touch(window, outline(shown), _named(outline(shown), "home"))
            wait_page(shown, "Home")
    return themes, pages, letters


def _touch(window: Window, told: Item, item: Item) -> float:
    """Milliseconds until the list, or what is in its place, is another."""
    x, y, width, height = item["rect"]
    spot = _list_place(told)
    before = window.glass.look(*spot)
    up = window.glass.tap(round(x + width / 2), round(y + height / 2))
    taken = (window.glass.changed(*spot, before) - up) * 1000
    time.sleep(PAUSE_SECONDS)
    return taken


def _list_place(told: Item) -> tuple[int, int]:
    """A square over the names of the first cards, which no finger is on."""
    listed = [one for one in told["items"] if one["name"].startswith(("service:", "theme:"))]
    x, y, _, _ = listed[0]["rect"] if listed else (60, 400, 0, 0)
    return round(x) + 20, round(y) + 10


def _theme(told: Item) -> Item:
    """The last tile: its neighbour, not itself, is where one looks."""
    tiles: list[Item] = [one for one in told["items"] if one["name"].startswith("theme:")]
    return tiles[-1]


def _next(told: Item) -> Item | None:
    return next((one for one in told["items"] if one["name"] == "page:next" and one["enabled"]), None)


def _named(told: Item, name: str) -> Item:
    found: Item = next(item for item in told["items"] if item["name"] == name)
    return found


def _row(what: str, taken: Taken, unit: str, at_most: float | None = None) -> Row:
    middle: Callable[[list[float]], float] = statistics.median
    peers = {BUILT_IN: middle(taken[BUILT_IN])} if taken[BUILT_IN] else {}
    return Row(what, middle(taken[MANY]), unit, peers, at_most=at_most)
