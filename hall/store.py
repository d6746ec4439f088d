"""Opening the hall's store: engine, migrations, generation.

SQLite by default, in WAL mode and with every commit on the disk; PostgreSQL by its URL. The only SQL
that differs between them is `insert`, whose ON CONFLICT clause the standard lacks, and the pragmas here.
"""

from __future__ import annotations

import fcntl
import operator
import secrets
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Dialect, Engine, Table, create_engine, event, select
from sqlalchemy.dialects import postgresql, sqlite

from hall import tables
from hall.settings import HallSettings

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10.0


def open_store(settings: HallSettings, *, read_only: bool = False) -> Engine:
    """An engine on the store. The caller disposes of it. `read_only` is for the desk.

    Parameters never stand in its error texts, since those go to the log.
    """
    url = settings.database_url
    if not url.startswith("sqlite"):
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, hide_parameters=True, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_reader if read_only else _prepare_writer)
    return engine


def _prepare_writer(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.close()


def _prepare_reader(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only = ON")
    cursor.close()


def migrate(settings: HallSettings) -> None:
    """Bring the store to the newest form, making it where there is none."""
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = open_store(settings)
    try:
        with (settings.data / "migrate.lock").open("w") as turn, engine.connect() as connection:
            fcntl.flock(turn, fcntl.LOCK_EX)  # ingest and desk start together: the second finds it done
            config = Config()
            config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            if generation(connection) == "":
                renew_generation(connection)
            connection.commit()
    finally:
        engine.dispose()


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in `dialect` (`tx.dialect.name`)."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def run_many(tx: Connection, statement: Any, rows: Sequence[dict[str, Any]]) -> int:
    """Run `statement` with each of `rows` (plain values, all with the same keys); returns rows changed.

    Hands the driver what it needs and leaves out SQLAlchemy's work on each row, which takes as long as
    SQLite's own. `statement` must be one that is kept, since its compiled form is kept with it, and must
    have no values of its own.
    """
    text, order = _compiled(statement, tx.dialect, tuple(rows[0]))
    if not order:
        return tx.exec_driver_sql(text, list(rows)).rowcount
    pick = operator.itemgetter(*order)
    return tx.exec_driver_sql(text, [pick(row) for row in rows]).rowcount


@lru_cache(maxsize=64)
def _compiled(statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The SQL, and the order of its places; no order for a driver that takes names."""
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    return str(compiled), tuple(compiled.positiontup or ())


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
