"""The terminal's store: one SQLite file, one writer thread, as many readers as wanted.

A write is a function of a transaction. It runs on the writer's thread, and when `write` returns it is on
the disk: write-ahead log, synchronous=FULL. Writes that wait together share one commit, each under its own
savepoint, so that one that fails takes none of the others with it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import structlog

from kiosk.data.schema import STEPS

T = TypeVar("T")
FILE = "terminal.sqlite"
GROUP = 64  # writes that share one commit at most
SCRUB = 1.0  # seconds that emptying the log waits for readers; nobody can write meanwhile
PATIENCE = 30.0  # seconds that a caller waits for the writer before it is told that the disk hangs

_log = structlog.get_logger(__name__)


class StoreError(Exception):
    """The store cannot be used. `code` is a row of `config/faults.toml`, which has the remedy."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Transaction:
    """An open transaction, to be used only by the function it is handed to.

    `remembered` goes from one write to the next, so that what only our writes change need not be read again.
    It is emptied whenever anything is rolled back: what is in it is always as it is in the store.
    """

    _connection: sqlite3.Connection
    boot: int  # the start of the terminal that this belongs to
    remembered: dict[str, Any] = field(default_factory=dict)

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> sqlite3.Cursor:
        """Runs one statement."""
        return self._connection.execute(sql, parameters)


@dataclass(frozen=True)
class _Write:
    work: Callable[[Transaction], Any]
    done: Future[Any]


class Store:
    """Owns the file, its writer thread and the writer's connection; `close()` ends all three.

    `boot` counts the starts of this terminal. `boot_above` is the highest boot that the hall has seen, for
    a terminal whose disk was replaced: numbers that were used once must not be used again.
    Raises StoreError: in use by another process, made by a newer software, damaged, disk full.
    """

    def __init__(self, folder: Path, *, boot_above: int = 0) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._gate = threading.Lock()
        self._closed = False
        self._listeners: list[Callable[[], None]] = []
        self._lock = _take_lock(folder / "store.lock")
        opened: Future[int] = Future()
        self._writer = threading.Thread(
            target=self._run, args=(opened, boot_above), name="store-writer", daemon=True
        )
        self._writer.start()
        try:
            self.boot = opened.result(PATIENCE)
        except BaseException as error:
            self.close()
            raise _explained(error) from error

    async def write(self, work: Callable[[Transaction], T]) -> T:
        """Runs `work` in one transaction and returns its result when that is on the disk.

        What `work` raises is raised here and nothing of it is kept. Cancelling the caller does not undo
        a write: once handed in it is done.
        """
        return await asyncio.shield(asyncio.wrap_future(self._hand_in(work)))

    def write_sync(self, work: Callable[[Transaction], T]) -> T:
        """The same for a caller without a loop; StoreError after 30 s without an answer."""
        if threading.current_thread() is self._writer:
            raise StoreError("terminal_internal", "a write inside a write waits for itself")
        try:
            return self._hand_in(work).result(PATIENCE)
        except TimeoutError as error:
            raise StoreError("terminal_store_failed", "the disk does not answer") from error

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection that sees one unchanging state of the store."""
        with read_only(self.folder) as connection:
            yield connection

    def scrub(self) -> bool:
        """Empties the write-ahead log, in which a destroyed key would stand until it is written over.

        False when a reader kept it from that: then it is to be done again.
        """
        with closing(sqlite3.connect(self.folder / FILE, isolation_level=None, timeout=SCRUB)) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Calls `listener` on the writer's thread after each commit; it must return at once."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Finishes the writes that wait, then ends the writer. Later writes raise StoreError."""
        with self._gate:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        self._writer.join(PATIENCE)
        if not self._lock.closed:
            self._lock.close()

    def _hand_in(self, work: Callable[[Transaction], T]) -> Future[T]:
        done: Future[T] = Future()
        with self._gate:
            if self._closed:
                raise StoreError("terminal_internal", "the store is closed")
            self._queue.put(_Write(work, done))
        return done

    def _run(self, opened: Future[int], boot_above: int) -> None:
        try:
            connection, boot = _open_writer(self.folder / FILE, boot_above)
        except BaseException as error:
            opened.set_exception(error)
            return
        opened.set_result(boot)
        with closing(connection):
            tx = Transaction(connection, boot)
            while group := self._next_group():
                if _commit(tx, connection, group):
                    self._tell_listeners()

    def _next_group(self) -> list[_Write]:
        """The writes that wait, at least one; empty at the end."""
        group: list[_Write] = []
        try:
            while len(group) < GROUP:
                write = self._queue.get(block=not group)
                if write is None:
                    self._queue.put(None)  # the last thing there ever is in the queue: seen again next time
                    break
                group.append(write)
        except queue.Empty:
            pass
        return group

    def _tell_listeners(self) -> None:
        for listener in self._listeners:
            try:
                listener()
            except Exception:
                _log.exception("store.listener_failed")


@contextmanager
def read_only(folder: Path) -> Iterator[sqlite3.Connection]:
    """The store of `folder` for reading, also while a terminal runs on it. StoreError when there is none."""
    try:
        connection = sqlite3.connect(
            f"{(folder / FILE).absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=5
        )
    except sqlite3.Error as error:
        raise StoreError("terminal_store_failed", f"no store can be read there: {error}") from error
    with closing(connection):
        connection.execute("PRAGMA query_only = ON")
        connection.execute("BEGIN")
        yield connection


def in_use(folder: Path) -> bool:
    """True while a terminal runs on this data folder."""
    try:
        with (folder / "store.lock").open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return False


def _take_lock(path: Path) -> Any:
    """Holds the folder for this process; the kernel lets go when it dies."""
    file = path.open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        file.close()
        raise StoreError("terminal_twice", "another terminal runs on this data folder") from error
    return file


def _open_writer(path: Path, boot_above: int) -> tuple[sqlite3.Connection, int]:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=5)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA secure_delete = ON")  # a destroyed key is overwritten, not just unlinked
        connection.execute("PRAGMA journal_size_limit = 4194304")
        connection.execute("BEGIN IMMEDIATE")
        _migrate(connection)
        row = connection.execute(
            "INSERT INTO meta VALUES ('boot', ? + 1) ON CONFLICT (name)"
            " DO UPDATE SET value = max(CAST(value AS INTEGER), ?) + 1 RETURNING value",
            (boot_above, boot_above),
        ).fetchone()
        connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection, int(row[0])


def _migrate(connection: sqlite3.Connection) -> None:
    taken = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if taken > len(STEPS):
        raise StoreError("terminal_store_failed", f"the store is of a newer software (schema {taken})")
    for step in STEPS[taken:]:
        for statement in step.split(";"):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(STEPS)}")


def _commit(tx: Transaction, connection: sqlite3.Connection, group: list[_Write]) -> bool:
    """Runs a group in one transaction and answers each caller after the commit. True when committed."""
    answers: list[Callable[[], None]] = []
    try:
        connection.execute("BEGIN IMMEDIATE")
        for write in group:
            answers.append(_attempt(tx, connection, write) if len(group) > 1 else _alone(tx, write))
        connection.execute("COMMIT")
    except BaseException as error:
        tx.remembered.clear()
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        for write in group:
            write.done.set_exception(_explained(error))
        return False
    for answer in answers:
        answer()
    return True


def _alone(tx: Transaction, write: _Write) -> Callable[[], None]:
    """Runs the only write of a transaction; returns what tells its caller. Raises what the write raises."""
    result = write.work(tx)
    return lambda: write.done.set_result(result)


def _attempt(tx: Transaction, connection: sqlite3.Connection, write: _Write) -> Callable[[], None]:
    """Runs one write under its savepoint; returns what tells its caller. Raises when all is lost."""
    connection.execute("SAVEPOINT one")
    try:
        result = write.work(tx)
    except BaseException as error:
        if not connection.in_transaction:
            raise  # SQLite itself gave the whole transaction up: disk full, input/output error
        tx.remembered.clear()
        connection.execute("ROLLBACK TO one")
        connection.execute("RELEASE one")
        failure = _explained(error)
        return lambda: write.done.set_exception(failure)
    connection.execute("RELEASE one")
    return lambda: write.done.set_result(result)


def _explained(error: BaseException) -> BaseException:
    """SQLite's trouble with disk and file as a StoreError; anything else unchanged."""
    if isinstance(error, TimeoutError):
        return StoreError("terminal_store_failed", "the disk does not answer")
    if not isinstance(error, sqlite3.DatabaseError) or isinstance(
        error, sqlite3.IntegrityError | sqlite3.ProgrammingError
    ):
        return error
    full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
    return StoreError("terminal_disk_full" if full else "terminal_store_failed", str(error))
