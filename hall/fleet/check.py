"""Whether the hall's store has what a simulated fleet has said: each numbered message, and each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Table, func, select

from hall.data import tables


def differences(tx: Connection, boot: int, numbers: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """What is amiss, one line each; none when the store has each message once, and each row of business.

    `numbers`: by terminal and stream the last number given. `boot` is the fleet's and nobody else's.
    """
    m = tables.messages.c
    grouped = (
        select(m.terminal, m.stream, func.count(), func.count(m.seq.distinct()), func.max(m.seq))
        .where(m.boot == boot)
        .group_by(m.terminal, m.stream)
    )
    found = {(terminal, stream): rest for terminal, stream, *rest in tx.execute(grouped)}
    for terminal, streams in numbers.items():
        for stream, last in streams.items():
            rows, different, highest = found.get((terminal, stream), (0, 0, 0))
            if (rows, different, highest) != (last, last, last):
                stored = f"{rows} rows, {different} numbers to {highest}"
                yield f"{terminal} {stream}: said 1 to {last}; stored {stored}"
    yield from _business(tx, boot, numbers)


def _business(tx: Connection, boot: int, numbers: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """A visit says of its case, its paper and its rating on the one stream, in this order."""
    wanted: Counter[str] = Counter()
    for streams in numbers.values():
        said = streams.get("tx", 0)
        wanted += Counter(cases=(said + 2) // 3, prints=(said + 1) // 3)
    for table in (tables.cases, tables.prints):
        rows = _rows(tx, table, boot)
        if rows != wanted[table.name]:
            yield f"{table.name}: said {wanted[table.name]}, stored {rows}"


def _rows(tx: Connection, table: Table, boot: int) -> int:
    return int(tx.scalar(select(func.count()).select_from(table).where(table.c.boot == boot)) or 0)
