"""A real X server with a pointer whose touches are off: crosses, the new map tried, kept or taken back."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.settings import ScreenSettings
from kiosk.prompts import TouchCrosses, Touched
from kiosk.readiness.x_tools import set_matrix
from kiosk.technician import touch, touch_fit, touch_panel
from kiosk.technician.touch_fit import CROSSES, IDENTITY, Matrix, alike, mapped
from kiosk.technician.touch_panel import Calibration, Screen, panels
from tests.kiosk.technician.room import acted, choose, key, play

NAME = "Virtual core XTEST pointer"
WIDTH, HEIGHT = 540, 960
TURNED: Matrix = (0.0, -1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)  # as screen-ready sets it for `left`


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """An X server of our own on a free display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{HEIGHT}x24"]
    command += ["-nolisten", "tcp", "-noreset"]  # else it begins anew after each xinput
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield f":{told.readline().strip()}"
    finally:
        server.terminate()
        server.wait(30)


@pytest.fixture
def where(display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Screen:
    """The terminal's screen, whose panel is the pointer that tests may move."""
    conf = tmp_path / "screen.conf"
    conf.write_text(f'TOUCH="{NAME}"\n', encoding="utf-8")
    told = Screen({**os.environ, "DISPLAY": display, "LC_ALL": "C.UTF-8"}, conf)
    monkeypatch.setattr(touch_panel, "screen", lambda: told)
    set_matrix(told.environment, panels(told)[0], IDENTITY)
    return told


def matrix(where: Screen) -> Matrix:
    (panel,) = panels(where)
    return panel.matrix


def touches(where: Screen, fault: Matrix) -> Any:
    """Somebody touches each cross of a panel that reports it so wrongly; X maps it as it is told."""

    def touch_all(prompt: TouchCrosses) -> Touched:
        now = matrix(where)
        return Touched(tuple(mapped(now, mapped(fault, cross)) for cross in prompt.crosses))

    return touch_all


FAULT: Matrix = (0.9, 0.02, 0.06, -0.01, 1.1, -0.04, 0, 0, 1)


def lands(where: Screen, fault: Matrix, place: tuple[float, float]) -> tuple[float, float]:
    """Where a touch lands that the panel reports wrongly."""
    return mapped(matrix(where), mapped(fault, place))


def test_x_moves_the_pointer_by_the_map_that_was_set(where: Screen) -> None:
    """A test cannot touch absolutely: XTEST's absolute places pass the map by, its movements do not."""
    env = dict(where.environment)

    def xdotool(*words: str) -> str:
        command = ["xdotool", *words]
        return subprocess.run(command, env=env, check=True, timeout=30, capture_output=True, text=True).stdout

    set_matrix(where.environment, panels(where)[0], (0.5, 0, 0, 0, 2, 0, 0, 0, 1))
    xdotool("mousemove", "100", "200")
    xdotool("mousemove_relative", "40", "20")
    assert xdotool("getmouselocation", "--shell").split()[:2] == ["X=120", "Y=240"]


@pytest.mark.parametrize("base", [IDENTITY, TURNED], ids=["upright", "turned"])
def test_given_crosses_touched_and_the_new_map_confirmed_then_touches_land_and_it_comes_back_after_a_start(
    where: Screen, tmp_path: Path, base: Matrix
) -> None:
    set_matrix(where.environment, panels(where)[0], base)
    inverse = (0.0, 1.0, 0.0, -1.0, 0.0, 1.0, 0.0, 0.0, 1.0) if base == TURNED else IDENTITY
    fault: Matrix = touch_fit.after(inverse, FAULT) if base == TURNED else FAULT
    seen = play(tmp_path, key, *choose("touch"), touches(where, fault), *choose("keep", "back", "leave"))
    assert "TouchCrosses" in seen.pages()
    for place in [(0.2, 0.3), (0.9, 0.6)]:
        assert lands(where, fault, place) == pytest.approx(place, abs=1e-3)
    assert acted(tmp_path)[-2][1:] == ("touch_calibrated", NAME, "", "kept")

    calibrated = matrix(where)
    set_matrix(
        where.environment, panels(where)[0], base
    )  # X has started anew, or the panel was plugged again
    assert touch_panel.renew(where, tmp_path / "terminal")
    assert alike(matrix(where), calibrated)
    assert not touch_panel.renew(where, tmp_path / "terminal"), "it stands already"


def test_calibrated_twice_it_is_still_known_upon_which_map(where: Screen, tmp_path: Path) -> None:
    first, second = FAULT, (1.0, 0.0, 0.03, 0.0, 0.95, 0.0, 0.0, 0.0, 1.0)
    again = [*choose("touch"), touches(where, second), *choose("keep", "back")]
    play(
        tmp_path,
        key,
        *choose("touch"),
        touches(where, first),
        *choose("keep", "back"),
        *again,
        *choose("leave"),
    )
    kept = touch_panel.kept(tmp_path / "terminal")
    assert kept is not None and alike(kept.base, IDENTITY) and alike(kept.matrix, matrix(where))
    assert lands(where, second, (0.3, 0.3)) == pytest.approx((0.3, 0.3), abs=1e-3)


def test_given_nobody_confirms_it_then_the_former_map_is_back(
    where: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(touch, "CONFIRM_SECONDS", 0.2)
    play(
        tmp_path,
        key,
        *choose("touch"),
        touches(where, FAULT),
        lambda prompt: None,
        *choose("back", "leave"),
    )
    assert alike(matrix(where), IDENTITY)
    assert touch_panel.kept(tmp_path / "terminal") is None
    assert acted(tmp_path)[-2][3] == "touch_not_confirmed"


def test_given_touches_that_fit_no_panel_then_nothing_is_set_and_he_is_told(
    where: Screen, tmp_path: Path
) -> None:
    nonsense = Touched(tuple((0.5, y) for _, y in CROSSES))
    seen = play(tmp_path, key, *choose("touch"), nonsense, *choose("back", "leave"))
    assert "touch_not_fitting" in str(seen.shown)
    assert alike(matrix(where), IDENTITY)


def test_a_screen_that_was_turned_since_keeps_its_own_map(where: Screen, tmp_path: Path) -> None:
    touch_panel.keep(tmp_path, Calibration(NAME, IDENTITY, FAULT))
    set_matrix(where.environment, panels(where)[0], TURNED)
    assert not touch_panel.renew(where, tmp_path)
    assert alike(matrix(where), TURNED)


def test_in_a_window_nothing_is_calibrated(where: Screen, tmp_path: Path) -> None:
    window = ScreenSettings(full_screen=False)
    seen = play(tmp_path, key, *choose("touch", "back", "leave"), screen=window)
    assert "TouchCrosses" not in seen.pages() and "touch_in_window" in str(seen.shown)


def test_a_terminal_without_a_screen_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    seen = play(tmp_path, key, *choose("touch", "back", "leave"))
    assert "command_not_supported" in str(seen.shown)
    asyncio.run(touch_panel.watch(tmp_path))
