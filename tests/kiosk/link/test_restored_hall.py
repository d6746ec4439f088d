"""What a terminal gives again to a hall that was restored from a backup."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Collection
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from mqtt import outbox
from mqtt.messages import STORED_BOOTS, HostState, Stored
from tests.kiosk.small_terminal import PATH, eventually, terminal
from tests.mqtt.small_hall import small_hall
from tests.peers.broker import broker

DAY = 86400.0


def store_with(boots: dict[int, int], refused: Collection[tuple[int, int]] = ()) -> sqlite3.Connection:
    """A store whose messages, so many of each boot, were all acknowledged, or refused."""
    store = sqlite3.connect(":memory:")
    store.executescript(outbox.TABLES)
    for boot, number in boots.items():
        for seq in range(1, number + 1):
            id = f"{boot:03}-{seq:03}"
            outbox.add(store, b"m", id, "tx", boot, seq, 0.0)
            if (boot, seq) in refused:
                outbox.refused(store, id, "unstorable", 0.0)
            else:
                outbox.acked(store, id, 0.0)
    return store


def waiting(store: sqlite3.Connection) -> set[tuple[int, int]]:
    return set(store.execute("SELECT boot, seq FROM outbox").fetchall())


def test_given_a_hall_that_heard_of_a_younger_boot_first_then_the_rest_of_the_older_one_goes_again() -> None:
    store = store_with({1: 24, 2: 20})
    outbox.reopen(store, "tx", {1: 21, 2: 1}, 0.0, complete=True)
    assert waiting(store) == {(1, seq) for seq in (22, 23, 24)} | {(2, seq) for seq in range(2, 21)}


def test_given_refusals_that_the_hall_lost_then_they_are_asked_for_again_and_older_ones_are_not() -> None:
    store = store_with({1: 5}, refused={(1, 2), (1, 5)})
    outbox.reopen(store, "tx", {1: 3}, 0.0, complete=True)
    assert waiting(store) == {(1, 4), (1, 5)}
    assert [id for id, _ in outbox.dead(store)] == ["001-002"]


@given(
    said=st.dictionaries(st.integers(1, 6), st.integers(1, 4), max_size=6),
    kept=st.dictionaries(st.integers(1, 6), st.integers(0, 4), max_size=6),
    complete=st.booleans(),
)
def test_given_any_backup_then_what_it_lacks_goes_again_and_nothing_else(
    said: dict[int, int], kept: dict[int, int], complete: bool
) -> None:
    store = store_with(said)
    oldest = 0 if complete else min(kept, default=0)
    lacking = {
        (boot, seq)
        for boot, number in said.items()
        for seq in range(1, number + 1)
        if boot >= oldest and seq > kept.get(boot, 0)
    }
    assert outbox.reopen(store, "tx", kept, 0.0, complete=complete) == len(lacking)
    assert waiting(store) == lacking


def test_given_a_terminal_that_was_away_for_longer_than_rows_are_kept_then_a_restored_hall_still_gets_them(
    tmp_path: Path,
) -> None:
    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                await one.files(5)
                await eventually(lambda: one.depth() == 0)
                await one.store.write(
                    lambda tx: tx.execute("UPDATE outbox_kept SET acked = ?", (time.time() - 40 * DAY,))
                )
            hall.rows.clear()  # lost, and restored from a backup of before
            async with terminal(tmp_path / "data", running.port) as again:
                await again.files(1)
                await eventually(lambda: again.depth() == 0)
                assert not again.agrees(hall), "the hall has not yet said that it is another"
                hall.say_state(HostState(online=True, generation="restored"))
                hall.publish(PATH.topic("ack"), Stored("restored"))
                await eventually(lambda: again.agrees(hall))

    asyncio.run(hour())


def test_given_messages_that_are_kept_no_longer_then_it_is_told_how_many_a_restored_hall_will_never_get(
    tmp_path: Path,
) -> None:
    told: list[int] = []

    async def hour() -> None:
        with broker(tmp_path / "broker") as running, small_hall(running.host, running.port, PATH) as hall:
            async with terminal(tmp_path / "data", running.port) as one:
                one.sender._on_gone = told.append
                await one.files(5)
                await eventually(lambda: one.depth() == 0)
                await one.store.write(lambda tx: tx.execute("DELETE FROM outbox_kept WHERE seq <= 3"))
                hall.rows.clear()
                hall.say_state(HostState(online=True, generation="restored"))
                boots = {"tx": [(1, 2)], "evt": [(1, 0)]}  # of the one it has two, of the other none
                hall.publish(PATH.topic("ack"), Stored("restored", {"tx": (1, 2), "evt": (1, 0)}, boots))
                await eventually(lambda: len(hall.rows) == 4)
                assert told == [1 + 3]

    asyncio.run(hour())


def test_given_more_boots_than_an_answer_holds_then_those_before_them_are_the_halls_already() -> None:
    store = store_with(dict.fromkeys(range(1, 41), 2))
    told = dict.fromkeys(range(9, 9 + STORED_BOOTS), 1)
    outbox.reopen(store, "tx", told, 0.0, complete=len(told) < STORED_BOOTS)
    assert waiting(store) == {(boot, 2) for boot in range(9, 41)}
