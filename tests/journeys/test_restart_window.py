"""A terminal with a real window that the hall restarts: it ends by itself, and says by its exit code why."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

from config.commands import RESTART_CODE
from drivers.virtual.demo import MAIN
from drivers.virtual.processes import Child, Command
from kiosk.log_file import FILE, FOLDER
from mqtt.topics import TerminalPath
from tests.journeys.hall import Hall, until
from tests.journeys.hall_voice import hall_voice


def test_the_window_closes_with_a_code_of_its_own_and_the_next_start_tells_that_it_is_done(
    hall: Hall, kiosk: str, tmp_path: Path
) -> None:
    settings = hall.settings(kiosk, **{"screen.width": 540, "screen.height": 960})
    argv = (sys.executable, str(MAIN), "terminal", "--settings", str(settings.data.parent / "terminal.toml"))
    command = Command("terminal", argv, ready="^terminal ready", environment={"SDL_VIDEODRIVER": "offscreen"})
    with hall_voice(hall.ports.broker, TerminalPath("330100", "demo", kiosk)) as voice:
        with Child(command, tmp_path / "terminal.log") as child:
            picture = voice.give("screenshot")
            assert voice.until(picture, "done").detail == "Home"
            assert voice.file(picture).startswith(b"\x89PNG\r\n")
            restart = voice.give("restart")
            until(lambda: not child.running, 60, "it does not end")
            assert child.code == RESTART_CODE
            assert "done" not in voice.told(restart)
            child.restart(60)
            voice.until(restart, "done")
            assert voice.told(restart) == ["accepted", "running", "done"]
            assert child.stop() == 0
    lines = (settings.data / FOLDER / FILE).read_bytes().splitlines()
    assert len([one for one in map(msgspec.json.decode, lines) if one["event"] == "link.connected"]) == 2
