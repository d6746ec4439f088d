"""The demo and a terminal that wants to be started again: at once, and without mourning it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from config.commands import RESTART_CODE
from drivers.virtual import demo as demo_
from drivers.virtual.demo_settings import DemoSettings, Ports
from drivers.virtual.processes import Child, Command


def test_a_terminal_that_ends_to_be_restarted_is_and_one_that_is_closed_ends_the_demo(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    starts = tmp_path / "starts"
    text = (
        f"starts = open({str(starts)!r}, 'a+'); starts.write('x'); starts.seek(0)\n"
        f"raise SystemExit({RESTART_CODE} if len(starts.read()) < 3 else 0)"
    )
    terminal = Child(Command("terminal", (sys.executable, "-c", text)), tmp_path / "terminal.log")
    demo = demo_._Demo(DemoSettings(data=tmp_path, headless=True), Ports())
    demo.children["terminal"], demo.watches["terminal"] = terminal, demo_._Watch()
    terminal.launch()
    try:
        demo_._watch(demo)
    finally:
        terminal.stop()
    told = capsys.readouterr()
    assert starts.read_text() == "xxx"
    assert told.out.count("starts again") == 2 and "was closed" in told.out
    assert told.err == "" and demo.watches["terminal"].deaths == 0
