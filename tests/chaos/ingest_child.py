"""The hall's processes in a chaos run: the real ones. An ingest counts what it is brought, and can die at a
chosen point."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from hall import serve
from hall.intake import filing, ingest
from hall.intake.ingest import Ingest
from hall.intake.letters import RELIABLE, Letter
from hall.settings import BrokerSettings, HallSettings
from tests.chaos import broken
from tests.chaos.tally import TAKEN, Tally

POINTS = {  # how the run tells where to die
    "in mid-transaction": signal.SIGUSR1,
    "after the commit, before an answer": signal.SIGUSR2,
}


def live(order: dict[str, Any], say: Callable[..., None]) -> None:
    """Takes messages until it is killed, or its parent dies."""
    sys.stdout = _Voice(say)
    _count(Tally(Path(order["data"]) / f"{order['name']}.tally"))
    _die_at_points()
    broken.ingest(order.get("broken", ""))
    ingest.BACK_OFF_SECONDS = (0.1, 1.0)
    serve.run_ingest(_settings(order))


def schedule(order: dict[str, Any], say: Callable[..., None]) -> None:
    """Does what is due, as the scheduler of the hall, until it is killed or its parent dies."""
    sys.stdout = _Voice(say)
    serve.run_scheduler(_settings(order))


def _settings(order: dict[str, Any]) -> HallSettings:
    broker = BrokerSettings(
        port=order["port"], client_id=order["name"], share=order["share"], keepalive_seconds=5
    )
    data, database = Path(order["data"]), order["database"]
    return HallSettings(data=data, area="330100", hall="demo", database=database, broker=broker)


class _Voice:
    """Where a process of the hall prints that it is ready."""

    def __init__(self, say: Callable[..., None]) -> None:
        self._say = say

    def write(self, text: str) -> None:
        if text.strip():
            self._say("ready")

    def flush(self) -> None:
        pass


def _count(tally: Tally) -> None:
    honest = filing.file_away

    def counting(tx: Connection, letters: Sequence[Letter]) -> Any:
        tally.add(TAKEN, sum(letter.leaf in RELIABLE for letter in letters))
        return honest(tx, letters)

    filing.file_away = counting


def _die_at_points() -> None:
    """After its signal the process kills itself, as by kill -9, when it next comes to that point."""
    wanted: set[int] = set()
    for number in POINTS.values():
        signal.signal(number, lambda number, _: wanted.add(number))
    honest, acknowledging = filing.file_away, Ingest.acknowledge

    def file_away(tx: Connection, letters: Sequence[Letter]) -> Any:
        filed = honest(tx, letters)
        if signal.SIGUSR1 in wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        return filed

    def acknowledge(self: Ingest, *letters_and_answers: Any) -> None:
        if signal.SIGUSR2 in wanted:
            os.kill(os.getpid(), signal.SIGKILL)
        acknowledging(self, *letters_and_answers)

    filing.file_away = file_away
    Ingest.acknowledge = acknowledge  # type: ignore[method-assign, assignment]
