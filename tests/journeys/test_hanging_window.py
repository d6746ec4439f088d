"""A window that stands still for half a minute: the hall knows, and nobody's session is lost or left open."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from drivers.virtual import display
from drivers.virtual.demo_settings import REPO
from drivers.virtual.processes import Child, Command
from tests.journeys.hall import Hall, until
from tests.smoke.report import Stuck
from tests.smoke.window import Window

HANGS = 36.0  # seconds


@dataclass(frozen=True)
class Terminal:
    """A real terminal with a real window, and what the hall knows of it."""

    hall: Hall
    settings: Settings
    child: Child
    window: Window

    def hang(self) -> None:
        os.kill(self.child.pid, signal.SIGUSR1)
        until(lambda: "hangs" in self.child.said(), why="the drawing thread did not stop")

    def row(self) -> dict[str, Any]:
        """Its row at the hall."""
        (row,) = self._rows("SELECT * FROM terminals WHERE path LIKE ?")
        return row

    def hung(self) -> list[bool]:
        """Whether the fault is open, in each row that the hall has of it."""
        told = self._rows("SELECT open FROM faults WHERE terminal LIKE ? AND code = 'terminal_screen_hung'")
        return [bool(row["open"]) for row in told]

    def sessions(self) -> list[dict[str, Any]]:
        return self._rows("SELECT * FROM sessions WHERE terminal LIKE ?")

    def _rows(self, sql: str) -> list[dict[str, Any]]:
        return self.hall.rows(self.hall.hall_database, sql, f"%/{self.settings.identity.kiosk}")


@contextmanager
def terminal(hall: Hall, kiosk: str, folder: Path, **changes: Any) -> Iterator[Terminal]:
    """Started on a virtual display of its own; the home page stands."""
    changes |= {"screen.outline_socket": str(folder / kiosk), "screen.width": 540, "screen.height": 960}
    settings = hall.settings(kiosk, **changes)
    argv = (sys.executable, "-m", "tests.journeys.hanging_terminal", str(HANGS))
    with Child(display.screen(540, 960), folder / f"{kiosk}-display.log") as xvfb:
        name = display.number(xvfb)
        command = Command(
            "terminal",
            (*argv, str(settings.data.parent / "terminal.toml")),
            ready="^terminal ready",
            folder=REPO,
            environment={"DISPLAY": name, "SDL_VIDEODRIVER": "x11"},
        )
        with Child(command, folder / f"{kiosk}.log") as child:
            window = Window(name, folder / kiosk)
            window.page("Home", seconds=60)
            yield Terminal(hall, settings, child, window)


def go_to_consent(hall: Hall, window: Window) -> None:
    """A citizen whose card has been read and who is asked for his consent."""
    window.tap("theme:1")
    window.page("ChooseService")
    window.tap("service:SB01", seconds=60)  # the devices may still be opening
    window.tap("start", seconds=60)
    window.page("PlaceCard")
    hall.act("id_card_reader", "put", person="zhang")
    window.until(
        lambda seen: "请取走您的身份证" in seen.text or seen.page == "ChooseOne", "the card to be read"
    )
    hall.act("id_card_reader", "take")
    window.page("ChooseOne")
    window.tap("choice:face")
    window.page("Consent")


def watch(one: Terminal, seconds: float) -> list[dict[str, Any]]:
    """The terminal's row at the hall each time that a new health report has come in."""
    seen: list[dict[str, Any]] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        row = one.row()
        if not seen or row["health_at"] != seen[-1]["health_at"]:
            seen.append(row)
        time.sleep(0.2)
    return seen


def test_health_goes_on_while_the_window_hangs_and_the_session_is_there_afterwards(
    hall: Hall, kiosk: str, tmp_path: Path
) -> None:
    """Two terminals hang at once: one citizen's time is long enough, the other's runs out meanwhile."""
    elsewhere = {f"devices.{name}.port": "127.0.0.1:1" for name in ("receipt_printer", "id_card_reader")}
    with (
        terminal(hall, kiosk, tmp_path, **{"session.idle_seconds": 90.0}) as patient,
        terminal(hall, f"{kiosk}s", tmp_path, **elsewhere, **{"session.idle_seconds": 30.0}) as short,
    ):
        go_to_consent(hall, patient.window)
        short.window.tap("theme:8")
        before = short.window.page("ChooseService")
        assert before.item("service:ZH03") is not None
        patient.hang()
        short.hang()

        reports = watch(patient, HANGS - 12)
        assert len(reports) >= 6, "health stopped coming"
        ages = [row["screen_age"] for row in reports]
        assert ages == sorted(ages)
        assert ages[-1] > 15, "the hall was not told how long the screen has stood still"
        assert reports[-1]["session"], "somebody is still being served"
        assert patient.hung() == [True]
        assert short.hung() == [True]
        with pytest.raises(Stuck):
            patient.window.tap("other", seconds=0)  # the window does not tell what it shows, for it hangs

        until(lambda: "draws again" in patient.child.said(), HANGS)
        until(lambda: patient.hung() == [False], why="the fault was not cleared")
        until(lambda: patient.row()["screen_age"] < 5)
        patient.window.page("Consent", seconds=60)
        assert [one["outcome"] for one in patient.sessions()] == [""], "the same session goes on"
        patient.window.tap("other")
        patient.window.page("ChooseOne")
        patient.window.tap("choice:sms")
        patient.window.page("EnterCode")

        until(lambda: "draws again" in short.child.said(), HANGS)
        short.window.page("Home", seconds=60)
        until(lambda: [one["outcome"] for one in short.sessions()] == ["timeout"])
        until(lambda: short.hung() == [False])
    assert (patient.child.code, short.child.code) == (0, 0), "both end as they should"
