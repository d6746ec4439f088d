"""Many rows at once: written by one statement, and found or locked by a list of keys.

On SQLite a statement runs with each row inside the driver; PostgreSQL takes all rows as one JSON text, which
is one journey and costs this process next to nothing (docs/decisions/084-rows-as-json.md).
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import BigInteger, Boolean, Connection, Dialect, Float, Table

Row = dict[str, Any]
Rows = list[tuple[Any, ...]]
_VALUES = re.compile(r"VALUES \((.*?)\)(?= ON CONFLICT|$)", re.DOTALL)
_json = msgspec.json.Encoder()


def begin(tx: Connection) -> None:
    """Begin to write. SQLite has one writer: who reads first and then writes would find the rows moved."""
    if tx.dialect.name != "sqlite":
        return
    driver: Any = tx.connection.dbapi_connection
    if not driver.in_transaction:
        tx.exec_driver_sql("BEGIN IMMEDIATE")


def take_turn(tx: Connection, number: int) -> None:
    """Wait until nobody else has the turn of this number; ours until the transaction ends. On SQLite the only
    writer has every turn."""
    if tx.dialect.name == "postgresql":
        tx.exec_driver_sql("SELECT pg_advisory_xact_lock(%(number)s)", {"number": number})


def run_many(tx: Connection, statement: Any, rows: Sequence[Row]) -> int:
    """Run the INSERT `statement` with `rows` (numbers, texts and flags, all with the same keys); returns how
    many rows changed.

    It must be one that is kept, since its text is kept with it, and have no values of its own; with ON
    CONFLICT DO UPDATE no two rows may have the same key. SQLAlchemy's work on each row, which takes as
    long as SQLite's own, is left out.
    """
    text, order = _text(statement, tx.dialect, tuple(rows[0]))
    if tx.dialect.name == "postgresql":
        return tx.exec_driver_sql(text, {"rows": _json.encode(rows).decode()}).rowcount
    pick: Callable[[Row], Any] = operator.itemgetter(*order)
    if len(order) == 1:
        return tx.exec_driver_sql(text, [(pick(row),) for row in rows]).rowcount
    return tx.exec_driver_sql(text, [pick(row) for row in rows]).rowcount


@lru_cache(maxsize=64)
def _text(statement: Any, dialect: Dialect, columns: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The SQL, and on SQLite the order of its places."""
    compiled = statement.compile(dialect=dialect, column_keys=columns)
    text = str(compiled).partition(" RETURNING ")[0]  # nobody asks which numbers the rows got
    if dialect.name != "postgresql":
        return text, tuple(compiled.positiontup or ())
    names = _names(text)
    record = _record(statement.table, names)
    return _VALUES.sub(f"SELECT {', '.join(names)} FROM {record}", text, count=1), ()  # noqa: S608 (our names)


def _record(table: Table, names: Sequence[str]) -> str:
    """The rows of the parameter `rows`, a JSON array of objects, on PostgreSQL."""
    typed = ", ".join(f"{name} {_type(table.c[name])}" for name in names)
    return f"json_to_recordset(%(rows)s::json) AS k ({typed})"


def _names(text: str) -> list[str]:
    """The columns of an INSERT in their order."""
    found = re.search(r"INSERT INTO \w+ \(([^)]*)\)", text)
    assert found is not None
    return [name.strip().strip('"') for name in found[1].split(",")]


def _type(column: Any) -> str:
    kinds = {BigInteger: "bigint", Boolean: "boolean", Float: "float8"}
    return next((word for kind, word in kinds.items() if isinstance(column.type, kind)), "text")


def by_keys(
    tx: Connection,
    table: Table,
    key: tuple[str, ...],
    keys: Collection[tuple[Any, ...]],
    columns: Sequence[str] = (),
    *,
    lock: bool = False,
) -> list[Row]:
    """The rows whose `key` columns are among `keys`, all or these of their columns.

    `lock` holds them until the end of the transaction, taken in the order of the key, so that two who lock
    the same rows wait for each other instead of for ever.
    """
    if not keys:
        return []
    names = tuple(columns) or tuple(table.c.keys())
    text = _lookup(table, key, names, tx.dialect.name, lock)
    if tx.dialect.name == "postgresql":
        rows = [dict(zip(key, one, strict=True)) for one in keys]
        given: Any = {"rows": _json.encode(rows).decode()}
    else:
        given = (_json.encode(list(keys)).decode(),)
    return [dict(zip(names, row, strict=True)) for row in tx.exec_driver_sql(text, given)]


@lru_cache(maxsize=64)
def _lookup(table: Table, key: tuple[str, ...], names: tuple[str, ...], dialect: str, lock: bool) -> str:
    wanted = ", ".join(f"t.{name}" for name in names)
    if dialect == "postgresql":
        same = " AND ".join(f"t.{name} = k.{name}" for name in key)
        text = f"SELECT {wanted} FROM {_record(table, key)} JOIN {table.name} t ON {same}"  # noqa: S608 (our names)
        return text + (f" ORDER BY {', '.join(f't.{name}' for name in key)} FOR UPDATE OF t" if lock else "")
    same = " AND ".join(f"t.{name} = json_extract(k.value, '$[{place}]')" for place, name in enumerate(key))
    return f"SELECT {wanted} FROM json_each(?) AS k CROSS JOIN {table.name} t ON {same}"  # noqa: S608 (our names)
