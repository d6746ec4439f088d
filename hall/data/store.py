"""Opening the hall's store: engine, migrations, generation.

SQLite by default, in WAL mode and with every commit on the disk; PostgreSQL by its URL. The only SQL
that differs between them is `insert`, whose ON CONFLICT clause the standard lacks, and the pragmas here.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from hall.data import bulk, partitions, tables
from hall.settings import HallSettings

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10.0
# A server that is gone without a word is noticed by what it does not confirm.
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "tcp_user_timeout": 30_000,
}
IDLE_MS = (
    60_000  # who is halted in the middle of a transaction holds rows that others wait for, and looks alive
)


def open_store(settings: HallSettings, *, read_only: bool = False) -> Engine:
    """An engine on the store. The caller disposes of it. `read_only` is for the desk.

    Parameters never stand in its error texts, since those go to the log.
    """
    url = settings.database_url
    if not url.startswith("sqlite"):
        server = create_engine(url, hide_parameters=True, pool_pre_ping=True, connect_args=_PATIENCE)
        event.listen(server, "connect", _prepare_server)
        return server
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_reader if read_only else _prepare_writer)
    return engine


def _prepare_server(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute(f"SET idle_in_transaction_session_timeout = {IDLE_MS}")
    cursor.close()
    connection.commit()


def _prepare_writer(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA cache_size = -32768")  # 32 MB: keys are random, so inserting looks everywhere
    cursor.close()


def _prepare_reader(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


class FolderRefused(Exception):
    """The folder of the store cannot be made or written: which, why and what to do."""


def migrate(settings: HallSettings) -> None:
    """Bring the store to the newest form, making it where there is none. FolderRefused."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        _keep_private(settings)
    except OSError as error:
        raise FolderRefused(
            f"{error.filename or settings.data} cannot be made or written ({error.strerror}): name a folder "
            "in the settings (`data`, `database`) that this user may write in, or make it for him"
        ) from None
    engine = open_store(settings)
    try:
        # Ingest and desk start together: the second finds it done.
        with turn(settings), engine.connect() as connection:
            bulk.take_turn(connection, partitions.TURN)  # they may be on several machines
            upgrade(connection)
            partitions.make(connection, int(time.time() * 1000))
            if generation(connection) == "":
                renew_generation(connection)
            connection.commit()
    finally:
        engine.dispose()


def _keep_private(settings: HallSettings) -> None:
    """Nobody else on the server reads the file of a SQLite store: it has who is logged in, and screenshots.

    A group that was let in stays in. SQLite gives the files beside it the same rights.
    """
    place = make_url(settings.database_url).database
    if not settings.database_url.startswith("sqlite") or not place or place == ":memory:":
        return
    file = Path(place)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    for one in (file, *file.parent.glob(f"{file.name}-*")):
        with suppress(FileNotFoundError, PermissionError):
            one.chmod(one.stat().st_mode & 0o770)


@contextmanager
def turn(settings: HallSettings) -> Iterator[None]:
    """Only one process of this machine at a time changes the form of the store, or the whole of it."""
    with (settings.data / "migrate.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Run the migrations up to `revision` in the connection's transaction. The caller commits."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in `dialect` (`tx.dialect.name`)."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def lost_race(error: DBAPIError) -> bool:
    """True when the store gave way to somebody else's transaction: the same once more will do."""
    return getattr(error.orig, "sqlstate", "") in ("40001", "40P01")  # serialization failure, deadlock


def generation(tx: Connection) -> str:
    """Which life of the store this is; empty before the first."""
    return tx.scalar(select(tables.meta.c.value).where(tables.meta.c.key == "generation")) or ""


def renew_generation(tx: Connection) -> str:
    """Begin a new life: after a restored backup the terminals then send again what it lacks."""
    value = secrets.token_hex(8)
    row = {"key": "generation", "value": value}
    statement = insert(tx.dialect.name, tables.meta).values(row)
    tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))
    return value
