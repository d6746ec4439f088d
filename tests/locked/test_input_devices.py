"""What somebody plugs into USB types and points at nothing: the real Xorg's own judgement of each device.

The devices are described to it by umockdev, since no plug is there; the judgement is read from its log.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from drivers.virtual.processes import Child
from tests.locked.xorg import OURS, TREE, command

KEYBOARD = ("ID_INPUT_KEYBOARD=1", "ID_INPUT_KEY=1")
NAMED = "ID_INPUT.tags=kiosk"  # by a line of 70-kiosk-input.rules
DEVICES = {
    "Keyboard": KEYBOARD,
    "Multimedia keys": ("ID_INPUT_KEY=1",),
    "Power button": KEYBOARD,
    "Mouse": ("ID_INPUT_MOUSE=1",),
    "Touchpad": ("ID_INPUT_TOUCHPAD=1",),
    "Graphics tablet": ("ID_INPUT_TABLET=1",),
    "Gamepad": ("ID_INPUT_JOYSTICK=1",),
    "Presenter": (*KEYBOARD, "ID_INPUT_MOUSE=1"),
    "Panel that types": (*KEYBOARD, "ID_INPUT_TOUCHSCREEN=1"),
    "Touch panel": ("ID_INPUT_TOUCHSCREEN=1",),
    "Panel that is a mouse": ("ID_INPUT_MOUSE=1", NAMED),
    "Scanner that types": (*KEYBOARD, NAMED),
}
LET_IN = {"Touch panel", "Panel that is a mouse", "Scanner that types"}


def described() -> str:
    """All devices as umockdev wants them told."""
    told = []
    for number, (name, properties) in enumerate(DEVICES.items(), 3):
        port = f"/devices/pci0000:00/0000:00:14.0/usb1/1-{number}/1-{number}:1.0/input/input{number}"
        lines = ["SUBSYSTEM=input", "ID_INPUT=1", *properties]
        parent = [f"P: {port}", *(f"E: {one}" for one in (*lines, f'NAME="{name}"', "PRODUCT=3/1/2/1"))]
        node = [f"P: {port}/event{number}", f"N: input/event{number}", *(f"E: {one}" for one in lines)]
        numbers = [f"E: DEVNAME=/dev/input/event{number}", "E: MAJOR=13", f"E: MINOR={64 + number}"]
        told += [*parent, f"A: name={name}\\n", "", *node, *numbers, ""]
    return "\n".join(told)


def judged(folder: Path, conf: Path) -> tuple[set[str], set[str]]:
    """The devices that Xorg ignored, and those that it tried to open."""
    plugged = folder / "devices.umockdev"
    plugged.write_text(described(), "utf-8")
    server = command(folder / "x", conf, before=("umockdev-run", "-d", str(plugged), "--"))
    with Child(server, folder / "display.log"):
        log = (folder / "x" / "Xorg.log").read_text("utf-8", "replace")
    seen = set(re.findall(r"Adding input device (.+) \(/dev/input/event\d+\)", log))
    assert seen == set(DEVICES), "it was not told of all devices"
    return set(re.findall(r"\) (.+): Ignoring device from InputClass", log)), set(
        re.findall(r"Using input driver '\w+' for '(.+)'", log)
    )


def test_x_hears_a_touch_panel_and_what_is_named_and_nothing_else(tmp_path: Path) -> None:
    ignored, opened = judged(tmp_path, OURS)
    assert opened == LET_IN
    assert ignored == set(DEVICES) - LET_IN


def test_without_our_file_it_hears_the_keyboard(tmp_path: Path) -> None:
    """So the test above can fail."""
    (tmp_path / "nothing").mkdir()
    ignored, opened = judged(tmp_path, tmp_path / "nothing")
    assert ignored == set()
    assert {"Keyboard", "Mouse"} <= opened


def test_the_keys_of_the_server_itself_are_off(tmp_path: Path) -> None:
    with Child(command(tmp_path), tmp_path / "display.log"):
        log = (tmp_path / "Xorg.log").read_text("utf-8", "replace")
    for option in ("DontVTSwitch", "DontZap", "DontZoom"):
        assert f'(**) Option "{option}" "true"' in log


@pytest.mark.parametrize("line", ["scanner", "touch screen"])
def test_the_lines_to_copy_tag_a_device_as_x_expects(line: str) -> None:
    """Each is one line behind a comment that says whose it is; without its # it is a rule with our tag."""
    rules = (TREE / "etc/udev/rules.d/70-kiosk-input.rules").read_text("utf-8").splitlines()
    (at,) = [
        i for i, text in enumerate(rules) if text.startswith("# ") and line in text and text.endswith(":")
    ]
    rule = rules[at + 1].removeprefix("#")
    matches = dict(re.findall(r'([A-Z{}_]+)=="([^"]*)"', rule))
    assert matches["SUBSYSTEM"] == "input"
    assert re.fullmatch("[0-9a-f]{4}", matches["ENV{ID_VENDOR_ID}"])
    assert re.fullmatch("[0-9a-f]{4}", matches["ENV{ID_MODEL_ID}"])
    assert f'ENV{{{NAMED.split("=")[0]}}}="kiosk"' in rule
    assert 'MatchTag "kiosk"' in (OURS / "20-kiosk-input.conf").read_text("utf-8")
