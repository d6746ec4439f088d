"""The screen of a terminal: bright for ever, turned as screen.conf says, touches where the finger is.

A real Xorg with the files of a terminal and a driver that draws into memory; that one cannot be turned, so
turning is tried on Xephyr. What neither has: power saving (DPMS), a second output, a panel on USB.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.virtual import display
from drivers.virtual.demo_settings import REPO
from drivers.virtual.processes import Child, Command
from tests.deploy.touch_wire import Panel, panel

TERMINAL = REPO / "config" / "deploy" / "machine" / "terminal"
SCRIPTS = TERMINAL / "usr" / "local" / "lib" / "kiosk"
MATRIX = "Coordinate Transformation Matrix"
SIZE = (800, 600)
LAYOUT = """
Section "InputDevice"
    Identifier "panel"
    Driver "inputtest"
    Option "SocketPath" "{socket}"
    Option "DeviceType" "Touch"
    Option "TouchCount" "2"
EndSection
Section "Device"
    Identifier "memory"
    Driver "dummy"
EndSection
Section "Screen"
    Identifier "memory"
    Device "memory"
    DefaultDepth 24
    SubSection "Display"
        Modes "{width}x{height}"
    EndSubSection
EndSection
Section "ServerLayout"
    Identifier "terminal"
    Screen "memory"
    InputDevice "panel"
EndSection
"""


@dataclass(frozen=True)
class Screen:
    """A running one."""

    name: str
    folder: Path

    def run(self, *command: str) -> str:
        done = subprocess.run(command, env=self._where(), capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def ready(self, conf: str) -> str:
        """Runs screen-ready with that screen.conf; what it has to say."""
        (self.folder / "screen.conf").write_text(conf)
        where = {**self._where(), "KIOSK_SCREEN_CONF": str(self.folder / "screen.conf")}
        done = subprocess.run(
            [SCRIPTS / "screen-ready"], env=where, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return done.stderr

    def size(self) -> tuple[int, int]:
        (width, height) = re.findall(r"current (\d+) x (\d+)", self.run("xrandr", "--query"))[0]
        return int(width), int(height)

    def matrix(self, device: str) -> list[float]:
        told = re.findall(rf"{MATRIX} \(\d+\):(.*)", self.run("xinput", "list-props", device))
        return [float(one) for one in told[0].split(",")]

    def pointer(self) -> tuple[int, int]:
        (x, y) = re.findall(r"x:(\d+) y:(\d+)", self.run("xdotool", "getmouselocation"))[0]
        return int(x), int(y)

    def _where(self) -> dict[str, str]:
        return {**os.environ, "DISPLAY": self.name}


@pytest.fixture(scope="module")
def xorg(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """Xorg as kiosk-x.service starts it, but for terminal, cookie and graphics card."""
    folder = tmp_path_factory.mktemp("x")
    shutil.copytree(TERMINAL / "etc" / "X11" / "xorg.conf.d", folder / "conf")
    words = LAYOUT.format(socket=folder / "panel", width=SIZE[0], height=SIZE[1])
    (folder / "conf" / "99-memory.conf").write_text(words)
    line = re.search(
        r"^ExecStart=((?:.*\\\n)*.*)$",
        (TERMINAL / "etc/systemd/system/kiosk-x.service").read_text("utf-8"),
        re.MULTILINE,
    )
    assert line
    told = line[1].replace("\\\n", "").split()
    for word in (":0", "vt7", "-keeptty", "-auth", "/run/kiosk-x/cookie", "-logfile", "/dev/null"):
        told.remove(word)
    places = ("-displayfd", "1", "-configdir", "conf", "-logfile", str(folder / "log"))
    command = Command("Xorg", (*told, *places), ready=r"^\d+$", folder=folder)
    with Child(command, folder / "told") as child:
        yield Screen(display.number(child), folder)


@pytest.fixture(scope="module")
def glass(xorg: Screen) -> Iterator[Panel]:
    """Its touch panel; the driver takes one caller only."""
    with panel(xorg.folder / "panel") as one:
        yield one


@pytest.fixture
def turning(tmp_path: Path) -> Iterator[Screen]:
    """A screen that can be turned, in a window of another one."""
    with _shown(display.screen(1000, 1000), tmp_path) as outer:
        argv = (
            "Xephyr",
            "-displayfd",
            "1",
            "-screen",
            "640x480",
            "-resizeable",
            "-noreset",
            "-nolisten",
            "tcp",
        )
        inner = Command("Xephyr", argv, ready=r"^\d+$", environment={"DISPLAY": outer})
        with _shown(inner, tmp_path) as name:
            yield Screen(name, tmp_path)


@contextmanager
def _shown(command: Command, folder: Path) -> Iterator[str]:
    with Child(command, folder / f"{command.name}.log") as child:
        yield display.number(child)


def test_it_is_bright_from_the_start_and_after_screen_ready(xorg: Screen) -> None:
    assert re.search(r"timeout:\s+0\b", xorg.run("xset", "q"))
    xorg.run("xset", "s", "60", "s", "blank")
    for _ in range(2):
        xorg.ready("")
        told = xorg.run("xset", "q")
        assert re.search(r"prefer blanking:\s+no\b.*timeout:\s+0\b", told, re.DOTALL)
        assert "DPMS is Enabled" not in told


def test_no_way_out_by_keys_is_flagged_beside_it(xorg: Screen) -> None:
    log = (xorg.folder / "log").read_text()
    assert '(**) Option "DontVTSwitch" "true"' in log
    assert '(**) Option "DontZap" "true"' in log


PLACES = {  # a finger at (0.25, 0.5) of the glass, on the picture as it is turned
    "normal": (0.25, 0.5),
    "left": (0.5, 0.25),  # the picture's head lies at the left edge of the glass
    "right": (0.5, 0.75),  # ... at the right edge
    "inverted": (0.75, 0.5),
}


@pytest.mark.parametrize("rotation", PLACES)
def test_the_picture_is_turned_and_a_touch_lands_under_the_finger(
    xorg: Screen, glass: Panel, turning: Screen, rotation: str
) -> None:
    """Twice changes nothing more. The matrix that the turned screen got is tried at a real touch device."""
    mouse = "Xephyr virtual mouse"
    for _ in range(2):
        turning.ready(f"ROTATION={rotation}\nTOUCH='{mouse}'\n")
        across = rotation in ("left", "right")
        assert turning.size() == ((480, 640) if across else (640, 480))
    numbers = turning.matrix(mouse)
    xorg.run("xinput", "set-prop", "panel", MATRIX, *map(str, numbers))
    glass.touch(0.9, 0.1)
    glass.touch(0.25, 0.5)
    x, y = xorg.pointer()
    assert (x / SIZE[0], y / SIZE[1]) == pytest.approx(PLACES[rotation], abs=0.01)


def test_a_touch_panel_is_found_without_its_name(xorg: Screen) -> None:
    xorg.run("xinput", "set-prop", "panel", MATRIX, *("0", "-1", "1", "1", "0", "0", "0", "0", "1"))
    assert "no touch panel" not in xorg.ready("")
    assert xorg.matrix("panel") == [1, 0, 0, 0, 1, 0, 0, 0, 1]


def test_what_is_not_there_is_said_and_left(xorg: Screen) -> None:
    """Touches follow the picture as it is: a screen that cannot be turned keeps a panel that is not."""
    told = xorg.ready("ROTATION=left\nOUTPUT=HDMI-9\nTOUCH=panel\n")
    assert "no screen at OUTPUT=HDMI-9; there are: DUMMY0" in told
    assert "DUMMY0 cannot be turned to left" in told
    assert xorg.matrix("panel") == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert "none of normal, left, right, inverted" in xorg.ready("ROTATION=sideways\n")
    assert "no touch panel of the name Elo" in xorg.ready("TOUCH=Elo\n")


def test_waiting_for_a_screen_that_never_comes_ends() -> None:
    done = subprocess.run(
        [SCRIPTS / "screen-await", "1"],
        env={**os.environ, "DISPLAY": ":9999"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "the screen :9999 does not answer" in done.stderr
