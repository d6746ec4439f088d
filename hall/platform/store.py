"""The platform's own database: SQLite, one file. What it holds stands in `tables.py`.

Subjects (who is in a session now) are not stored. A transaction takes the write lock at its start, so
that two requests under one key queue up instead of both finding nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects.sqlite import insert

from hall.platform.tables import counters, metadata

SCHEMA = 5
# What brings the file of an earlier release to this one; whole tables that are missing are made anyway.
_UPGRADES = {
    1: (
        "ALTER TABLE documents ADD COLUMN template VARCHAR DEFAULT 'sb01' NOT NULL",
        "ALTER TABLE documents ADD COLUMN time_stamped BOOLEAN DEFAULT '0' NOT NULL",
        "ALTER TABLE documents ADD COLUMN revoked_why VARCHAR DEFAULT '' NOT NULL",
    ),
    2: ("ALTER TABLE tickets ADD COLUMN priority BOOLEAN DEFAULT '0' NOT NULL",),
    3: (
        "ALTER TABLE cases ADD COLUMN staff VARCHAR DEFAULT '' NOT NULL",
        "ALTER TABLE cases ADD COLUMN agent VARCHAR DEFAULT '' NOT NULL",
        "ALTER TABLE cases ADD COLUMN agent_mode VARCHAR DEFAULT '' NOT NULL",
        "ALTER TABLE cases ADD COLUMN authorisation VARCHAR DEFAULT '' NOT NULL",
    ),
    4: (
        # A file of the first release has no such table yet.
        "CREATE TABLE IF NOT EXISTS ratings (case_no VARCHAR, stars INTEGER, codes VARCHAR, text VARCHAR,"
        " given_at DATETIME)",
        "ALTER TABLE ratings RENAME TO ratings_once",
        "CREATE TABLE ratings (case_no VARCHAR NOT NULL, number INTEGER NOT NULL, stars INTEGER NOT NULL,"
        " codes VARCHAR NOT NULL, text VARCHAR NOT NULL, channel VARCHAR NOT NULL,"
        " given_at DATETIME NOT NULL, PRIMARY KEY (case_no, number))",
        "INSERT INTO ratings SELECT case_no, 1, stars, codes, text, 'receipt', given_at FROM ratings_once",
        "DROP TABLE ratings_once",
    ),
}
LOCK_SECONDS = 10


class Store:
    """Owns the engine. Close it with `close()`."""

    def __init__(self, path: Path) -> None:
        """Opens the file, brings it to this version or makes it. RuntimeError when a newer one wrote it."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # who was issued what: for its owner only, as are the files SQLite lays beside
        self._engine: Engine = create_engine(
            f"sqlite:///{path}",
            connect_args={"timeout": LOCK_SECONDS},
            hide_parameters=True,  # an error's text would quote names and numbers
        )
        event.listen(self._engine, "connect", _connected)
        event.listen(self._engine, "begin", _begin)
        with self.transaction() as transaction:
            found = transaction.exec_driver_sql("PRAGMA user_version").scalar_one()
            if found > SCHEMA:
                raise RuntimeError(f"{path.name} has version {found}, not {SCHEMA}: use the newer release")
            for version in range(found or SCHEMA, SCHEMA):
                for statement in _UPGRADES[version]:
                    transaction.exec_driver_sql(statement)
            metadata.create_all(transaction)
            transaction.exec_driver_sql(f"PRAGMA user_version = {SCHEMA}")

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction that may write: committed at the end, rolled back by any exception."""
        with self._engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A view that writers do not hold up."""
        with self._engine.connect().execution_options(reading=True) as connection:
            yield connection

    def close(self) -> None:
        """Closes every connection."""
        self._engine.dispose()


def next_value(transaction: Connection, name: str) -> int:
    """1, 2, 3 … for this name; given back when the transaction is rolled back."""
    statement = (
        insert(counters)
        .values(name=name, value=1)
        .on_conflict_do_update(index_elements=["name"], set_={"value": counters.c.value + 1})
        .returning(counters.c.value)
    )
    return int(transaction.execute(statement).scalar_one())


def _connected(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    reading = connection.get_execution_options().get("reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
