"""Starts the two threads of a terminal and ends them: Kivy on the main one, the core on the second."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
import traceback
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from config.settings import ScreenSettings
from config.words import Words
from kiosk import notify
from screens import environment, video

JOIN_SECONDS = 40.0  # a filing or a print under way takes up to 20 (kiosk/terminal.py); then its parts close
_log = logging.getLogger(__name__)

StartCore = Callable[[Any, asyncio.AbstractEventLoop], Awaitable[None]]


class NoDisplay(Exception):
    """No window can be opened: there is no display, or it refuses us."""


class _Core:
    """The second thread: one asyncio loop, from `start` to `stop`. `failed` tells how it ended."""

    def __init__(self, start_core: StartCore, close_window: Callable[[], None]) -> None:
        self.failed = False
        self.stage: Any = None
        self._start_core, self._close_window = start_core, close_window
        self._thread = threading.Thread(target=self._work, name="core", daemon=True)
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending: asyncio.Event | None = None

    def start(self) -> None:
        self._thread.start()
        self._ready.wait()

    def stop(self) -> None:
        """Cancels the core and waits for its end."""
        if self._loop is not None and self._ending is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ending.set)
        self._thread.join(JOIN_SECONDS)
        if self._thread.is_alive():
            self.failed = True
            _log.error("the core did not end within %s s and is left behind", JOIN_SECONDS)

    def ask(self, answer: Callable[[], None]) -> None:
        """Has `answer` called on the core's loop. RuntimeError when that has ended."""
        if self._loop is not None:
            self._loop.call_soon_threadsafe(answer)

    def _work(self) -> None:
        try:
            asyncio.run(self._live())
        except Exception:
            self.failed = True
            _log.exception("the core ended by an error")
        finally:
            self._ready.set()
            self._close_window()

    async def _live(self) -> None:
        from screens.stage import KivyStage

        self._loop, self._ending = asyncio.get_running_loop(), asyncio.Event()
        self.stage = KivyStage(self._loop, self._close_window)
        self._ready.set()
        core = asyncio.ensure_future(self._start_core(self.stage, self._loop))
        ending = asyncio.ensure_future(self._ending.wait())
        await asyncio.wait({core, ending}, return_when=asyncio.FIRST_COMPLETED)
        if not core.done():
            core.cancel()
            await asyncio.gather(core, return_exceptions=True)
            ended = None if core.cancelled() else core.exception()
            if ended is not None:
                _log.error("the core ended badly", exc_info=ended)
        elif not core.cancelled() and core.exception() is not None:
            ending.cancel()
            core.result()
        else:
            await ending  # it has started its own tasks; they live as long as the window


def run(
    settings: ScreenSettings, hall: Words, start_core: StartCore, kivy_home: Path, help_phone: str = ""
) -> None:
    """Shows the terminal until its window closes, `stage.close()`, SIGINT or SIGTERM.

    `start_core(stage, loop)` runs on the core's loop and may return once its tasks are under way.
    Raises NoDisplay, and SystemExit(1), after logging it, when the core ends by an error.
    """
    environment.prepare(kivy_home, settings.width, settings.height, settings.full_screen)
    if not video.has_display():
        raise NoDisplay
    from kivy.base import EventLoop, runTouchApp, stopTouchApp
    from kivy.clock import Clock

    def close_window() -> None:
        Clock.schedule_once(lambda _: stopTouchApp())

    core = _Core(start_core, close_window)
    core.start()
    scene: Any = None
    outline: Any = None
    keys: Any = None
    proof: Any = None
    try:
        with _signals(close_window):
            scene, part = _open(settings, hall, core, help_phone)
            keys = _listen(core)
            proof = _prove(core, part)
            if settings.outline_socket:
                from screens.outline import Outline

                outline = Outline(settings.outline_socket, scene)
            runTouchApp(scene)
    finally:
        notify.say("STOPPING=1\nSTATUS=stopping")
        if proof is not None:
            proof.close()
        if outline is not None:
            outline.close()
        if keys is not None:
            keys.close()
        if scene is not None:
            scene.close()
        core.stop()
        if EventLoop.window is not None:
            EventLoop.window.close()
    if core.failed:
        raise SystemExit(1)


def _open(settings: ScreenSettings, hall: Words, core: _Core, help_phone: str) -> tuple[Any, Any]:
    """The window with what is in it, and who draws a part of it."""
    from kivy.base import EventLoop
    from kivy.core.window import Window

    from screens import loop, video
    from screens.press import PressedPart
    from screens.scene import Scene, Told
    from screens.tokens import GROUND

    try:
        EventLoop.ensure_window()
    except SystemExit:
        raise NoDisplay from None
    loop.install()
    _go_on_after_errors()
    Window.allow_screensaver = False
    Window.clearcolor = GROUND
    if video.offscreen():
        _finish_each_picture(Window)
    told = Told(core.stage.answer, core.stage.touched, core.stage.gesture)
    scene = Scene(tuple(Window.size), hall, settings.language, told, help_phone)
    part = PressedPart(Window)
    scene.pressing, scene.draw_whole = part.show, part.cancel
    Window.bind(size=lambda _, size: scene.resize(*size))
    core.stage.attach(scene)
    return scene, part


def _listen(core: _Core) -> Any:
    """Hears the window's keys for a scanner that types; nothing else in the window wants keys."""
    from kivy.core.window import Window

    from screens.scan_keys import ScanKeys

    return ScanKeys(Window, core.stage.scanned)


def _prove(core: _Core, part: Any) -> Any:
    """Feeds the watchdog that waits for us; None where none does."""
    if not (seconds := notify.watchdog_seconds()):
        return None
    from screens.proof import Proof

    return Proof(seconds, core.ask, part.again)


def _go_on_after_errors() -> None:
    """An error in a page is logged, without its text, which may hold what a citizen typed."""
    from kivy.base import ExceptionHandler, ExceptionManager

    class Handler(ExceptionHandler):
        def handle_exception(self, error: BaseException) -> int:
            if not isinstance(error, Exception):
                return int(ExceptionManager.RAISE)
            where = traceback.extract_tb(error.__traceback__)[-1]
            _log.error(
                "a page failed: %s at %s:%s", type(error).__name__, Path(where.filename).name, where.lineno
            )
            return int(ExceptionManager.PASS)

    ExceptionManager.add_handler(Handler())


def _finish_each_picture(window: Any) -> None:
    """Without a display nothing paces the drawing: unfinished pictures would pile up in memory."""
    from kivy.graphics.opengl import glFinish

    window.bind(on_flip=lambda *_: glFinish())


@contextmanager
def _signals(close_window: Callable[[], None]) -> Iterator[None]:
    """SIGINT and SIGTERM close the window while this lasts."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, lambda *_: close_window()) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
