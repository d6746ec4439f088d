"""The store: what was acknowledged is on the disk, and nothing else is."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kiosk.data import journal, store
from kiosk.data.schema import STEPS
from kiosk.data.store import Store, StoreError, Transaction


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "data")
    opened.write_sync(lambda tx: tx.execute("CREATE TABLE t (x INTEGER PRIMARY KEY)") and None)
    yield opened
    opened.close()


def insert(x: int) -> Callable[[Transaction], int]:
    def work(tx: Transaction) -> int:
        tx.execute("INSERT INTO t VALUES (?)", (x,))
        return x

    return work


def rows(kept: Store) -> list[int]:
    with kept.read() as read:
        return [x for (x,) in read.execute("SELECT x FROM t ORDER BY x")]


def test_given_a_write_that_fails_halfway_then_nothing_of_it_is_kept_and_the_caller_hears_why(
    kept: Store,
) -> None:
    def half(tx: Transaction) -> None:
        tx.execute("INSERT INTO t VALUES (1)")
        raise LookupError("the step after it")

    with pytest.raises(LookupError, match="the step after it"):
        kept.write_sync(half)
    assert rows(kept) == []
    assert kept.write_sync(insert(2)) == 2
    assert rows(kept) == [2]


def test_given_writes_that_wait_together_when_one_fails_then_the_others_are_kept(kept: Store) -> None:
    busy, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        busy.set()
        assert go.wait(60)

    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(kept.write_sync, hold)
        assert busy.wait(60)
        waiting = [pool.submit(kept.write_sync, insert(x)) for x in (1, 2, 2, 3)]
        while kept._queue.qsize() < 4:
            time.sleep(0.001)
        go.set()
        first.result(60)
        outcomes = [one.exception(60) for one in waiting]
    assert rows(kept) == [1, 2, 3]
    assert [type(one) for one in outcomes if one] == [sqlite3.IntegrityError]


def test_given_a_write_that_is_rolled_back_then_nothing_of_it_is_remembered(kept: Store) -> None:
    busy, go = threading.Event(), threading.Event()

    def hold(tx: Transaction) -> None:
        busy.set()
        assert go.wait(60)

    def fails(tx: Transaction) -> None:
        tx.remembered["a row"] = "that is not there"
        raise LookupError("the step after it")

    def remembered(tx: Transaction) -> dict[str, object]:
        return dict(tx.remembered)

    with pytest.raises(LookupError):
        kept.write_sync(fails)
    assert kept.write_sync(remembered) == {}
    with ThreadPoolExecutor(3) as pool:  # both in one commit
        pool.submit(kept.write_sync, hold)
        assert busy.wait(60)
        failed = pool.submit(kept.write_sync, fails)
        while kept._queue.qsize() < 1:
            time.sleep(0.001)
        after = pool.submit(kept.write_sync, remembered)
        while kept._queue.qsize() < 2:
            time.sleep(0.001)
        go.set()
        assert isinstance(failed.exception(60), LookupError)
        assert after.result(60) == {}


def test_given_a_reader_then_it_sees_one_state_and_can_change_nothing(kept: Store) -> None:
    kept.write_sync(insert(1))
    with kept.read() as read:
        assert read.execute("SELECT count(*) FROM t").fetchone() == (1,)
        kept.write_sync(insert(2))
        assert read.execute("SELECT count(*) FROM t").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            read.execute("INSERT INTO t VALUES (3)")
    assert rows(kept) == [1, 2]


def test_given_a_caller_that_is_cancelled_then_the_write_it_handed_in_is_still_done(kept: Store) -> None:
    busy, go = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        busy.set()
        assert go.wait(60)
        tx.execute("INSERT INTO t VALUES (7)")

    async def session() -> None:
        task = asyncio.create_task(kept.write(slow))
        await asyncio.to_thread(busy.wait, 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        go.set()
        assert await kept.write(insert(8)) == 8

    asyncio.run(session())
    assert rows(kept) == [7, 8]


def test_given_a_store_closed_while_writes_wait_then_each_is_done_or_refused_and_never_both(
    kept: Store,
) -> None:
    def attempt(x: int) -> int | None:
        try:
            return kept.write_sync(insert(x))
        except StoreError as error:
            assert error.code == "terminal_internal"
            return None

    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(attempt, x) for x in range(200)]
        kept.close()
        done = {one.result(60) for one in waiting} - {None}
    kept.close()
    assert not kept._writer.is_alive()
    with store.read_only(kept.folder) as read:
        assert {x for (x,) in read.execute("SELECT x FROM t")} == done
    with pytest.raises(StoreError, match="closed"):
        kept.write_sync(insert(999))


def test_given_a_full_disk_then_the_write_is_refused_with_its_code_and_later_ones_work(kept: Store) -> None:
    def overfill(tx: Transaction) -> None:
        pages = tx.execute("PRAGMA page_count").fetchone()[0]
        tx.execute(f"PRAGMA max_page_count = {pages}")
        tx.execute("CREATE TABLE big AS SELECT zeroblob(1000000) AS b")

    with pytest.raises(StoreError) as caught:
        kept.write_sync(overfill)
    assert caught.value.code == "terminal_disk_full"
    assert kept.write_sync(insert(1)) == 1
    assert rows(kept) == [1]


def test_given_a_write_inside_a_write_then_it_is_refused_instead_of_waiting_for_itself(kept: Store) -> None:
    with pytest.raises(StoreError, match="waits for itself"):
        kept.write_sync(lambda tx: kept.write_sync(insert(1)))


def test_given_a_listener_then_it_hears_of_commits_only_and_may_fail(kept: Store) -> None:
    heard: list[int] = []
    kept.on_commit(lambda: heard.remove(-1))  # raises
    kept.on_commit(lambda: heard.append(1))
    kept.write_sync(insert(1))
    kept.write_sync(insert(2))
    kept.close()
    assert len(heard) == 2


def test_given_a_terminal_started_again_then_its_boot_is_higher_and_never_below_what_the_hall_saw(
    tmp_path: Path,
) -> None:
    boots = []
    for above in (0, 0, 40, 0):
        opened = Store(tmp_path, boot_above=above)
        boots.append(opened.boot)
        opened.close()
    assert boots == [1, 2, 41, 42]


def test_given_a_second_terminal_on_the_same_data_then_it_is_refused_until_the_first_ends(
    kept: Store,
) -> None:
    with pytest.raises(StoreError, match="another terminal"):
        Store(kept.folder)
    kept.close()
    Store(kept.folder).close()


def test_given_a_store_of_an_older_software_then_it_takes_the_missing_steps_and_keeps_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Store(tmp_path).close()
    monkeypatch.setattr(store, "STEPS", (*STEPS, "CREATE TABLE later (x); INSERT INTO later VALUES (5)"))
    newer = Store(tmp_path)
    with newer.read() as read:
        assert read.execute("SELECT x FROM later").fetchall() == [(5,)]
        assert read.execute("SELECT value FROM meta WHERE name = 'boot'").fetchone() == ("2",)
    newer.close()
    monkeypatch.undo()
    with pytest.raises(StoreError, match="newer software"):
        Store(tmp_path)


def test_given_a_damaged_file_then_the_store_says_so_and_leaves_no_thread(tmp_path: Path) -> None:
    (tmp_path / store.FILE).write_bytes(b"this is no database" * 500)
    with pytest.raises(StoreError) as caught:
        Store(tmp_path)
    assert caught.value.code == "terminal_store_failed"
    assert "store-writer" not in {thread.name for thread in threading.enumerate()}


def test_given_a_new_store_then_only_its_owner_can_read_it(kept: Store) -> None:
    assert kept.folder.stat().st_mode & 0o077 == 0
    assert (kept.folder / store.FILE).stat().st_mode & 0o077 == 0


WRITER = """
import sys
from pathlib import Path
from kiosk.data import journal
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from mqtt.messages import SessionStarted
from mqtt.topics import TerminalPath

folder = Path(sys.argv[1])
store, vault, path = Store(folder), Vault(folder), TerminalPath("a", "h", "k")
while True:
    entry = store.write_sync(
        lambda tx: journal.append(tx, vault, "s", "session.started", {}, SessionStarted("s"), path)
    )
    print(entry.id, flush=True)
"""


def test_given_kill_9_in_the_middle_of_writing_then_every_acknowledged_entry_is_there_and_the_chain_holds(
    tmp_path: Path,
) -> None:
    acknowledged: list[str] = []
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            acknowledged += [child.stdout.readline().strip() for _ in range(40)]
            os.kill(child.pid, signal.SIGKILL)
            acknowledged += [line.strip() for line in child.stdout if len(line) == 37]
    opened = Store(tmp_path)
    with opened.read() as read:
        kept = [entry.id for entry in journal.entries(read)]
        waiting = {id for (id,) in read.execute("SELECT id FROM outbox")}
        report = journal.verify(read)
    opened.close()
    assert len(acknowledged) >= 120
    assert set(acknowledged) <= set(kept)
    assert len(kept) <= len(acknowledged) + 3  # at most the one under way at each kill
    assert waiting == set(kept)
    assert report.sound, report.problems
