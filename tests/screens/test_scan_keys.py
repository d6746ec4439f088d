"""A scanner that types, told from a person: by rule, and in a real window with real keys."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from screens.scan_keys import SHORTEST, Burst
from tests.screens.small_terminal import WIDE_PAUSE
from tests.screens.test_app import _ROOT, _command, _display, _until

CODE = "330100SB0120260101000001"


@given(st.text(st.characters(categories=("L", "N")), min_size=SHORTEST, max_size=60))
def test_a_burst_with_its_end_is_a_code(text: str) -> None:
    burst = Burst()
    for key in text:
        burst.key(key)
    assert burst.end() == (text, "")
    assert burst.end() == ("", "")


@given(st.lists(st.sampled_from(["key", "pause", "end"]), max_size=60))
def test_no_code_goes_over_a_pause_and_what_is_typed_is_short(moves: list[str]) -> None:
    burst, keys = Burst(), 0
    for move in moves:
        if move == "key":
            burst.key("x")
            keys += 1
            continue
        code, typed = burst.end() if move == "end" else ("", burst.pause())
        if move == "end" and keys >= SHORTEST:
            assert (len(code), typed) == (keys, "")
        else:
            assert (code, len(typed)) == ("", keys if keys < SHORTEST else 0)
        keys = 0


def _keys(display: dict[str, str], *arguments: str) -> None:
    subprocess.run(["xdotool", *arguments], env=display, check=True, timeout=60)


def test_in_a_real_window_a_scan_is_a_code_and_typing_is_not(tmp_path: Path) -> None:
    path = tmp_path / "outline"
    with _display() as display:
        environment = {k: v for k, v in os.environ.items() if k != "SDL_VIDEODRIVER"} | {"DISPLAY": display}
        terminal = subprocess.Popen(
            _command("hears_codes", str(path)),
            cwd=_ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            _until(path, "Home")
            _keys(environment, "mousemove", "270", "480")  # no window manager: the pointer gives the focus
            _keys(
                environment,
                "type",
                "--delay",
                f"{2000 * WIDE_PAUSE:.0f}",
                "--args",
                "1",
                "SLOW",
                "key",
                "Return",
            )
            _keys(environment, "type", "--delay", "2", "--args", "1", CODE, "key", "Return")
            _keys(environment, "type", "--delay", "2", "TORN")
            time.sleep(3 * WIDE_PAUSE)
            _keys(environment, "type", "--delay", "2", "--args", "1", "AFTER", "key", "Tab")
            assert terminal.stdout is not None
            said = [json.loads(terminal.stdout.readline()) for _ in range(2)]
            terminal.send_signal(signal.SIGTERM)
            said += [json.loads(line) for line in terminal.stdout]
            assert terminal.wait(60) == 0
        finally:
            terminal.kill()
            terminal.wait()
    assert said == [
        {"code": CODE, "thread": "core"},
        {"code": "AFTER", "thread": "core"},
        {"threads": ["MainThread"]},
    ]
