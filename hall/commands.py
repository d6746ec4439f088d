"""Commands as the hall keeps them: given, cancelled, given up; what they brought. None of this commits.

given → accepted → running → done | failed, as the terminal says; or cancelled or expired, which only what the
terminal has not accepted can be. A copy may be under way all the same, so a word of the terminal that comes
later stands: what it did, it did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, and_, func, select, update

from config import commands as table
from config.commands import Value
from config.identifiers import uuid7
from hall.access import audit
from hall.data import notes, reading, store, tables
from hall.data.desk_tables import command_parts
from hall.data.desk_tables import commands as rows
from hall.settings import HallSettings

OPEN = ("given", "accepted", "running")
STATES = (*OPEN, "done", "failed", "expired", "cancelled")
MOST_OPEN = 100  # for one terminal, which would refuse more
LONGEST_MS = 30 * 24 * 3600 * 1000  # until a deadline
_json = msgspec.json.Encoder(order="deterministic")
Row = dict[str, Any]


class NotGiven(Exception):
    """A command that cannot be given, or not cancelled. `code`: unknown_terminal, retired, wrong_deadline,
    too_many, other_content, not_open."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def give(
    tx: Connection,
    who: str,
    terminal: str,
    name: str,
    arguments: Mapping[str, Value],
    now: int,
    *,
    deadline: int = 0,
    key: str = "",
) -> Row:
    """The row of a new command with its audit; of one that was given under this `key` before, its row.

    `deadline` in ms since 1970, 0 for what the table proposes. CommandError, NotGiven.
    """
    command = table.check(name, arguments)
    deadline = deadline or now + int(command.within.total_seconds() * 1000)
    content = _json.encode(dict(arguments)).decode()
    known = _by_key(tx, who, key) if key else None
    if known is None:
        _check_place(tx, terminal, deadline - now)
        new: Row = {"id": uuid7(), "terminal": terminal, "name": name, "arguments": content, "actor": who}
        new |= {"key": key or new["id"], "given": now, "deadline": deadline, "state": "given"}
        new |= {"changed": now, "due": now}
        insertion = store.insert(tx.dialect.name, rows).values(new).on_conflict_do_nothing()
        if tx.scalar(insertion.returning(rows.c.id)) is not None:
            area = terminal.partition("/")[0]
            audit.note(
                tx,
                who,
                "command",
                area=area,
                subject=terminal,
                reference=new["id"],
                detail=f"{name} {content}" if arguments else name,
            )
            notes.leave(tx, [(terminal, "commands")])
        known = _by_key(tx, who, new["key"])
    assert known is not None
    if (known["terminal"], known["name"], known["arguments"]) != (terminal, name, dict(arguments)):
        raise NotGiven("other_content")
    return known


def cancel(tx: Connection, who: str, id: str, now: int) -> None:
    """Give it up, with its audit. NotGiven `not_open` when the terminal has it or it is over."""
    c = rows.c
    gone = update(rows).where(c.id == id, c.state == "given")
    if tx.execute(gone.values(state="cancelled", changed=now, due=0)).rowcount != 1:
        raise NotGiven("not_open")
    row = one(tx, id)
    assert row is not None
    area = row["terminal"].partition("/")[0]
    audit.note(
        tx, who, "command_cancelled", area=area, subject=row["terminal"], reference=id, detail=row["name"]
    )
    notes.leave(tx, [(row["terminal"], "commands")])


def expire(engine: Engine, settings: HallSettings, now: int) -> None:
    """The scheduler's: what no terminal accepted in time is given up."""
    c = rows.c
    late = and_(c.due > 0, c.state == "given", c.deadline <= now)
    with engine.begin() as tx:
        found = tx.execute(select(c.id, c.terminal).where(late)).all()
        for id, _ in found:  # one by one: its word may come at this instant
            values = {"state": "expired", "code": "command_expired", "changed": now, "due": 0}
            tx.execute(update(rows).where(c.id == id, late).values(**values))
        notes.leave(tx, ((terminal, "commands") for _, terminal in found))


def one(tx: Connection, id: str) -> Row | None:
    """The command with this id."""
    return next(iter(_read(tx, select(rows).where(rows.c.id == id))), None)


def latest(
    tx: Connection,
    limit: int,
    areas: reading.Areas = None,
    *,
    before: int = 0,
    terminal: str = "",
    state: str = "",
) -> list[Row]:
    """The youngest first, of these areas (None: all); `before` is `n` of the last one seen.

    `state` may be one, or `open`.
    """
    c = rows.c
    query = select(rows).order_by(c.n.desc()).limit(limit)
    if areas is not None:
        query = query.where(reading.within(c.terminal, areas))
    if before:
        query = query.where(c.n < before)
    if terminal:
        query = query.where(c.terminal == terminal)
    if state:
        query = query.where(c.state.in_(OPEN if state == "open" else (state,)))
    return _read(tx, query)


def has_file(tx: Connection, ids: Sequence[str]) -> set[str]:
    """Those of them whose file is here whole."""
    c, p = rows.c, command_parts.c
    count = select(func.count()).where(p.command == c.id, p.number <= c.parts).scalar_subquery()
    whole = select(c.id).where(c.id.in_(ids), c.state == "done", c.parts > 0, c.parts == count)
    return set(tx.scalars(whole))


def file_of(tx: Connection, row: Row) -> bytes:
    """What the command brought; empty when it brought nothing, or not all of it is here."""
    if not has_file(tx, [row["id"]]):
        return b""
    p = command_parts.c
    query = select(p.content).where(p.command == row["id"], p.number <= row["parts"]).order_by(p.number)
    return b"".join(tx.scalars(query))


def _check_place(tx: Connection, terminal: str, milliseconds: int) -> None:
    if not 0 < milliseconds <= LONGEST_MS:
        raise NotGiven("wrong_deadline")
    if tx.scalar(select(tables.terminals.c.path).where(tables.terminals.c.path == terminal)) is None:
        raise NotGiven("unknown_terminal")
    if terminal in reading.retired(tx):
        raise NotGiven("retired")
    waiting = select(func.count()).where(rows.c.terminal == terminal, rows.c.state.in_(OPEN))
    if (tx.scalar(waiting) or 0) >= MOST_OPEN:
        raise NotGiven("too_many")


def _by_key(tx: Connection, who: str, key: str) -> Row | None:
    return next(iter(_read(tx, select(rows).where(rows.c.actor == who, rows.c.key == key))), None)


def _read(tx: Connection, query: Any) -> list[Row]:
    found = (dict(row._mapping) for row in tx.execute(query))
    return [row | {"arguments": msgspec.json.decode(row["arguments"])} for row in found]
