"""Named points of a journey at which a process may be killed.

The child process wraps a few methods of the core before it starts; the core
itself knows nothing of it.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from kiosk.data.ledger import Ledger
from kiosk.devices.devices import Devices
from kiosk.link.sender import Sender
from kiosk.platform import Platform

POINTS = (
    "session told",
    "submission intended",
    "submission sent",
    "case answered",
    "submission accepted",
    "certificate intended",
    "certificate sent",
    "certificate submitted",
    "certificate confirmed",
    "receipt sent",
    "receipt printed",
    "receipt confirmed",
    "rating told",
    "ack arrived",
    "goodbye told",
)

MONEY_POINTS = (
    "payment intended",
    "payment sent",
    "order opened",
    "order closed",
    "payment paid",
    "submission intended",
    "submission sent",
    "case answered",
    "submission accepted",
    "payment settled",
    "order refunded",
    "payment refunded",
)


def reach(target: str, act: Callable[[], None]) -> None:
    """Has `act` called the first time that the journey reaches `target`."""
    assert target in POINTS + MONEY_POINTS, target
    done: list[str] = []

    def passed(point: str) -> None:
        if point == target and not done:
            done.append(point)
            act()

    after(
        Ledger, "tell", lambda told, ledger, session, message: passed(_TOLD.get(type(message).__name__, ""))
    )
    after(Ledger, "intend", lambda told, ledger, kind, *rest, **named: passed(f"{_name(told)} intended"))
    after(
        Ledger,
        "advance",
        lambda told, ledger, record, state, message, **named: passed(f"{_name(record)} {state}"),
    )
    after(Platform, "submit", lambda told, platform, key, submission: passed("case answered"))
    for name, point in _ORDERS.items():
        after(Platform, name, lambda told, *rest, point=point: passed(point))
    after(Devices, "call", lambda told, devices, kind, verb, *rest, **named: passed(_VERBS.get(verb, "")))
    noted = Sender.on_ack

    def on_ack(sender: Sender, ack: Any) -> None:
        passed("ack arrived")
        noted(sender, ack)

    Sender.on_ack = on_ack  # type: ignore[method-assign, assignment]


def kill_self() -> None:
    """As a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def tell_parent_and_wait() -> None:
    """Says that the point is reached and goes on when the parent says so."""
    print("at the point\n", end="", flush=True)
    sys.stdin.readline()


_TOLD = {"SessionStarted": "session told", "RatingGiven": "rating told", "SessionEnded": "goodbye told"}
_ORDERS = {"create_order": "order opened", "close_order": "order closed", "refund_order": "order refunded"}
_VERBS = {"submit": "certificate submitted", "print_image": "receipt printed"}


def _name(record: Any) -> str:
    return str(record.document or record.kind)


def after(owner: type, name: str, told: Callable[..., None]) -> None:
    """Calls `told(result, *arguments)` each time after the coroutine method has returned."""
    method = getattr(owner, name)

    @functools.wraps(method)
    async def wrapped(*arguments: Any, **named: Any) -> Any:
        result = await method(*arguments, **named)
        told(result, *arguments, **named)
        return result

    setattr(owner, name, wrapped)
