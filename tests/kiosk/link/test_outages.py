"""A terminal without a line for a day: nothing is lost, what matters comes first, and the disk holds."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from config.identifiers import uuid7
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from kiosk.doors import Doors
from kiosk.link import outbox_room
from kiosk.link import sender as senders
from kiosk.link.sender import Sender
from mqtt import messages, outbox
from mqtt.link import Link
from mqtt.messages import CaseFiled, CommandState, Data, Envelope, Health, HostState, SessionStarted
from tests.kiosk.small_terminal import PATH, Terminal, eventually, hurry, terminal
from tests.mqtt.small_hall import small_hall
from tests.peers.broker import broker

HOUR = 3600.0


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


class Day:
    """The time of day, which a test moves on."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shift, real = 0.0, time.time
        monkeypatch.setattr(time, "time", lambda: real() + self.shift)

    def hour(self) -> None:
        self.shift += HOUR


def health(number: int) -> tuple[str, bytes]:
    """A report as it is kept when there is no line."""
    id = uuid7()
    data = Health([], ["link_down"], number=number)
    return id, messages.encode(Envelope(id, "hall.terminal.health", "s", f"hour {number}", data, boot=1))


async def work(one: Terminal, hour: int) -> None:
    """What an hour in the hall leaves behind."""
    told: list[Data] = [SessionStarted(f"s-{hour}"), CaseFiled(f"s-{hour}", "SB01", f"k-{hour}", "accepted")]
    if hour % 6 == 0:
        told.append(CommandState(f"c-{hour}", "done"))
    for message in told:
        await one.store.write(partial(one._append, message))
    await one.sender.keep_health(*health(hour))


def test_given_a_day_without_a_line_then_transactions_come_first_and_health_last_with_its_own_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = Day(monkeypatch)

    async def live() -> None:
        with broker(tmp_path / "broker") as running:
            running.kill()
            async with terminal(tmp_path / "data", running.port) as one:
                for hour in range(1, 25):
                    await work(one, hour)
                    day.hour()
                assert one.depth() == 24 + 24 + 4
                room = Link.room
                monkeypatch.setattr(Link, "room", 0)  # nothing goes before the hall listens to it in order
                running.start()
                with small_hall(running.host, running.port, PATH) as hall:
                    monkeypatch.setattr(Link, "room", room)
                    hall.say_state(HostState(online=True, generation="g"))
                    await eventually(lambda: len(hall.rows) == 52 + 24)
                    await eventually(lambda: one.depth() == 0 and not late(one.store))
                    rows = list(hall.rows.values())
                    kinds = [messages.STREAM.get(row.type, "health") for row in rows]
                    assert kinds == ["tx"] * 24 + ["res"] * 4 + ["evt"] * 24 + ["health"] * 24
                    assert [row.time for row in rows[52:]] == [f"hour {hour}" for hour in range(1, 25)]
                    assert {row.id for row in rows[:52]} == set(one.journalled())

    asyncio.run(live())


def late(store: Store) -> int:
    with store.read() as read:
        return len(outbox.late_health(read, 1000))


def test_given_an_outbox_that_is_full_then_health_gives_way_first_and_then_it_is_told_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(senders, "BOUND_EVERY", 0.02)
    said: list[bool] = []

    async def live() -> None:
        store = await asyncio.to_thread(Store, tmp_path)
        sender = Sender(store, PATH, 30, vault=Vault(tmp_path), megabytes=1, on_full=said.append)
        async with terminal(tmp_path / "beside", 1) as beside:  # a line to nobody
            sender.attach(beside.link)
            await put(store, "m-1", 600_000)
            for n in range(4):
                await sender.keep_health(f"h-{n}", bytes(200_000))
            await eventually(lambda: late(store) == 2)  # the two youngest
            assert said == []
            await put(store, "m-2", 600_000)
            await eventually(lambda: said == [True])
            assert late(store) == 0
            full = sender.full
            await store.write(lambda tx: outbox.acked(tx, "m-1", 1.0))
            await eventually(lambda: said == [True, False])
            assert (full, sender.full) == (True, False)
            with store.read() as read:
                assert outbox.depth(read) == 1
            await sender.close()
        store.close()

    asyncio.run(live())


def test_given_no_room_for_what_a_session_leaves_then_nobody_is_received_until_there_is(
    tmp_path: Path,
) -> None:
    store = Store(tmp_path)
    full = False
    doors = Doors(
        Ledger(store, Vault(tmp_path), PATH), lambda: "12345", stopped=lambda: "outbox_full" if full else ""
    )
    assert doors.closed() is None
    full = True
    page = doors.closed()
    full = False
    assert page is not None
    assert doors.closed() is None
    store.close()


async def put(store: Store, id: str, size: int) -> None:
    def work(tx: Transaction) -> None:
        outbox.add(tx, bytes(size), id, "tx", 1, int(id[2:]), 1.0)

    await store.write(work)


def test_given_a_disk_that_is_nearly_full_then_late_health_gives_way_and_messages_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_room, "DISK_RESERVE", 1 << 60)

    async def live() -> None:
        store = await asyncio.to_thread(Store, tmp_path)
        await put(store, "m-1", 1000)
        await store.write(lambda tx: outbox.keep_health(tx, "h-1", bytes(10), 1.0))
        room = await outbox_room.keep_within(store, 1 << 30)
        assert (room.messages, room.dropped, room.full) == (1000, 1, False)
        assert late(store) == 0
        store.close()

    asyncio.run(live())


def test_given_a_message_damaged_on_the_disk_then_it_is_a_dead_letter_and_the_next_one_goes(
    tmp_path: Path,
) -> None:
    def damage(tx: Transaction) -> None:
        tx.execute("UPDATE outbox SET payload = substr(payload, 1, length(payload) - 1) WHERE stream = 'tx'")

    async def live() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            running.kill()
            async with terminal(tmp_path / "data", running.port) as one:
                await one.files(1)
                await one.store.write(damage)
                running.start()
                await eventually(lambda: one.depth() == 0)
                assert [code for _, code in one.refused] == ["damaged"]
                assert [row.type for row in hall.rows.values()] == ["hall.session.started"]

    asyncio.run(live())


def test_given_an_outage_then_the_terminals_do_not_all_begin_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[tuple[float, float]] = []

    def draw(low: float, high: float) -> float:
        drawn.append((low, high))
        return high  # the last of the crowd

    monkeypatch.setattr("kiosk.link.crowd.random.uniform", draw)

    async def live() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                await eventually(lambda: one.link.connected)
                running.kill()
                await eventually(lambda: not one.link.connected)
                await one.files(3)
                running.start()
                await eventually(lambda: one.depth() == 0)
                assert one.agrees(hall)

    asyncio.run(live())
    spreads = [high for low, high in drawn if low == 0]
    assert len(spreads) == 1
    assert 0 < spreads[0] <= 30
