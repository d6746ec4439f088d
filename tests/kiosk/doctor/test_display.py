"""What X has against what the settings want: on a real X server, and of panels in the words of xinput."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import ScreenSettings
from drivers.virtual import display as virtual
from drivers.virtual.processes import Child
from kiosk.doctor import display
from kiosk.readiness import x_tools
from kiosk.readiness.finding import Finding
from kiosk.readiness.x_tools import Output, Pointer, ScreenConf, matrix, outputs, pointers, turned
from tests.kiosk.doctor.readable import readable

WANTED = ScreenSettings(width=600, height=800)
_NAMES = {"normal": "1 0 0 0 1 0 0 0 1", "left": "0 -1 1 1 0 0 0 0 1", "right": "0 1 0 -1 0 1 0 0 1"}


@pytest.fixture
def screen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An X server of our own, as wide and high as settings say."""
    child = Child(virtual.screen(WANTED.width, WANTED.height), tmp_path / "xvfb.log")
    child.launch()
    try:
        child.wait_ready(60)
        monkeypatch.setenv("DISPLAY", virtual.number(child))
        monkeypatch.delenv("XAUTHORITY", raising=False)
        yield virtual.number(child)
    finally:
        child.stop()


def conf(tmp_path: Path, text: str) -> Path:
    (tmp_path / "screen.conf").write_text(f"# how the screen stands\n{text}\n", encoding="utf-8")
    return tmp_path / "screen.conf"


def looked(tmp_path: Path, text: str, wanted: ScreenSettings = WANTED) -> dict[str, Finding]:
    return {one.name: readable(one) for one in display.examine(wanted, conf(tmp_path, text))}


def turn(name: str, numbers: str) -> None:
    command = ["xinput", "set-prop", name, "Coordinate Transformation Matrix", *numbers.split()]
    subprocess.run(command, check=True, timeout=30)


def test_a_screen_as_the_settings_want_it_with_its_panel_is_ready(screen: str, tmp_path: Path) -> None:
    found = looked(tmp_path, "TOUCH='Xvfb mouse'")
    assert found["display"].ready and "600x800 normal" in found["display"].found.en
    assert found["touch"].ready and found["touch"].found.en == "touch panels: Xvfb mouse"


def test_a_panel_that_is_turned_otherwise_than_the_screen_is_told(screen: str, tmp_path: Path) -> None:
    turn("Xvfb mouse", _NAMES["left"])
    touch = looked(tmp_path, "TOUCH='Xvfb mouse'")["touch"]
    assert touch.codes == ("touch_rotated",) and not touch.ready
    assert "turned left, the screen normal" in touch.found.en
    turn("Xvfb mouse", "-1 0 1 0 1 0 0 0 1")
    assert "as in a mirror" in looked(tmp_path, "TOUCH='Xvfb mouse'")["touch"].found.en
    turn("Xvfb mouse", "1.02 0.01 -0.01 0 0.98 0.02 0 0 1")
    assert looked(tmp_path, "TOUCH='Xvfb mouse'")["touch"].ready, "calibrated, and the right way round"


def test_without_a_panel_citizens_touch_in_vain_but_a_desk_has_a_mouse(screen: str, tmp_path: Path) -> None:
    assert looked(tmp_path, "")["touch"].codes == ("touch_missing",)
    named = looked(tmp_path, "TOUCH='ILITEK Multi-Touch'")["touch"]
    assert named.codes == ("touch_missing",) and "none of the name ILITEK Multi-Touch" in named.found.en
    desk = WANTED.model_copy(update={"full_screen": False})
    assert looked(tmp_path, "", desk)["touch"].ready


@pytest.mark.parametrize(
    ("change", "conf", "code"),
    [
        ({"width": 800, "height": 600}, "", "display_rotated"),
        ({"width": 1080, "height": 1920}, "", "display_size"),
        ({}, "ROTATION=left", "display_rotated"),
        ({}, "OUTPUT=HDMI-1", "display_missing"),
    ],
)
def test_a_screen_that_stands_otherwise_is_told(
    screen: str, tmp_path: Path, change: dict[str, int], conf: str, code: str
) -> None:
    found = looked(tmp_path, conf, WANTED.model_copy(update=change))["display"]
    assert found.codes == (code,) and not found.ready


def test_no_x_server_is_told_and_a_desk_without_one_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":65431")
    (found,) = display.examine(WANTED, tmp_path / "none")
    assert found.codes == ("display_missing",) and ":65431 does not answer" in found.found.en
    monkeypatch.delenv("DISPLAY")
    (found,) = display.examine(WANTED.model_copy(update={"full_screen": False}), tmp_path / "none")
    assert found.ready


def test_without_its_programs_nothing_is_said_of_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (found,) = display.examine(WANTED, tmp_path / "none")
    assert found.untried is not None and "xrandr is not installed" in found.untried.en


# ── the words of xrandr and xinput on a machine with two outputs and two panels ──
_XRANDR = """Screen 0: minimum 320 x 200, current 1080 x 1920, maximum 16384 x 16384
HDMI-1 connected primary 1080x1920+0+0 left (normal left inverted right x axis y axis) 531mm x 299mm
   1920x1080     60.00*+
DP-1 disconnected (normal left inverted right x axis y axis)
eDP-1 connected (normal left inverted right x axis y axis)
"""
_XINPUT = (
    "⎡ Virtual core pointer                    \tid=2\t[master pointer  (3)]\n"
    "⎜   ↳ Virtual core XTEST pointer          \tid=4\t[slave  pointer  (2)]\n"
    "\tReporting 3 classes:\n"
    "⎜   ↳ ILITEK Multi-Touch-V5000            \tid=9\t[slave  pointer  (2)]\n"
    "\t\tClass originated from: 9. Type: XITouchClass\n\t\tTouch mode: direct\n"
    "⎜   ↳ Some Mouse                          \tid=11\t[slave  pointer  (2)]\n"
    "⎣ Virtual core keyboard                   \tid=3\t[master keyboard (2)]\n"
    "    ↳ ILITEK Multi-Touch-V5000            \tid=10\t[slave  keyboard (3)]\n"
)


def test_outputs_and_panels_are_read() -> None:
    assert outputs(_XRANDR) == (
        Output("HDMI-1", 1080, 1920, "left", True),
        Output("eDP-1", 0, 0, "normal", False),
    )
    assert [(one.id, one.direct) for one in pointers(_XINPUT)] == [(4, False), (9, True), (11, False)]
    assert pointers(_XINPUT)[1].name == "ILITEK Multi-Touch-V5000"


def test_two_panels_are_told_until_one_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    lies = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)
    stands = (0.0, -1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    found = (Pointer(9, "ILITEK", True, stands), Pointer(12, "Frame", True, lies))
    monkeypatch.setattr(x_tools, "ask_outputs", lambda environment: outputs(_XRANDR))
    monkeypatch.setattr(x_tools, "ask_pointers", lambda environment: found)
    wanted = ScreenSettings()  # 1080 × 1920
    both = looked(tmp_path, "ROTATION=left", wanted)
    assert both["display"].ready
    assert both["touch"].codes == ("touch_several", "touch_rotated")
    assert looked(tmp_path, "ROTATION=left\nTOUCH=ILITEK", wanted)["touch"].ready


@pytest.mark.parametrize("rotation", x_tools.ROTATIONS)
def test_each_rotation_s_matrix_is_known(rotation: x_tools.Rotation) -> None:
    numbers = {**_NAMES, "inverted": "-1 0 1 0 -1 1 0 0 1"}[rotation].replace(" ", ", ")
    told = matrix(f"\tCoordinate Transformation Matrix (154):\t{numbers}\n")
    assert turned(told) == rotation
    assert turned(()) is None and matrix("Device Enabled (1): 1") == ()


def test_a_file_of_shell_variables_is_read_and_a_broken_one_is_none(tmp_path: Path) -> None:
    told = x_tools.screen_conf(conf(tmp_path, "ROTATION=right # upright\nOUTPUT=\nTOUCH='A B'"))
    assert told == ScreenConf("right", "", "A B")
    assert x_tools.screen_conf(conf(tmp_path, "TOUCH='unfinished")) is None
