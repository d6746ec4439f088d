"""Mistakes to be made on purpose in a child: each must be found out by the judge, by its name.

A mistake is named in a child's order and is made after the fork, in that process alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hall.data import tables
from hall.intake import filing
from hall.intake.ingest import Ingest
from hall.intake.letters import STORED, Arrival, open_letter
from kiosk.data import journal
from kiosk.link.sender import Sender
from mqtt import outbox
from mqtt.messages import Ack

PLAIN = tables.messages.insert()


def terminal(mistake: str) -> None:
    """Makes the mistake in this process. KeyError for an unknown one."""
    if mistake:
        TERMINAL[mistake]()


def ingest(mistake: str) -> None:
    """Makes the mistake in this process. KeyError for an unknown one."""
    if mistake:
        INGEST[mistake]()


def _deletes_on_puback() -> None:
    def on_puback(self: Sender, id: str) -> None:
        self.on_ack(Ack(id, "stored"))

    Sender.on_puback = on_puback  # type: ignore[method-assign]


def _repeats_a_number() -> None:
    honest = journal._place

    def place(tx: Any) -> tuple[int, bytes, dict[str, int]]:
        n, chain, numbers = honest(tx)
        return n, chain, numbers if n % 7 else {name: max(0, last - 1) for name, last in numbers.items()}

    journal._place = place


def _tells_outside_of_the_transaction() -> None:
    """Every tenth message is journalled, and its row in the outbox would have been written later."""
    honest, told = outbox.add, [0]

    def add(*arguments: Any) -> None:
        told[0] += 1
        if told[0] % 10:
            honest(*arguments)

    outbox.add = add  # type: ignore[assignment]


def _forgets_reopened_rows() -> None:
    outbox.reopen_above = lambda *_: 0


def _answers_before_the_commit() -> None:
    honest, answering = Ingest.take, Ingest.acknowledge

    def take(self: Ingest, arrivals: Sequence[Arrival], refusal: str = "") -> None:
        letters = [open_letter(arrival, refusal) for arrival in arrivals]
        for letter in letters:
            letter.code = letter.code or STORED
        answering(self, letters)
        honest(self, arrivals, refusal)

    Ingest.take = take  # type: ignore[method-assign]
    Ingest.acknowledge = lambda *_: None  # type: ignore[method-assign]


def _inserts_without_on_conflict() -> None:
    """Nor does it look first: what comes again is an error of the store."""
    honest = filing._statements

    def statements(dialect: str) -> dict[str, Any]:
        return {**honest(dialect), "messages": PLAIN}

    filing._statements = statements  # type: ignore[assignment]
    filing.numbers.repeated = lambda *_: set()  # type: ignore[attr-defined]


TERMINAL: dict[str, Callable[[], None]] = {
    "deletes on PUBACK": _deletes_on_puback,
    "repeats a number": _repeats_a_number,
    "tells outside of the transaction": _tells_outside_of_the_transaction,
    "forgets reopened rows": _forgets_reopened_rows,
}
INGEST: dict[str, Callable[[], None]] = {
    "answers before the commit": _answers_before_the_commit,
    "inserts without ON CONFLICT": _inserts_without_on_conflict,
}
