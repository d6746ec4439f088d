"""An event-driven main loop for Kivy: it sleeps in SDL and wakes at the touch.

Stock Kivy sleeps in `Clock.tick()` before it looks at the window, so that a
touch waits through another frame, and wakes 60 times a second for nothing.
This loop waits on SDL's own queue until there is an event, a timer that is due,
or a call from another thread. Where it cannot be set up, or KT_STOCK_LOOP is set
(to compare), the stock loop runs.
"""

from __future__ import annotations

import logging
import os
from typing import Any

import kivy
from kivy.base import EventLoop, ExceptionManager, stopTouchApp
from kivy.clock import Clock

from screens import video

_FRAME = 1 / 60
_LONGEST_WAIT = 2.0  # seconds; signal handlers run only between waits, as each second when the core asks
_TESTED = "2.3.1"
_log = logging.getLogger(__name__)


def install() -> bool:
    """Puts the loop in place of Kivy's. False, with the reason logged, when the stock loop stays."""
    try:
        if kivy.__version__ != _TESTED:
            raise OSError(f"Kivy is {kivy.__version__}, the loop is known to fit {_TESTED} only")
        if os.environ.get("KT_STOCK_LOOP"):
            raise OSError("KT_STOCK_LOOP is set")
        waker = video.Waker()
    except (OSError, AttributeError) as reason:
        _log.warning("the stock loop of Kivy is used: %s", reason)
        Clock._max_fps = 60.0
        return False
    _wake_on_schedule(waker)
    EventLoop.mainloop = lambda: _run(waker)
    return True


def _wake_on_schedule(waker: video.Waker) -> None:
    def on_schedule(event: Any) -> None:
        # Timers count from the last tick. After a long sleep that lies in the past and they would fire early.
        event._last_dt = Clock.time()
        waker.wake()

    Clock.on_schedule = on_schedule


def _run(waker: video.Waker) -> None:
    while not EventLoop.quit and EventLoop.status == "started":
        try:
            _turn(waker)
        except BaseException as error:
            if ExceptionManager.handle_exception(error) == ExceptionManager.RAISE:
                stopTouchApp()
                raise


def _turn(waker: video.Waker) -> None:
    wait = _time_to_wait()
    if wait > 0:
        waker.wait(max(1, round(wait * 1000)))
    if EventLoop.window:
        EventLoop.window.mainloop()
    waker.drained()
    EventLoop.idle()


def _time_to_wait() -> float:
    """Seconds until something is due; timers and animation are paced to 60 a second, input is not."""
    window = EventLoop.window
    if window and window.render_context.needs_redraw:
        return 0.0
    due = max(Clock.get_min_timeout(), Clock._last_tick + _FRAME)
    return min(max(due - Clock.time(), 0.0), _LONGEST_WAIT)
