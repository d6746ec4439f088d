"""The stage of Kivy: the only place where the core's thread and the drawing thread meet.

Towards the window: a queue and `Clock.schedule_once`, which is safe from any
thread. Towards the core: `call_soon_threadsafe`. Every showing has a number and
an answer carries the number of what was in view when it was touched, so that a
touch meant for one prompt never answers the next.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from kivy.clock import Clock

from kiosk.prompts import Answer, Consent, Home, Masked, OutOfService, Place, Prompt
from kiosk.stage import GoBack, GoHome, HearsCodes, HearsGesture, Stage
from screens.leave import Leave
from screens.picture import Pixels, png
from screens.proof import after_next_picture

if TYPE_CHECKING:
    from screens.scene import Scene

T = TypeVar("T")
_log = logging.getLogger(__name__)


class KivyStage:
    """`kiosk.stage.Stage`, drawn with Kivy."""

    def __init__(self, loop: asyncio.AbstractEventLoop, close_window: Callable[[], None]) -> None:
        self._loop = loop
        self._close_window = close_window
        self._calls: deque[Callable[[Scene], None]] = deque()
        self._scene: Scene | None = None
        self._number = 0
        self._asked: tuple[int, asyncio.Future[Answer]] | None = None
        self._listener: Callable[[], None] | None = None
        self._code_listener: Callable[[str], object] | None = None
        self._gesture_listener: Callable[[], None] | None = None
        self._last_beat = time.monotonic()
        self._ping_under_way = False
        self._standing: asyncio.Future[str] = loop.create_future()

    # ── on the core's loop ──────────────────────────────────────────────────
    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        """Shows the prompt and waits for its answer. Raises GoBack or GoHome."""
        self._number += 1
        asked = (self._number, self._loop.create_future())
        self._asked = asked
        self._present(prompt, place)
        try:
            return await asked[1]
        finally:
            if self._asked is asked:
                self._asked = None

    def show(self, prompt: Prompt, place: Place) -> None:
        """Shows the prompt and wants no answer; a pending `ask` keeps waiting for one."""
        self._number += 1
        self._present(prompt, place)

    def warn(self, seconds_left: int | None) -> None:
        """Lays the time-out warning over the prompt, or takes it away with None."""
        self._call(lambda scene: scene.warn(seconds_left))

    def on_touch(self, listener: Callable[[], None]) -> None:
        """Sets who hears of each touch; called on the core's loop."""
        self._listener = listener

    def on_code(self, listener: Callable[[str], object]) -> None:
        """Sets who is given each scanned text; called on the core's loop."""
        self._code_listener = listener

    def on_gesture(self, listener: Callable[[], None]) -> None:
        """Sets who hears of the technician's gesture; called on the core's loop."""
        self._gesture_listener = listener

    def beat_age(self) -> float:
        """Seconds since the drawing thread last answered a ping; sends the next ping."""
        if not self._ping_under_way:
            self._ping_under_way = True
            Clock.schedule_once(self._beat)
        return time.monotonic() - self._last_beat

    async def standing(self) -> str:
        """Waits until the first page for citizens stands, home or out of service; its class's name."""
        return await asyncio.shield(self._standing)

    async def ask_aside(self, question: Consent) -> Answer:
        """Lays a question over the prompt in view, which keeps what was typed and goes on waiting."""
        asked: asyncio.Future[Answer] = self._loop.create_future()

        def answered(answer: Answer) -> None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(_settle, asked, answer)

        self._call(lambda scene: scene.ask_aside(question, answered))
        try:
            return await asked
        finally:
            self._call(lambda scene: scene.ask_aside(None))

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        """A PNG of what is on the screen; of `masked` instead, drawn out of sight, where it is given."""
        drawn: asyncio.Future[Pixels] = self._loop.create_future()

        def draw(scene: Scene) -> None:
            try:
                pixels = scene.pixels() if masked is None else scene.pixels_of(*masked)
            except Exception as error:
                self._loop.call_soon_threadsafe(_fail, drawn, error)
            else:
                self._loop.call_soon_threadsafe(_settle, drawn, pixels)

        self._call(draw)
        return await asyncio.to_thread(png, await drawn)

    def dress(self, language: str, help_phone: str) -> None:
        """Sets the language that the home page begins in, and the number that help names."""
        self._call(lambda scene: scene.dress(language, help_phone))

    def close(self) -> None:
        """Ends the program as if the window had been closed; from any thread."""
        self._close_window()

    def _present(self, prompt: Prompt, place: Place) -> None:
        number = self._number
        first = isinstance(prompt, Home | OutOfService) and not self._standing.done()

        def draw(scene: Scene) -> None:
            scene.present(number, prompt, place)  # a page that fails ends here: it does not stand
            if first:
                after_next_picture(lambda: self._stands(type(prompt).__name__))

        self._call(draw)

    def _answered(self, number: int, answer: Answer | Leave) -> None:
        if self._asked is None or number < self._asked[0] or self._asked[1].done():
            return  # nobody asks, or the touch was meant for an earlier prompt
        asked = self._asked[1]
        if answer is Leave.BACK:
            asked.set_exception(GoBack())
        elif answer is Leave.HOME:
            asked.set_exception(GoHome())
        else:
            asked.set_result(answer)

    def _touched(self) -> None:
        if self._listener is not None:
            self._listener()

    def _scanned(self, text: str) -> None:
        if self._code_listener is not None:
            self._code_listener(text)

    def _gestured(self) -> None:
        if self._gesture_listener is not None:
            self._gesture_listener()

    # ── on the drawing thread ───────────────────────────────────────────────
    def attach(self, scene: Scene) -> None:
        """The window is there: what was shown before it is drawn now."""
        self._scene = scene
        Clock.schedule_once(self._deliver)

    def answer(self, number: int, answer: Answer | Leave) -> None:
        """Takes an answer to the core."""
        with contextlib.suppress(RuntimeError):  # the core's loop has ended before the window
            self._loop.call_soon_threadsafe(self._answered, number, answer)

    def touched(self) -> None:
        """Tells the core of a touch."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._touched)

    def gesture(self) -> None:
        """Tells the core of the technician's gesture."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._gestured)

    def scanned(self, text: str) -> None:
        """Takes what a scanner has typed to the core."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._scanned, text)

    def _call(self, act: Callable[[Scene], None]) -> None:
        self._calls.append(act)
        Clock.schedule_once(self._deliver)

    def _deliver(self, _: float) -> None:
        while self._scene is not None and self._calls:
            self._calls.popleft()(self._scene)

    def _stands(self, page: str) -> None:
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(_settle, self._standing, page)

    def _beat(self, _: float) -> None:
        self._last_beat = time.monotonic()
        self._ping_under_way = False


def _settle(future: asyncio.Future[T], result: T) -> None:
    if not future.done():
        future.set_result(result)


def _fail(future: asyncio.Future[T], error: Exception) -> None:
    if not future.done():
        future.set_exception(error)


if TYPE_CHECKING:
    _fits: type[Stage] = KivyStage
    _hears: type[HearsCodes] = KivyStage
    _knows: type[HearsGesture] = KivyStage
