"""Filing letters: what they say becomes rows, all in the transaction that the caller opened.

Nothing here commits or answers. Filing the same letter twice changes nothing, whether its first copy
came a second or a month ago: the broker and the terminals may repeat themselves as they like.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, literal_column, select, tuple_

from hall import live, store, tables
from hall.letters import RELIABLE, STORED, Letter
from mqtt import messages

Row = dict[str, Any]
KEEP_CHANGES = 10_000
_TABLES = {
    messages.CaseFiled: "cases",
    messages.DocumentPrinted: "prints",
    messages.PaymentEnded: "payments",
}
_body = msgspec.json.Encoder()


def file_away(tx: Connection, letters: Sequence[Letter]) -> None:
    """Store `letters` in the order given and settle each: its `code` becomes `stored` or a refusal."""
    reliable = [letter for letter in letters if not letter.code and letter.leaf in RELIABLE]
    _store_messages(tx, reliable)
    stored = [letter for letter in reliable if letter.code == STORED]
    changed = _file_business(tx, stored)
    changed |= live.update(tx, [letter for letter in letters if letter.code in ("", STORED)])
    refused = [letter for letter in letters if letter.code not in ("", STORED)]
    changed |= _store_refused(tx, refused)
    _settle_streams(tx, stored + [letter for letter in refused if letter.path and letter.envelope])
    _tell_desk(tx, changed)


def _store_messages(tx: Connection, letters: Sequence[Letter]) -> None:
    """One row each. An id or a number that is taken by other content is refused."""
    firsts: dict[str, Letter] = {}
    for letter in letters:
        first = firsts.setdefault(letter.id, letter)
        letter.code = STORED if first.digest == letter.digest else "conflict"
    if not firsts:
        return
    if _run(tx, "messages", [_message(one) for one in firsts.values()]) == len(firsts):
        return
    columns = tables.messages.c
    query = select(columns.id, columns.digest).where(columns.id.in_(firsts))
    known = {row.id: row.digest for row in tx.execute(query)}
    for letter in letters:
        if letter.id not in known:
            letter.code = "seq_taken"
        elif known[letter.id] != letter.digest:
            letter.code = "conflict"


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
        "body": _body.encode(envelope.data).decode(),
    }


def _file_business(tx: Connection, letters: Iterable[Letter]) -> set[tuple[str, str]]:
    """Cases, prints, payments, ratings and sessions; returns what changed as (terminal, what)."""
    rows: dict[str, list[Row]] = {}
    for letter in letters:
        named = _business(letter)
        if named is not None:
            rows.setdefault(named[0], []).append(named[1])
    for statement, those in rows.items():
        _run(tx, statement, those)
    return {(row["terminal"], name.partition(" ")[0]) for name, those in rows.items() for row in those}


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
    return None


def _run(tx: Connection, name: str, rows: Sequence[Row]) -> int:
    return store.run_many(tx, _statements(tx.dialect.name)[name], rows)


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

    visit, number = ("terminal", "session"), ("terminal", "stream", "boot")
    refused = store.insert(dialect, tables.refused)
    again = {"times": tables.refused.c.times + literal_column("1"), "received": refused.excluded.received}
    return {
        "messages": store.insert(dialect, tables.messages).on_conflict_do_nothing(),
        "cases": newest(tables.cases, "terminal", "key"),
        "prints": newest(tables.prints, "terminal", "job"),
        "payments": newest(tables.payments, "terminal", "key"),
        "ratings": store.insert(dialect, tables.ratings).on_conflict_do_nothing(),
        "sessions started": columns(tables.sessions, visit, "started"),
        "sessions ended": columns(tables.sessions, visit, "ended", "outcome", "service", "seconds"),
        "streams": columns(tables.streams, number, "contiguous", "highest"),
        "refused": refused.on_conflict_do_update(index_elements=["topic", "digest", "code"], set_=again),
    }


def _store_refused(tx: Connection, letters: Sequence[Letter]) -> set[tuple[str, str]]:
    """What was refused, without its content: that may hold anything, and the terminal keeps it."""
    if letters:
        _run(tx, "refused", [_refusal(letter) for letter in letters])
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


def _settle_streams(tx: Connection, letters: Iterable[Letter]) -> None:
    """Carry each stream's highest number, and how far it has no gap. A final refusal settles a number too."""
    numbers: dict[tuple[str, str, int], list[int]] = {}
    for letter in letters:
        if letter.leaf in RELIABLE and letter.envelope and letter.final:
            key = (letter.path, letter.leaf, letter.envelope.boot)
            numbers.setdefault(key, []).append(letter.envelope.seq)
    if not numbers:
        return
    t = tables.streams.c
    paths = {path for path, _, _ in numbers}
    query = select(t.terminal, t.stream, t.boot, t.contiguous, t.highest).where(t.terminal.in_(paths))
    known = {(r.terminal, r.stream, r.boot): (r.contiguous, r.highest) for r in tx.execute(query)}
    rows = []
    for key, new in numbers.items():
        contiguous, highest = known.get(key, (0, 0))
        held_up = highest > contiguous
        for number in sorted(new):
            contiguous += number == contiguous + 1
        highest = max(highest, *new)
        if held_up and contiguous < highest:
            contiguous = _past_gap(tx, key, contiguous)
        path, stream, boot = key
        rows.append(
            {"terminal": path, "stream": stream, "boot": boot, "contiguous": contiguous, "highest": highest}
        )
    _run(tx, "streams", rows)


def _past_gap(tx: Connection, key: tuple[str, str, int], contiguous: int) -> int:
    """How far the numbers run on from `contiguous`, among all that were settled before."""
    m, r = tables.messages.c, tables.refused.c
    here = [
        select(c.seq).where(c.terminal == key[0], c.stream == key[1], c.boot == key[2], c.seq > contiguous)
        for c in (m, r)
    ]
    for number in tx.scalars(here[0].union(here[1]).order_by("seq")):
        if number != contiguous + 1:
            break
        contiguous = number
    return contiguous


def _tell_desk(tx: Connection, changed: set[tuple[str, str]]) -> None:
    """Note what changed, for the pages that are open; old notes go."""
    if not changed:
        return
    tx.execute(tables.changes.insert(), [{"terminal": path, "what": what} for path, what in sorted(changed)])
    newest = tx.scalar(select(func.max(tables.changes.c.n))) or 0
    tx.execute(delete(tables.changes).where(tables.changes.c.n <= newest - KEEP_CHANGES))
