"""X's screens and touch devices, by xrandr and xinput: readers of what they say, asking, and setting a map.

xrandr(1) and xinput(1) of Debian 12; a device that touches directly is one whose class says `Touch mode:
direct` (XInput 2.2, XITouchClass).
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Rotation = Literal["normal", "left", "right", "inverted"]
Matrix = tuple[float, ...]  # nine numbers, row by row: place of the panel → place of the picture

PROGRAM_SECONDS = 5.0
COOKIE = Path("/run/kiosk-x/cookie")  # of the installed machine's screen
SCREEN_CONF = Path("/etc/kiosk/screen.conf")
ROTATIONS: tuple[Rotation, ...] = ("normal", "left", "right", "inverted")
_OUTPUT = re.compile(
    r"^(?P<name>\S+) connected(?P<primary> primary)?"
    r"(?: (?P<width>\d+)x(?P<height>\d+)\+-?\d+\+-?\d+)?(?: (?P<rotation>left|right|inverted)\b)?",
    re.MULTILINE,
)
_DEVICE = re.compile(r"^[^\w\n]*(?P<name>[^\t\n]*?)\s+id=(?P<id>\d+)\s+\[(?P<role>[^\]]*)\]", re.MULTILINE)
_PROPERTY = "Coordinate Transformation Matrix"
_MATRIX = re.compile(rf"{_PROPERTY} \(\d+\):\s*([-\d., ]+)")


@dataclass(frozen=True)
class Output:
    """A connected output; `width` and `height` as the picture stands, 0 when it is switched off."""

    name: str
    width: int
    height: int
    rotation: Rotation
    primary: bool


@dataclass(frozen=True)
class Pointer:
    """A device of X that moves the pointer. `direct`: a touch panel. `matrix` is empty where it has none."""

    id: int
    name: str
    direct: bool
    matrix: Matrix = ()


@dataclass(frozen=True)
class ScreenConf:
    """How the machine's screen should stand: `/etc/kiosk/screen.conf`."""

    rotation: Rotation = "normal"
    output: str = ""
    touch: str = ""


# ── reading their words ─────────────────────────────────────────────────────
def outputs(said: str) -> tuple[Output, ...]:
    """The connected outputs in what `xrandr --query` says."""
    return tuple(
        Output(
            one["name"],
            int(one["width"] or 0),
            int(one["height"] or 0),
            _rotation(one["rotation"] or "normal"),
            one["primary"] is not None,
        )
        for one in _OUTPUT.finditer(said)
    )


def pointers(said: str) -> tuple[Pointer, ...]:
    """The pointing devices, not the cores, in what `xinput list --long` says."""
    heads = list(_DEVICE.finditer(said))
    ends = [head.start() for head in heads[1:]] + [len(said)]
    return tuple(
        Pointer(int(head["id"]), head["name"].strip(), "Touch mode: direct" in said[head.end() : end])
        for head, end in zip(heads, ends, strict=True)
        if "slave" in head["role"] and "pointer" in head["role"]
    )


def matrix(said: str) -> Matrix:
    """The matrix in what `xinput list-props` says; empty where the device has none."""
    found = _MATRIX.search(said)
    try:
        numbers = tuple(float(number) for number in found[1].split(",")) if found else ()
    except ValueError:
        return ()
    return numbers if len(numbers) == 9 else ()


def turned(told: Matrix) -> Rotation | None:
    """Which rotation of the picture a matrix fits, calibrated or not; None: mirrored, or none at all.

    Left is counter-clockwise, as xrandr means it: the panel's (x, y) lands at (1 − y, x).
    """
    if len(told) != 9:
        return None
    a, b, _, d, e, *_ = told
    if a * e - b * d <= 0:
        return None
    if abs(a) > abs(b):
        return "normal" if a > 0 else "inverted"
    return "left" if b < 0 else "right"


def screen_conf(file: Path = SCREEN_CONF) -> ScreenConf | None:
    """What this machine's file says; None where there is none."""
    try:
        words = shlex.split(file.read_text(encoding="utf-8"), comments=True)
    except (OSError, ValueError):
        return None
    told = dict(word.split("=", 1) for word in words if "=" in word)
    return ScreenConf(_rotation(told.get("ROTATION", "")), told.get("OUTPUT", ""), told.get("TOUCH", ""))


def _rotation(word: str) -> Rotation:
    return next((one for one in ROTATIONS if one == word), "normal")


# ── asking ──────────────────────────────────────────────────────────────────
class NoDisplay(Exception):
    """X does not answer; `missing` names a program that is not installed."""

    def __init__(self, missing: str = "") -> None:
        super().__init__(missing)
        self.missing = missing


def ask_outputs(environment: Mapping[str, str]) -> tuple[Output, ...]:
    """The outputs of the display that `environment` names. NoDisplay."""
    return outputs(_said(environment, "xrandr", "--query"))


def ask_pointers(environment: Mapping[str, str]) -> tuple[Pointer, ...]:
    """The pointing devices with their matrices. NoDisplay."""
    found = pointers(_said(environment, "xinput", "list", "--long"))
    return tuple(
        Pointer(one.id, one.name, one.direct, matrix(_said(environment, "xinput", "list-props", str(one.id))))
        for one in found
    )


def set_matrix(environment: Mapping[str, str], panel: Pointer, told: Matrix) -> None:
    """Has X map this panel so. NoDisplay."""
    numbers = (f"{number:.6f}" for number in told)
    _said(environment, "xinput", "set-prop", str(panel.id), "--type=float", _PROPERTY, *numbers)


def display_environment() -> dict[str, str]:
    """Of the display that this process was given, else of the installed machine's own."""
    told = {**os.environ, "LC_ALL": "C.UTF-8"}
    told.setdefault("DISPLAY", ":0")
    if "XAUTHORITY" not in told and os.access(COOKIE, os.R_OK):
        told["XAUTHORITY"] = str(COOKIE)
    return told


def _said(environment: Mapping[str, str], *command: str) -> str:
    if shutil.which(command[0]) is None:
        raise NoDisplay(command[0])
    try:
        done = subprocess.run(
            command,
            env=dict(environment),
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PROGRAM_SECONDS,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        raise NoDisplay from None
    return done.stdout
