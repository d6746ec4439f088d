"""Given `main.py terminal` as it is installed, on a real Xorg, without its hall: hands lead nowhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from drivers.virtual import demo_settings
from drivers.virtual.demo_settings import DemoSettings
from drivers.virtual.processes import Child, Command
from screens.gesture import HOLD
from tests.journeys.hall import until
from tests.locked import gestures
from tests.locked.box import Box, hands_on
from tests.locked.hands import held_together
from tests.locked.xorg import HEIGHT, WIDTH, environment, screen
from tests.smoke.report import Stuck
from tests.smoke.window import Window

NO_PLATFORM = "业务系统暂时无法连接"
TRIES = 6  # of the gesture: on a busy machine a tap may come late
HEADING = (WIDTH / 2, 0.16 * HEIGHT)  # a place of home on which nothing can be touched


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    folder = tmp_path_factory.mktemp("terminal")
    home = folder / "home"
    data = home / "data"
    data.mkdir(parents=True)
    changes = {
        "data": str(data / "terminal"),
        "screen.full_screen": True,
        "screen.outline_socket": str(folder / "outline"),
        "session.idle_seconds": 600.0,
    }
    demo = DemoSettings(data=data, changes=changes)
    file = demo_settings.write_terminal(demo, demo_settings.choose_ports(0))
    with screen(folder / "x") as (server, name):
        argv = ("-m", "tests.locked.watched", "--settings", str(file), "terminal")
        command = Command(
            "terminal",
            (sys.executable, *argv),
            ready="^terminal ready",
            folder=home,
            environment=environment(name, home),
        )
        with Child(command, folder / "terminal.log") as child, hands_on(name) as hands:
            box = Box(child, server, hands, Window(name, folder / "outline"), home, data)
            box.window.page("Home")
            box.window.reads(NO_PLATFORM)  # the last that home learns when nobody is there
            box.remember()
            yield box
    assert child.code == 0


def to_home(box: Box) -> None:
    if box.window.look().page != "Home":
        box.window.tap("home")
        box.window.page("Home")


@pytest.mark.parametrize("way", ["", "theme:1", "help"], ids=["home", "services", "help"])
def test_no_key_does_anything(box: Box, way: str) -> None:
    to_home(box)
    if way:
        at_home = box.seen()
        box.window.tap(way)
        until(lambda: box.seen() != at_home, why=f"{way} leads nowhere")
    before = box.seen()
    for modifiers in held_together():
        box.hands.every_key(modifiers)
        box.hands.sync()
    assert box.troubles() == []
    assert box.seen() == before
    if way == "help":
        box.window.tap("help:close")
    to_home(box)


def test_no_gesture_leads_away(box: Box) -> None:
    width, height = box.hands.size()
    for name, gesture in gestures.ALL.items():
        gesture(box.hands, width, height)
        assert box.troubles() == [], name
        assert "Technician" not in box.window.look().page
    to_home(box)
    box.window.tap("theme:1")
    box.window.page("ChooseService")


def press(box: Box, place: tuple[float, float], seconds: float) -> None:
    box.hands.move(*place)
    box.hands.button(1, True)
    box.hands.sync()
    time.sleep(seconds)
    box.hands.button(1, False)
    box.hands.sync()


def test_the_technicians_gesture_leads_to_a_question_and_from_there_home(box: Box) -> None:
    """Hold, three taps, hold: who knows it stands before a lock, and keys open it no more than before."""
    to_home(box)
    for _ in range(TRIES):
        box.window.look()  # a page that has just come takes no touch
        for seconds in (HOLD + 0.3, 0.05, 0.05, 0.05, HOLD + 0.3):
            press(box, HEADING, seconds)
        with suppress(Stuck):
            box.window.page("TechnicianKey", seconds=5)
            break
    box.window.page("TechnicianKey")
    before = box.seen()
    for modifiers in held_together():
        box.hands.every_key(modifiers)
        box.hands.sync()
    assert box.troubles() == []
    assert box.seen() == before
    to_home(box)
