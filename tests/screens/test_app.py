"""The two threads of a terminal: they begin, speak with each other, and end cleanly.

Each terminal is a process of its own; one test plays on a real X display with
real touches, the others draw without any.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[2]


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.screens.small_terminal", *arguments]


def played(*arguments: str) -> tuple[int, list[dict[str, Any]], str]:
    """Runs a small terminal to its end: exit code, what its core said, what was logged."""
    environment = {**os.environ, "SDL_VIDEODRIVER": "offscreen"}
    done = subprocess.run(
        _command(*arguments), cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=100
    )
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_the_core_may_return_and_close_the_window_later() -> None:
    code, said, _ = played("returns")
    assert (code, said) == (0, [{"closing": True}, {"threads": ["MainThread"]}])


def test_an_error_of_the_core_ends_the_terminal_and_is_logged() -> None:
    code, said, logged = played("fails")
    assert (code, said) == (1, [])
    assert "the core ended by an error" in logged
    assert "on purpose" in logged


def test_the_core_takes_pictures_and_asks_beside_the_page_while_it_goes_on_asking() -> None:
    code, said, _ = played("seen_by_the_desk")
    assert code == 0
    assert said[0] == {"pngs": [True, True, True], "differ": 3}
    assert said[1] == {"still_asking": True, "changed": True}


def test_a_late_answer_reaches_nobody() -> None:
    code, said, _ = played("cancelled_asks")
    assert code == 0
    assert said[:2] == [{"cancelled": True}, {"answered": False}]


def test_the_core_sees_a_hanging_window_and_its_recovery() -> None:
    code, said, _ = played("hanging_window")
    assert code == 0
    assert said[0]["oldest"] > 0.5
    assert said[1] == {"recovered": True}


def test_a_page_that_fails_does_not_end_the_window() -> None:
    code, said, logged = played("bad_page")
    assert (code, said[0]) == (0, {"still_there": True})
    assert "a page failed: TypeError at home.py" in logged


@pytest.mark.parametrize("loop", ["ours", "stock"])
def test_timers_are_not_early_and_calls_of_other_threads_arrive(loop: str) -> None:
    code, said, logged = played("many_calls", "", loop)
    assert code == 0
    if loop == "ours":  # Kivy's own counts from its last frame, which on a busy machine is long ago
        assert said[0]["timer"] >= 0.35
    assert said[1] == {"calls": 900}
    assert ("the stock loop of Kivy is used: no event numbers" in logged) == (loop == "stock")


# ── on a real display ───────────────────────────────────────────────────────
@contextmanager
def _display() -> Iterator[str]:
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "540x960x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as told:
            yield ":" + told.readline().strip()
    finally:
        server.terminate()
        server.wait(60)


def _outline(path: Path) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX) as asked:
        asked.settimeout(60)
        asked.connect(str(path))
        with asked.makefile() as line:
            told: dict[str, Any] = json.loads(line.readline())
            return told


def _until(path: Path, page: str) -> dict[str, Any]:
    for _ in range(1200):
        if path.exists() and (told := _outline(path))["page"] == page:
            return told
        time.sleep(0.05)
    raise AssertionError(f"{page} never came into view")


def test_touches_on_a_real_window_and_a_clean_end(tmp_path: Path) -> None:
    path = tmp_path / "outline"
    with _display() as display:
        environment = {k: v for k, v in os.environ.items() if k != "SDL_VIDEODRIVER"} | {"DISPLAY": display}
        with (tmp_path / "said").open("wb") as out:
            terminal = subprocess.Popen(
                _command("journey", str(path)), cwd=_ROOT, env=environment, stdout=out
            )
        try:
            home = _until(path, "Home")
            assert home["window"] == [540, 960]
            assert home["language"] == "zh"
            subprocess.run(["xdotool", "key", "F1", "key", "Escape"], env=environment, check=True, timeout=60)
            _touch(home, "theme:3", environment)
            guide = _until(path, "Guide")
            _touch(guide, "back", environment)
            _until(path, "Home")
            tries = _technicians_gesture(environment, tmp_path / "said")
            assert oct(path.stat().st_mode & 0o777) == "0o600"
            terminal.send_signal(signal.SIGTERM)
            assert terminal.wait(60) == 0
            said = [json.loads(line) for line in (tmp_path / "said").read_text("utf-8").splitlines()]
        finally:
            terminal.kill()
            terminal.wait()
    assert {"answer": "Chosen(value='3')"} in said
    assert {"left": "GoBack"} in said
    assert said.count({"touched": True}) == 2 + 5 * tries
    assert said.count({"gesture": "core"}) == 1
    assert said[-1] == {"threads": ["MainThread"]}
    assert not path.exists()


def _touch(outline: dict[str, Any], name: str, environment: dict[str, str]) -> None:
    x, y, w, h = next(item["rect"] for item in outline["items"] if item["name"] == name)
    at = [str(x + w // 2), str(y + h // 2)]
    subprocess.run(["xdotool", "mousemove", *at, "click", "1"], env=environment, check=True, timeout=60)


def _technicians_gesture(environment: dict[str, str], said: Path) -> int:
    """Beside the hall's name: held, three taps, held; again when a tap came late on a busy computer.
    How often he made it until he was heard.
    """
    strokes = [
        word
        for seconds in ("2.5", "0.05", "0.05", "0.05", "2.5")
        for word in ("mousedown", "1", "sleep", seconds, "mouseup", "1", "sleep", "0.2")
    ]
    for tries in range(1, 7):
        subprocess.run(
            ["xdotool", "mousemove", "20", "12", *strokes], env=environment, check=True, timeout=60
        )
        end = time.monotonic() + 5
        while time.monotonic() < end:
            if '"gesture"' in said.read_text("utf-8"):
                return tries
            time.sleep(0.05)
    raise AssertionError("the gesture is not heard")
