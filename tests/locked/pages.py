"""The citizen's window, showing one kind of page after the other as it is told.

`python -m tests.locked.pages SOCKET OUTLINE HOME [broken…]`. A line on the socket is the name of a page, or
`told`; either is answered by a line of JSON: what the core has heard since the page came. `broken` is one of
BREAKS, which the tests must notice.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from config.settings import ScreenSettings
from config.words import Words
from kiosk.prompts import OutOfService, Place, Prompt, Working
from kiosk.stage import GoBack, GoHome
from screens.app import run
from tests.locked import watch
from tests.screens import prompts as p
from tests.screens.field_prompts import NAME, only
from tests.screens.who_prompts import PIN

CLOSED = OutOfService(
    what=Words("设备正在维护。", "The machine is being looked after."),
    call=Words("请拨打咨询电话。", "Please call the hall."),
)
PAGES: dict[str, tuple[Prompt, Place]] = {
    "home": (p.HOME, p.NOWHERE),
    "guide": (p.GUIDE, p.at(1)),
    "form": (p.FORM, p.at(4)),
    "pad": (only(NAME), p.at(4)),
    "pin": (PIN, p.at(3)),
    "waiting": (Working(p.SERVICE, 5), p.at(4)),
    "result": (p.RESULT, p.at(5)),
    "closed": (CLOSED, p.NOWHERE),
    "help": (p.GUIDE, p.at(1)),
    "warning": (p.GUIDE, p.at(1)),
}


def _on_key(key: int, act: Callable[[], object]) -> Callable[[], None]:
    def bind() -> None:
        from kivy.core.window import Window

        Window.bind(on_key_down=lambda window, pressed, *_: pressed == key and bool(act()))

    return bind


def _leave_on_escape() -> None:
    from kivy.core.window import WindowBase

    WindowBase.on_keyboard.exit_on_escape = 1


def _keep_a_picture() -> None:
    from kivy.core.window import Window

    Window.screenshot("picture.png")


def _start_a_program() -> None:
    subprocess.Popen(["sleep", "30"])


# What a careless change would bring, for the tests to notice: F1, F2 and F3 are 282 to 284.
BREAKS: dict[str, Callable[[], object]] = {
    "escape": _leave_on_escape,
    "picture": _on_key(282, _keep_a_picture),
    "program": _on_key(283, _start_a_program),
}


class Citizens:
    """The core: asks one page for ever, and remembers what it heard."""

    def __init__(self, stage: Any) -> None:
        self._stage = stage
        self._asking: asyncio.Task[None] | None = None
        self.heard: dict[str, list[str]] = {}
        stage.on_touch(lambda: None)
        stage.on_code(lambda text: self.heard["codes"].append(text))
        if hasattr(stage, "on_gesture"):
            stage.on_gesture(lambda: self.heard["gestures"].append("made"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await reader.readline()).decode().strip()
        if name in PAGES:
            await self.show(name)
        writer.write(json.dumps(self.heard).encode() + b"\n")
        await writer.drain()
        writer.close()

    async def show(self, name: str) -> None:
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)
        self.heard = {"answers": [], "codes": [], "gestures": []}
        self._stage.warn(20 if name == "warning" else None)
        self._asking = asyncio.create_task(self._ask(*PAGES[name]))
        await asyncio.sleep(0)  # it has asked: whoever looks from now on sees this page

    async def _ask(self, prompt: Prompt, place: Place) -> None:
        while True:
            try:
                answer = await self._stage.ask(prompt, place)
                self.heard["answers"].append(type(answer).__name__)
            except (GoBack, GoHome) as left:
                self.heard["answers"].append(type(left).__name__)


async def _break(loop: asyncio.AbstractEventLoop, broken: list[str]) -> None:
    """On the drawing thread, where windows are."""
    from kivy.clock import Clock

    done = asyncio.Event()

    def act(_: float) -> None:
        for one in broken:
            BREAKS[one]()
        loop.call_soon_threadsafe(done.set)

    Clock.schedule_once(act)
    await done.wait()


def main() -> None:
    """SOCKET OUTLINE HOME [broken…]: until a signal ends it."""
    socket, outline, home, *broken = sys.argv[1:]
    settings = ScreenSettings(width=540, height=960, full_screen=True, outline_socket=outline)

    servers: list[asyncio.Server] = []  # one, kept as long as the window

    async def core(stage: Any, loop: asyncio.AbstractEventLoop) -> None:
        citizens = Citizens(stage)
        await citizens.show("home")
        await stage.picture()  # the window draws: from now on it tells what is on it
        if broken:
            await _break(loop, broken)
        servers.append(await asyncio.start_unix_server(citizens.serve, socket))
        print("pages ready\n", end="", flush=True)

    watch.begin()
    run(settings, p.HALL, core, Path(home), p.PHONE)


if __name__ == "__main__":
    main()
