"""The programs that have a window, from the settings file to the exit code: the terminal, and its notice.

An end that somebody must mend is told in one line (what, where, what to do next), noted for the notice, and
has an exit code of its own (`config/ends.py`).
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from config import ends
from config.faults import any_fault
from config.settings import Settings
from config.spoken import say
from config.toml_file import ConfigError
from kiosk import last_end, notice, notify
from kiosk.enrolment import enrolled_settings
from screens import app

_MEMORY = Path("/dev/shm")  # a file system that no full disk fills


def terminal(file: Path) -> int:
    """The citizen's window until it is closed. ConfigError when settings or catalogue do not fit."""
    chosen = enrolled_settings.load(file)
    last_end.note(chosen.data, last_end.CRASHED)  # until it is known better
    if last_end.full(chosen.data):
        return _cannot(chosen, last_end.FULL, "no space left on the disk")
    try:
        code = _serve(chosen)
    except ConfigError:
        last_end.note(chosen.data, "terminal_settings_broken")
        raise
    except app.NoDisplay:
        return _cannot(chosen, "terminal_no_display", f"DISPLAY={os.environ.get('DISPLAY', '')}")
    except Exception as error:
        if not (why := last_end.cause(error)):
            raise
        return _cannot(chosen, why, str(error))
    last_end.forget(chosen.data)
    return code


def show_notice(file: Path) -> int:
    """The out-of-service page, while the terminal itself cannot start, until it is told to end."""
    known = notice.known(file)
    _use_zone(known.time_zone)

    async def start(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
        ready = loop.create_task(_say_ready(stage, "notice"))
        try:
            await notice.show(file, stage)
        finally:
            ready.cancel()

    with tempfile.TemporaryDirectory(
        prefix="kiosk-notice-", dir=_MEMORY if _MEMORY.is_dir() else None
    ) as own:
        try:
            app.run(known.screen, known.hall_name, start, Path(own))
        except app.NoDisplay:
            _say("terminal_no_display", f"DISPLAY={os.environ.get('DISPLAY', '')}")
            return ends.OF_FAULT["terminal_no_display"]
    return ends.DONE


def _serve(chosen: Settings) -> int:
    from kiosk import catalogue_release  # not for the notice, which needs as little as there may be left
    from kiosk import terminal as core

    catalogue = catalogue_release.at_start(chosen)
    identity = chosen.identity
    _use_zone(identity.time_zone)
    code = ends.DONE
    failure: Exception | None = None

    async def start(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
        nonlocal code, failure
        ready = loop.create_task(_say_ready(stage, "terminal"))
        try:
            code = ends.RESTART if await core.serve(chosen, catalogue, stage) else ends.DONE
        except Exception as error:
            if not last_end.cause(error):
                raise
            failure = error
        finally:
            ready.cancel()
        stage.close()

    app.run(chosen.screen, identity.hall_name, start, chosen.data / "kivy", identity.help_phone)
    if failure is not None:
        raise failure
    return code


async def _say_ready(stage: Any, name: str) -> None:
    """Tells whoever started us that the first page stands on the glass: home, or out of service."""
    try:
        page = await stage.standing()
    finally:
        gc.freeze()  # the program itself, which no later look for rubbish need go through
        gc.enable()  # main.py has put it off
    notify.say(f"READY=1\nSTATUS={page} stands")
    say(f"{name} ready")


def _cannot(chosen: Settings, code: str, detail: str) -> int:
    last_end.note(chosen.data, code)
    _say(code, f"{detail} ({chosen.data})")
    return ends.OF_FAULT.get(code, ends.FAILED)


def _say(code: str, detail: str) -> None:
    told = detail.removeprefix(f"{code}: ")
    say(f"{code}: {told}. {any_fault(code).technician.en}", sys.stderr)


def _use_zone(name: str) -> None:
    """The hall's time, wherever the computer was installed."""
    os.environ["TZ"] = name
    time.tzset()
