"""Filing letters: what they say becomes rows, all in the transaction that the caller opened.

Nothing here commits or answers. Filing the same letter twice changes nothing, whether its first copy
came a second or a month ago: the broker and the terminals may repeat themselves as they like. Several
ingests may file into one store: each holds the rows of the terminals that its letters are of, from the
first look to the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select, tuple_

from hall import rating_tickets
from hall.data import bulk, desk_tables, notes, store, tables
from hall.intake import command_filing, live, live_faults, numbers, technician_filing, technician_flood
from hall.intake.letters import RELIABLE, STORED, Letter
from mqtt import messages

Row = dict[str, Any]
KEEP_CHANGES = 10_000
_TABLES = {
    messages.CaseFiled: "cases",
    messages.DocumentPrinted: "prints",
    messages.PaymentEnded: "payments",
}
_KEYS = {  # what two rows for one statement may not have in common
    "cases": ("terminal", "key"),
    "prints": ("terminal", "job"),
    "payments": ("terminal", "key"),
    "sessions started": ("terminal", "session"),
    "sessions ended": ("terminal", "session"),
    "readiness": ("terminal",),
}
_body = msgspec.json.Encoder()


@dataclass(frozen=True)
class Filed:
    """What the ingest has to tell the terminals besides the acks: their paths."""

    born: frozenset[str] = frozenset()  # they said that they are there
    unborn: frozenset[str] = frozenset()  # they speak of a boot whose birth nobody heard


def file_away(tx: Connection, letters: Sequence[Letter]) -> Filed:
    """Store `letters` in the order given and settle each: its `code` becomes `stored` or a refusal."""
    bulk.begin(tx)
    taken = [letter for letter in letters if not letter.code]
    terminals = live.lock(tx, {letter.path for letter in taken})
    reliable = [letter for letter in taken if letter.leaf in RELIABLE]
    refused = [letter for letter in letters if letter.code]
    numbered = reliable + [one for one in refused if one.leaf in RELIABLE and one.path and one.envelope]
    counts = numbers.known(tx, numbered)
    fresh = _store_messages(tx, reliable, counts)
    changed = _file_business(tx, fresh)
    present = [letter for letter in taken if letter.leaf not in RELIABLE] + fresh
    changed |= live.update(tx, present, terminals)
    changed |= live_faults.update(tx, present, terminals)
    changed |= command_filing.file_answers(tx, present)
    refused += [letter for letter in reliable if letter.code != STORED]
    changed |= _store_refused(tx, refused)
    numbers.settle(tx, numbered, counts)
    _tell_desk(tx, changed)
    return _to_tell(taken, terminals)


def _to_tell(letters: Iterable[Letter], terminals: dict[str, Row]) -> Filed:
    born, unborn = set(), set()
    for letter in letters:
        assert letter.envelope is not None
        data = letter.envelope.data
        if isinstance(data, messages.TerminalState):
            if data.online:
                born.add(letter.path)
        elif letter.envelope.boot > terminals[letter.path]["birth_boot"]:
            unborn.add(letter.path)
    return Filed(frozenset(born), frozenset(unborn))


def _store_messages(tx: Connection, letters: Sequence[Letter], counts: numbers.Counts) -> list[Letter]:
    """Settle each, store the new ones and return them. Refused is an id or number that other content has."""
    firsts: dict[str, Letter] = {}
    places: dict[tuple[Any, ...], str] = {}
    for letter in letters:
        assert letter.envelope is not None
        first = firsts.setdefault(letter.id, letter)
        if first.digest != letter.digest:
            letter.code = "conflict"
        elif places.setdefault((*numbers.key(letter), letter.envelope.seq), letter.id) != letter.id:
            letter.code = "seq_taken"
    open_ones = [letter for letter in letters if not letter.code]
    done = numbers.repeated(tx, open_ones, counts)
    fresh: dict[str, Letter] = {}
    for letter in open_ones:
        if letter.id not in done:
            fresh.setdefault(letter.id, letter)
    if fresh and _run(tx, "messages", [_message(one) for one in fresh.values()]) < len(fresh):
        rows = bulk.by_keys(tx, tables.messages, ("id",), [(id,) for id in fresh], ("id", "digest"))
        for row in rows:
            if row["digest"] != fresh[row["id"]].digest:
                fresh.pop(row["id"]).code = "conflict"
    for letter in open_ones:
        letter.code = letter.code or firsts[letter.id].code or STORED
    return list(fresh.values())


def _message(letter: Letter) -> Row:
    envelope = letter.envelope
    assert envelope is not None
    return {
        "id": letter.id,
        "terminal": letter.path,
        "stream": letter.leaf,
        "boot": envelope.boot,
        "seq": envelope.seq,
        "type": envelope.type,
        "digest": letter.digest,
        "head": envelope.head,
        "at": letter.at,
        "received": letter.arrival.received,
        "body": _body.encode(_kept(envelope.data)).decode(),
    }


def _kept(data: messages.Data) -> messages.Data:
    """What is recorded of a message: of a piece of a file that it came. The file goes with its command."""
    return msgspec.structs.replace(data, content=b"") if isinstance(data, messages.CommandPart) else data


def _file_business(tx: Connection, letters: Iterable[Letter]) -> set[tuple[str, str]]:
    """Cases, prints, payments, ratings, sessions, technicians; returns what changed as (terminal, what)."""
    rows: dict[str, list[Row]] = {}
    acts: list[int] = []  # when those of technicians came in
    for letter in letters:
        named = _business(letter)
        if named is not None:
            rows.setdefault(named[0], []).append(named[1])
            if named[0] == "technician":
                acts.append(letter.arrival.received)
    if acts:
        kept, when = technician_flood.counted(tx, rows.pop("technician"), acts)
        if kept:
            rows["technician"] = kept
            _run(tx, "audit", technician_filing.audited(kept, when))
    tickets = [ticket for row in rows.get("ratings", ()) if (ticket := rating_tickets.of_rating(row))]
    if tickets:
        rows["tickets"] = tickets
    for statement, those in rows.items():
        _run(tx, statement, _once(those, _KEYS[statement]) if statement in _KEYS else those)
    return {(row["terminal"], name.partition(" ")[0]) for name, those in rows.items() for row in those}


def _once(rows: list[Row], key: tuple[str, ...]) -> list[Row]:
    """Of those with the same key the youngest, which is what they would leave one after the other."""
    if len(rows) < 2:
        return rows
    rows = sorted(rows, key=lambda row: (row.get("boot", 0), row.get("seq", 0)))
    return list({tuple(row[name] for name in key): row for row in rows}.values())


def _business(letter: Letter) -> tuple[str, Row] | None:
    """Which statement files this letter, and its row."""
    envelope = letter.envelope
    assert envelope is not None
    row: Row = {"terminal": letter.path}
    match envelope.data:
        case messages.CaseFiled() | messages.DocumentPrinted() | messages.PaymentEnded() as data:
            row |= msgspec.structs.asdict(data)
            row |= {"at": letter.at, "boot": envelope.boot, "seq": envelope.seq}
            return _TABLES[type(data)], row
        case messages.RatingGiven() as data:
            row |= msgspec.structs.asdict(data)
            row |= {"codes": _body.encode(data.codes).decode(), "at": letter.at}
            return "ratings", row
        case messages.SessionStarted(session):
            return "sessions started", row | {"session": session, "started": letter.at}
        case messages.SessionEnded() as data:
            return "sessions ended", row | msgspec.structs.asdict(data) | {"ended": letter.at}
        case messages.TechnicianActed() as data:
            return "technician", technician_filing.acted(letter, data)
        case messages.ReadinessReported() as data:
            return "readiness", technician_filing.reported(letter, data)
    return None


def _run(tx: Connection, name: str, rows: Sequence[Row]) -> int:
    return bulk.run_many(tx, _statements(tx.dialect.name)[name], rows)


@cache
def _statements(dialect: str) -> dict[str, Any]:
    """The statements of this file by name: built once, since building costs more than running."""

    def newest(table: Any, *key: str) -> Any:
        """Insert, or replace what an older message said."""
        new = store.insert(dialect, table)
        rest = {c.name: new.excluded[c.name] for c in table.c if c.name not in ("n", *key)}
        younger = tuple_(new.excluded.boot, new.excluded.seq) > tuple_(table.c.boot, table.c.seq)
        return new.on_conflict_do_update(index_elements=list(key), set_=rest, where=younger)

    def columns(table: Any, key: tuple[str, ...], *names: str) -> Any:
        """Insert, or set only these columns: start and end of a session may come in any order."""
        new = store.insert(dialect, table)
        return new.on_conflict_do_update(index_elements=list(key), set_={n: new.excluded[n] for n in names})

    visit = ("terminal", "session")
    refused = store.insert(dialect, tables.refused)
    again = {"times": tables.refused.c.times + refused.excluded.times, "received": refused.excluded.received}
    return {
        "messages": store.insert(dialect, tables.messages).on_conflict_do_nothing(),
        "cases": newest(tables.cases, "terminal", "key"),
        "prints": newest(tables.prints, "terminal", "job"),
        "payments": newest(tables.payments, "terminal", "key"),
        "ratings": store.insert(dialect, tables.ratings).on_conflict_do_nothing(),
        "tickets": store.insert(dialect, desk_tables.rating_tickets).on_conflict_do_nothing(),
        "sessions started": columns(tables.sessions, visit, "started"),
        "sessions ended": columns(tables.sessions, visit, "ended", "outcome", "service", "seconds"),
        "technician": store.insert(dialect, tables.technician_acts).on_conflict_do_nothing(),
        "readiness": newest(tables.readiness, "terminal"),
        "audit": store.insert(dialect, desk_tables.audit),
        "refused": refused.on_conflict_do_update(index_elements=["topic", "digest", "code"], set_=again),
    }


def _store_refused(tx: Connection, letters: Sequence[Letter]) -> set[tuple[str, str]]:
    """What was refused, without its content: that may hold anything, and the terminal keeps it."""
    rows: dict[tuple[str, str, str], Row] = {}
    for letter in letters:
        row = _refusal(letter)
        before = rows.setdefault((row["topic"], row["digest"], row["code"]), row)
        if before is not row:
            before["times"] += 1
    if rows:
        _run(tx, "refused", [rows[key] for key in sorted(rows)])
    return {(letter.path, "refused") for letter in letters}


def _refusal(letter: Letter) -> Row:
    named = letter.envelope
    return {
        "terminal": letter.path,
        "topic": letter.arrival.topic[:250],
        "id": letter.id,
        "code": letter.code,
        "detail": letter.detail,
        "stream": letter.leaf if letter.leaf in RELIABLE else "",
        "boot": named.boot if named and letter.final else 0,
        "seq": named.seq if named and letter.final else 0,
        "digest": letter.digest,
        "size": len(letter.arrival.payload),
        "times": 1,
        "received": letter.arrival.received,
    }


def _tell_desk(tx: Connection, changed: set[tuple[str, str]]) -> None:
    """Note what changed, for the pages that are open; old notes go."""
    if not changed:
        return
    notes.leave(tx, changed)
    newest = tx.scalar(select(func.max(tables.changes.c.n))) or 0
    tx.execute(delete(tables.changes).where(tables.changes.c.n <= newest - KEEP_CHANGES))
