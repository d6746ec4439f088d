"""A hall that is slow, or comes and goes, is not given everything at once, and not again and again."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from kiosk import sender as senders
from mqtt import outbox
from mqtt.messages import Ack
from tests.kiosk.small_terminal import PATH, eventually, terminal
from tests.mqtt.small_hall import small_hall
from tests.peers.broker import broker


def test_given_a_hall_that_answers_late_then_so_many_messages_are_on_their_way_and_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "UNANSWERED", 10)
    monkeypatch.setattr(outbox, "FIRST_WAIT", 3600.0)

    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, lambda envelope: None) as hall:
                async with terminal(tmp_path / "data", running.port) as one:
                    await one.files(20)  # two messages each
                    await eventually(lambda: len(hall.arrivals) == 10)
                    for answered in range(40):
                        await eventually(lambda n=answered: len(hall.arrivals) > n)  # type: ignore[misc]
                        assert len(hall.arrivals) - answered <= 10
                        hall.publish(PATH.topic("ack"), Ack(hall.arrivals[answered], "stored"))
                    await eventually(lambda: one.depth() == 0)
                    assert len(hall.arrivals) == len(set(hall.arrivals)) == 40

    asyncio.run(hour())


def test_given_a_hall_that_is_back_then_what_would_wait_long_goes_now_and_what_was_just_sent_does_not() -> (
    None
):
    store = sqlite3.connect(":memory:")
    store.executescript(outbox.TABLES)
    for number, attempts, due in ((1, 1, 105.0), (2, 6, 290.0)):
        outbox.add(store, b"m", f"id{number}", "tx", 1, number, 0.0)
        store.execute("UPDATE outbox SET attempts = ?, due = ? WHERE seq = ?", (attempts, due, number))
    assert outbox.unanswered(store, 100.0, 10) == 2
    outbox.hurry(store, 100.0)
    assert [row.id for row in outbox.due(store, 100.0, 10)] == ["id2"]
    assert outbox.unanswered(store, 100.0, 10) == 1
