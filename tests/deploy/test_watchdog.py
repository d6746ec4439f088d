"""The watchdog of a terminal: fed by pictures on the glass and a core that answers, and by nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from drivers.virtual.demo_settings import REPO
from kiosk import notify
from tests.deploy.systemd_side import PATIENCE, Heard, listening

WATCHDOG = 0.9  # seconds; a picture each third of it
HANGS = 60.0  # longer than anybody here waits


@dataclass(frozen=True)
class Watched:
    """A terminal that systemd has started."""

    process: subprocess.Popen[str]
    heard: Heard

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()

    def suffer(self, trouble: str, seconds: float = HANGS) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{trouble} {seconds}\n")
        self.process.stdin.flush()
        assert self.line() == trouble


@contextmanager
def watched(folder: Path, *how: str) -> Iterator[Watched]:
    with listening(folder) as (address, heard):
        told = {"NOTIFY_SOCKET": address, "WATCHDOG_USEC": str(int(WATCHDOG * 1e6))}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.deploy.watched_terminal", *how],
            cwd=REPO,
            env={**os.environ, "SDL_VIDEODRIVER": "offscreen", **told},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            one = Watched(process, heard)
            assert one.line() == "ready"
            yield one
        finally:
            process.kill()
            process.communicate()


def test_an_idle_terminal_feeds_and_says_when_it_stops(tmp_path: Path) -> None:
    with watched(tmp_path) as terminal:
        for _ in range(4):
            assert terminal.heard.until("WATCHDOG=1")
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.heard.until("STOPPING=1")
        assert terminal.process.wait(PATIENCE) == 0
        assert set(terminal.heard.words()) == {"WATCHDOG=1", "STOPPING=1", "STATUS=stopping"}


@pytest.mark.parametrize("trouble", ["window_hangs", "core_hangs", "picture_stays"])
def test_what_a_citizen_would_call_hung_is_not_fed(tmp_path: Path, trouble: str) -> None:
    """It would be fed three times in each `WATCHDOG`: after such a silence systemd has long ended it."""
    with watched(tmp_path) as terminal:
        assert terminal.heard.until("WATCHDOG=1")
        terminal.suffer(trouble)
        terminal.heard.forget()  # what was said before it began, however late it is read here
        while terminal.heard.until("WATCHDOG=1", 2 * WATCHDOG):
            assert len(terminal.heard.lines) < 6, f"{trouble}, and yet the watchdog is fed"


def test_a_pause_that_ends_is_forgiven(tmp_path: Path) -> None:
    with watched(tmp_path) as terminal:
        assert terminal.heard.until("WATCHDOG=1")
        for trouble in ("window_hangs", "core_hangs", "picture_stays"):
            terminal.suffer(trouble, 0.6)
            for _ in range(3):
                assert terminal.heard.until("WATCHDOG=1")


def test_a_first_page_that_fails_to_draw_does_not_stand(tmp_path: Path) -> None:
    with watched(tmp_path, "broken") as terminal:  # `ready` comes with the next page, nothing before it
        assert terminal.heard.until("WATCHDOG=1")


def test_abstract_addresses_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(tmp_path, abstract=True) as (address, heard):
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        assert notify.say("READY=1\nSTATUS=Home stands")
        assert heard.until("READY=1")
        assert heard.words() == ["READY=1", "STATUS=Home stands"]


def test_without_systemd_nothing_is_told_and_nothing_expected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"):
        monkeypatch.delenv(name, raising=False)
    assert not notify.say("READY=1")
    assert notify.watchdog_seconds() == 0.0
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    assert not notify.say("READY=1")
    monkeypatch.setenv("NOTIFY_SOCKET", "vsock:2:1234")
    assert not notify.say("READY=1")


@pytest.mark.parametrize(("whose", "seconds"), [("", 30.0), ("ours", 30.0), ("1", 0.0), ("x", 0.0)])
def test_a_watchdog_of_somebody_else_is_not_ours(
    monkeypatch: pytest.MonkeyPatch, whose: str, seconds: float
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if whose == "ours" else whose)
    assert notify.watchdog_seconds() == seconds
