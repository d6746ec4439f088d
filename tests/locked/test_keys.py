"""Given a keyboard, a mouse and a finger on the citizen's screen, nothing leads away from it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.hall import until
from tests.locked import gestures
from tests.locked.box import Box, pages
from tests.locked.hands import ALT, CONTROL, held_together
from tests.locked.pages import PAGES

BETWEEN_KEYS = 0.08  # seconds; more than a scanner leaves (screens/scan_keys.py)
# A proper touch on each page; it is answered, or changes what is to be seen.
PROPER = {
    "home": "theme:1",
    "guide": "start",
    "form": "home",
    "pad": "write:done",
    "pin": "home",
    "waiting": "home",
    "result": "choice:finish",
    "closed": "language",
    "help": "help:close",
    "warning": "continue",
}


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    with pages(tmp_path_factory.mktemp("box")) as box:
        yield box


def answers_a_touch(box: Box, page: str) -> None:
    before = box.seen()
    box.window.tap(PROPER[page])
    until(lambda: box.tell("told")["answers"] or box.seen() != before, why=f"{page} does not answer a touch")


@pytest.mark.parametrize("page", PAGES)
def test_no_key_and_no_combination_of_keys_does_anything(box: Box, page: str) -> None:
    """Each key that the server knows, with every combination of Shift, Ctrl, Alt, Super and AltGr."""
    box.show(page)
    before = box.seen()
    for modifiers in held_together():
        box.hands.every_key(modifiers)
        box.hands.sync()
        assert box.troubles() == [], f"after all keys with {modifiers}"
        assert box.seen() == before, f"after all keys with {modifiers}"
    heard = box.tell("told")
    assert heard["codes"], "the keys have not reached the window: this test saw nothing"
    assert heard["answers"] == []
    answers_a_touch(box, page)


@pytest.mark.parametrize("page", ["form", "pad", "pin"])
def test_typed_keys_fill_nothing(box: Box, page: str) -> None:
    """As a person types: a scanner's code is a burst, and goes to the core."""
    box.show(page)
    before = box.seen()
    for key in ("1", "2", "3", "4", "5", "6", "a", "n", "space", "BackSpace", "Return", "Tab"):
        box.hands.type(key)
        box.window.look()  # the window has heard it: on a busy machine two would come at once
        time.sleep(BETWEEN_KEYS)
    assert box.seen() == before
    assert box.tell("told") == {"answers": [], "codes": [], "gestures": []}


@pytest.mark.parametrize("page", PAGES)
def test_no_gesture_leads_away(box: Box, page: str) -> None:
    width, height = box.hands.size()
    for name, gesture in gestures.ALL.items():
        box.show(page)  # a gesture may have answered, or closed what lay over it
        gesture(box.hands, width, height)
        assert box.troubles() == [], name
    assert box.tell("told")["gestures"] == [], "the technician's is another one"
    box.show(page)
    answers_a_touch(box, page)


def zap(box: Box) -> None:
    """Ctrl+Alt+Backspace with a layout that gives it its old meaning."""
    box.hands.lay_out("terminate:ctrl_alt_bksp")
    box.hands.type("BackSpace", CONTROL, ALT)


def test_the_server_is_not_ended_by_a_keyboard_that_says_it_may(box: Box, tmp_path: Path) -> None:
    zap(box)
    assert box.troubles() == []
    box.show("home")
    answers_a_touch(box, "home")
    (tmp_path / "nothing").mkdir()
    with pages(tmp_path / "stock", told=tmp_path / "nothing") as stock:
        zap(stock)
        until(lambda: stock.troubles() == ["the X server has ended"], why="nothing was pressed above either")


def test_what_a_careless_change_would_bring_is_noticed(tmp_path: Path) -> None:
    """A key that keeps a picture, one that starts a program, and one that leaves."""
    with pages(tmp_path, "picture", "program", "escape") as broken:
        for key, told in (
            ("F1", "written: ['picture"),
            ("F2", "did: subprocess.Popen 'sleep'"),
            ("Escape", "the terminal has ended with 0"),
        ):
            broken.hands.type(key)
            notices(broken, told)


def notices(box: Box, told: str) -> None:
    until(lambda: told in " ".join(box.troubles()), why=f"a broken window passes: not {told}")
