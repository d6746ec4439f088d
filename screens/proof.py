"""Proof that the window draws and the core thinks, for the watchdog that starts a terminal again.

A timer alone would prove too little: it fires in a window that shows nothing. So every few seconds a picture
is drawn although nothing has changed, and only when it is on the glass, and the core has answered since the
last time, the watchdog is fed (docs/decisions/114-watchdog.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from kivy.clock import Clock

from kiosk import notify

_A_WATCH = 3  # pictures: one may come late, and another, before the watchdog bites
AskCore = Callable[[Callable[[], None]], object]


def after_next_picture(act: Callable[[], None], prepare: Callable[[], None] | None = None) -> None:
    """Draws a picture and calls `act` when it is on the glass; both on the drawing thread, once.

    `prepare` may say which part of it is enough.
    """
    from kivy.core.window import Window
    from kivy.graphics.opengl import glFinish

    def shown(_: float) -> None:
        glFinish()  # the buffers were changed; now the graphics driver has done it, too, or hangs here
        act()

    def flipping(*_: Any) -> None:
        # Called before the buffers change. What is scheduled here comes after that, or never.
        Window.unbind(on_flip=flipping)
        Clock.schedule_once(shown)

    if prepare is not None:
        prepare()
    Window.bind(on_flip=flipping)
    Window.canvas.ask_update()


class Proof:
    """Feeds the watchdog while window and core are alive. Made on the drawing thread; `close()` ends it.

    `ask_core(answer)` has `answer` called on the core's loop. `prepare` before each picture: which part is
    enough.
    """

    def __init__(self, seconds: float, ask_core: AskCore, prepare: Callable[[], None]) -> None:
        self._ask_core, self._prepare = ask_core, prepare
        self._answered = self._drawing = False
        self._ask()
        self._timer = Clock.schedule_interval(self._draw, seconds / _A_WATCH)

    def close(self) -> None:
        """Feeds no more: whoever stops has the time that systemd gives to stopping."""
        self._timer.cancel()

    def _draw(self, _: float) -> None:
        if not self._drawing:
            self._drawing = True
            after_next_picture(self._shown, self._prepare)

    def _shown(self) -> None:
        self._drawing = False
        if self._answered:
            notify.say("WATCHDOG=1")
            self._ask()

    def _ask(self) -> None:
        self._answered = False
        with contextlib.suppress(RuntimeError):  # the core's loop has ended; the window is about to
            self._ask_core(self._hear)

    def _hear(self) -> None:
        self._answered = True
