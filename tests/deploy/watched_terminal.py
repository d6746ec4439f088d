"""A terminal's real window with a core of a few lines, which goes wrong on demand.

`python -m tests.deploy.watched_terminal [broken]` reads from stdin what is to go wrong and for how many
seconds, a word and a number a line; it says `ready` when its page stands, and the word when that has begun.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.settings import ScreenSettings
from screens.app import run
from tests.screens import prompts as p


def window_hangs(seconds: float, loop: asyncio.AbstractEventLoop) -> None:
    """The drawing thread stands still."""
    from kivy.clock import Clock

    Clock.schedule_once(lambda _: time.sleep(seconds))


def core_hangs(seconds: float, loop: asyncio.AbstractEventLoop) -> None:
    """The core's loop stands still; the window draws and its timers run."""
    loop.call_soon_threadsafe(time.sleep, seconds)


def picture_stays(seconds: float, loop: asyncio.AbstractEventLoop) -> None:
    """Timers and touches go on, but no picture reaches the glass."""
    from kivy.clock import Clock
    from kivy.core.window import Window

    end = time.monotonic() + seconds

    def broken(*_: Any) -> None:
        if time.monotonic() < end:
            raise ValueError("on purpose")

    Clock.schedule_once(lambda _: Window.bind(on_draw=broken))


TROUBLES = {act.__name__: act for act in (window_hangs, core_hangs, picture_stays)}


async def core(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
    def obey() -> None:
        for line in sys.stdin:
            word, seconds = line.split()
            TROUBLES[word](float(seconds), loop)
            print(f"{word}\n", end="", flush=True)

    if "broken" in sys.argv:  # what is shown first fails to draw
        stage.show(replace(p.HOME, tiles=None), p.NOWHERE)  # type: ignore[arg-type]
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stage.standing(), 1.0)
            print("a page that failed is said to stand\n", end="", flush=True)
    stage.show(p.HOME, p.NOWHERE)
    await stage.standing()
    print("ready\n", end="", flush=True)
    threading.Thread(target=obey, daemon=True).start()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        run(ScreenSettings(width=270, height=480, full_screen=False), p.HALL, core, Path(home), p.PHONE)
