"""Store, journal, outbox, sender and link together, over a real broker: every message arrives, once."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from mqtt import outbox
from mqtt.messages import Ack, Data, Envelope, HostState, Stored
from tests.kiosk.small_terminal import PATH, eventually, hurry, terminal
from tests.mqtt.small_hall import small_hall, stored
from tests.peers.broker import broker


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def test_given_cases_filed_then_the_hall_has_each_once_transactions_in_their_order(tmp_path: Path) -> None:
    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                await one.files(15)
                await eventually(lambda: one.depth() == 0)
                assert one.agrees(hall)
                transactions = [row.seq for row in hall.rows.values() if row.type == "hall.case.filed"]
                assert transactions == list(range(1, 16))
                assert one.refused == []

    asyncio.run(hour())


def test_given_a_puback_without_an_ack_then_the_row_stays_until_the_hall_itself_has_answered(
    tmp_path: Path,
) -> None:
    silent = True

    def answer(envelope: Envelope[Data]) -> Ack | None:
        return None if silent else stored(envelope)

    async def hour() -> None:
        nonlocal silent
        with broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, answer) as hall:
                async with terminal(tmp_path / "data", running.port) as one:
                    await one.files(1)
                    await eventually(lambda: len(hall.arrivals) >= 6)  # each sent again and again
                    await eventually(lambda: not one.link.in_flight)  # the broker has confirmed them all
                    assert one.depth() == 2
                    silent = False
                    await eventually(lambda: one.depth() == 0)
                    assert one.agrees(hall)
                    assert len(hall.rows) == 2

    asyncio.run(hour())


def test_given_acks_that_are_lost_at_random_then_each_message_is_one_row_at_the_hall(tmp_path: Path) -> None:
    dice = random.Random(7)

    def answer(envelope: Envelope[Data]) -> Ack | None:
        hall_rows.setdefault(envelope.id, envelope)  # committed, and then the ack is lost
        return stored(envelope) if dice.random() < 0.6 else None

    hall_rows: dict[str, Envelope[Data]] = {}

    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, answer) as hall:
                async with terminal(tmp_path / "data", running.port) as one:
                    await one.files(15)
                    await eventually(lambda: one.depth() == 0)
                    assert set(hall_rows) == set(one.journalled())
                    assert len(hall.arrivals) > len(hall_rows)

    asyncio.run(hour())


def test_given_a_broker_killed_and_started_in_mid_stream_then_everything_arrives(tmp_path: Path) -> None:
    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                for _ in range(2):
                    filing = asyncio.create_task(one.files(10))
                    await eventually(lambda: len(hall.arrivals) > 3)
                    running.kill()
                    await filing  # the terminal goes on working
                    await one.files(1)
                    await eventually(lambda: not one.link.connected)
                    assert one.depth() > 0
                    running.start()
                await eventually(lambda: one.depth() == 0)
                assert one.agrees(hall)

    asyncio.run(hour())


def test_given_a_terminal_that_was_cut_off_then_after_its_next_start_the_rest_arrives(tmp_path: Path) -> None:
    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            async with terminal(tmp_path / "data", running.port) as one:
                await one.files(5)  # and no hall to answer
            with small_hall(running.host, running.port, PATH) as hall:
                async with terminal(tmp_path / "data", running.port) as again:
                    await again.files(1)
                    await eventually(lambda: again.depth() == 0)
                    assert again.agrees(hall)
                    assert {row.boot for row in hall.rows.values()} == {1, 2}

    asyncio.run(hour())


def test_given_a_final_refusal_then_the_message_is_dead_the_fault_is_told_and_the_next_arrives(
    tmp_path: Path,
) -> None:
    asked: list[str] = []

    def answer(envelope: Envelope[Data]) -> Ack:
        asked.append(envelope.id)
        if envelope.seq == 1:
            return Ack(envelope.id, "malformed")
        return Ack(envelope.id, "busy", retry=True) if len(asked) < 8 else stored(envelope)

    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, answer) as hall:
                async with terminal(tmp_path / "data", running.port) as one:
                    await one.files(3)
                    await eventually(lambda: one.depth() == 0)
                    with one.store.read() as read:
                        dead = outbox.dead(read)
                    assert sorted(dead) == sorted(one.refused)
                    assert [code for _, code in dead] == ["malformed", "malformed"]
                    assert {row.seq for row in hall.rows.values()} == {2, 3}

    asyncio.run(hour())


def test_given_a_hall_restored_from_a_backup_then_it_gets_again_what_it_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_WAIT", 3600.0)  # what is sent again is sent for the restored hall

    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            hall.generation = "first"
            async with terminal(tmp_path / "data", running.port) as one:
                hall.say_state(HostState(online=True, generation="first"))
                await eventually(lambda: one.generation() == "first")
                await one.files(5)
                await eventually(lambda: one.depth() == 0)
                for id in [id for id, row in hall.rows.items() if row.seq > 2]:
                    del hall.rows[id]
                hall.generation = "second"
                hall.say_state(HostState(online=True, generation="second"))
                await eventually(lambda: one.agrees(hall))
                await eventually(lambda: one.depth() == 0)
                before, births = len(hall.arrivals), len(hall.births)
                assert 10 + 6 <= before <= 20  # what is above the second of each, and acked with it
                hall.say_state(HostState(online=True, generation="second"))
                hall.say_state(HostState(online=False))
                await eventually(lambda: not one.sender.hall_online)
                assert one.depth() == 0  # the same generation asks for nothing
                assert (len(hall.arrivals), len(hall.births)) == (before, births)

    asyncio.run(hour())


def test_given_a_restored_hall_that_does_not_answer_then_the_birth_is_said_until_it_does(
    tmp_path: Path,
) -> None:
    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                hall.say_state(HostState(online=True, generation="first"))
                await eventually(lambda: len(hall.births) >= 3)
                assert one.generation() == ""
                hall.generation = "stale"  # an answer that lay at the broker since before the restore
                hall.publish(PATH.topic("ack"), Stored("stale"))
                hall.generation = "first"
                await eventually(lambda: one.generation() == "first")
                await one.files(1)
                await eventually(lambda: one.depth() == 0)  # whatever was on its way before has come
                said = len(hall.births)
                await asyncio.sleep(0.5)
                assert len(hall.births) == said

    asyncio.run(hour())


def test_given_a_hall_that_comes_back_then_what_waited_long_is_sent_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_WAIT", 3600.0)

    async def hour() -> None:
        with broker(tmp_path / "broker") as running:
            async with terminal(tmp_path / "data", running.port) as one:
                await one.files(2)
                await eventually(lambda: one.sends() == 4)
                with small_hall(running.host, running.port, PATH) as hall:
                    hall.say_state(HostState(online=True, generation="g"))
                    await eventually(lambda: one.depth() == 0)
                    assert one.agrees(hall)

    asyncio.run(hour())


def test_given_a_store_that_fails_for_a_while_then_the_sender_goes_on_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = 3

    async def hour() -> None:
        nonlocal failures
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                honest = outbox.acked

                def failing(tx: outbox.Executes, id: str, now: float) -> bool:
                    nonlocal failures
                    failures -= 1
                    if failures >= 0:
                        raise OSError("input/output error")
                    return honest(tx, id, now)

                monkeypatch.setattr(outbox, "acked", failing)
                await one.files(3)
                await eventually(lambda: one.depth() == 0)
                assert one.agrees(hall)
                assert failures < 0

    asyncio.run(hour())
