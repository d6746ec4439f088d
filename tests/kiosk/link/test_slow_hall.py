"""A hall that is slow, or comes and goes, is not given everything at once, and not again and again."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from kiosk.link import sender as senders
from mqtt import outbox
from mqtt.messages import Ack, Data, Envelope
from tests.kiosk.small_terminal import PATH, eventually, hurry, terminal
from tests.mqtt.small_hall import small_hall, stored
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
    for number, attempts, due in ((1, 1, 105.0), (2, 3, 290.0)):
        outbox.add(store, b"m", f"id{number}", "tx", 1, number, 0.0)
        store.execute("UPDATE outbox SET attempts = ?, due = ? WHERE seq = ?", (attempts, due, number))
    assert outbox.unanswered(store, 100.0, 10) == 2
    outbox.hurry(store, 100.0)
    assert [row.id for row in outbox.due(store, 100.0, 10)] == ["id2"]
    assert outbox.unanswered(store, 100.0, 10) == 1


@pytest.mark.parametrize("answer_of_the_first", ["none", "internal"])
def test_given_messages_that_the_hall_never_takes_then_those_behind_them_are_not_held_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer_of_the_first: str
) -> None:
    hurry(monkeypatch)
    monkeypatch.setattr(senders, "UNANSWERED", 10)
    stuck: set[str] = set()

    def answer(envelope: Envelope[Data]) -> Ack | None:
        if len(stuck) < 20:
            stuck.add(envelope.id)
        if envelope.id not in stuck:
            return stored(envelope)
        return Ack(envelope.id, "internal", retry=True) if answer_of_the_first == "internal" else None

    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, answer):
                async with terminal(tmp_path / "data", running.port) as one:
                    await one.files(20)  # two messages each
                    await eventually(lambda: one.depth() == 20)
                    assert len(stuck) == 20

    asyncio.run(hour())
