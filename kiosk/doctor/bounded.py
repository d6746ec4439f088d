"""A question that is over in so many seconds, whatever the other end does.

A time-out of a socket starts anew with each byte, and the resolver has none: so a thread asks, and is left
behind when it takes too long. It keeps no program from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, ask: Callable[[], T]) -> T:
    """What `ask` returns or raises; TimeoutError when it is still at it after `seconds`."""
    answer: Future[T] = Future()

    def asking() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    threading.Thread(target=asking, name="doctor-asks", daemon=True).start()
    return answer.result(seconds)
