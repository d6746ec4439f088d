"""The terminals' numbers: which are settled, how far without a gap, and what came before and went again.

A stream is (terminal, stream, boot); its row says the highest number that was settled and the number up to
which none is missing. The caller holds the terminal's lock; a refusal of a terminal that nobody knows has
none, so counts only ever grow.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, func, select

from hall.data import bulk, store, tables
from hall.intake.letters import RELIABLE, STORED, Letter

Key = tuple[str, str, int]
Counts = dict[Key, tuple[int, int]]  # contiguous, highest
_KEY = ("terminal", "stream", "boot")
_UNKNOWN = (0, 2**63)
EDGE = "pruned"  # in `meta`: messages made before this moment (ms) may have been deleted


def key(letter: Letter) -> Key:
    """The stream of a numbered letter."""
    assert letter.envelope is not None
    return letter.path, letter.leaf, letter.envelope.boot


def known(tx: Connection, letters: Iterable[Letter]) -> Counts:
    """What is known of the streams of these letters."""
    rows = bulk.by_keys(tx, tables.streams, _KEY, list({key(letter) for letter in letters}))
    return {
        (row["terminal"], row["stream"], row["boot"]): (row["contiguous"], row["highest"]) for row in rows
    }


def repeated(tx: Connection, letters: Sequence[Letter], counts: Counts) -> set[str]:
    """Settles those letters that may have come before; the ids of those that need no filing.

    Such a letter is `stored` already, or its number is taken by another (`seq_taken`), its id by other
    content (`conflict`); or it was stored and deleted since, being old, so that its terminal is told that it
    is stored. One whose number was never seen is left alone.
    """
    # Of a start that is not counted (any more), each may have come.
    old = [one for one in letters if one.envelope and one.envelope.seq <= counts.get(key(one), _UNKNOWN)[1]]
    if not old:
        return set()
    m, edge = tables.messages, _edge(tx)
    columns = ("id", "digest", *_KEY, "seq")
    same_id = {row["id"]: row for row in bulk.by_keys(tx, m, ("id",), [(one.id,) for one in old], columns)}
    places = [(*key(one), one.envelope.seq) for one in old if one.envelope]
    rows = bulk.by_keys(tx, m, (*_KEY, "seq"), list(set(places)), columns)
    taken = {(row["terminal"], row["stream"], row["boot"], row["seq"]) for row in rows}
    done = set()
    for letter, place in zip(old, places, strict=True):
        if before := same_id.get(letter.id):
            letter.code = STORED if before["digest"] == letter.digest else "conflict"
        elif place in taken:
            letter.code = "seq_taken"
        elif _made(letter) < edge and place[3] <= counts.get(key(letter), (0, 0))[0]:
            letter.code = STORED
        else:
            continue
        done.add(letter.id)
    return done


def settle(tx: Connection, letters: Iterable[Letter], counts: Counts) -> None:
    """Carry on with the numbers of `letters`. A final refusal settles a number, too."""
    numbers: dict[Key, set[int]] = {}
    for letter in letters:
        if letter.leaf in RELIABLE and letter.envelope and letter.final:
            numbers.setdefault(key(letter), set()).add(letter.envelope.seq)
    rows = []
    for stream, new in numbers.items():
        contiguous, highest = before = counts.get(stream, (0, 0))
        held_up = highest > contiguous or stream not in counts
        for number in sorted(new):
            contiguous += number == contiguous + 1
        highest = max(highest, *new)
        if held_up and contiguous < highest:
            contiguous = _past_gap(tx, stream, contiguous)
        if (contiguous, highest) != before:
            row: dict[str, Any] = dict(zip(_KEY, stream, strict=True))
            rows.append(row | {"contiguous": contiguous, "highest": highest})
    if rows:
        bulk.run_many(tx, _statement(tx.dialect.name), rows)


@cache
def _statement(dialect: str) -> Any:
    new, old = store.insert(dialect, tables.streams), tables.streams.c
    larger = func.greatest if dialect == "postgresql" else func.max
    grown = {name: larger(old[name], new.excluded[name]) for name in ("contiguous", "highest")}
    return new.on_conflict_do_update(index_elements=list(_KEY), set_=grown)


def _past_gap(tx: Connection, stream: Key, contiguous: int) -> int:
    """How far the numbers run on from `contiguous`, among all that were settled before."""
    m, r = tables.messages.c, tables.refused.c
    here = [
        select(c.seq).where(
            c.terminal == stream[0], c.stream == stream[1], c.boot == stream[2], c.seq > contiguous
        )
        for c in (m, r)
    ]
    for number in tx.scalars(here[0].union(here[1]).order_by("seq")):
        if number != contiguous + 1:
            break
        contiguous = number
    return contiguous


def move_edge(tx: Connection, edge_ms: int) -> None:
    """Remember that messages made before `edge_ms` may be gone. It never moves back."""
    value = str(max(edge_ms, _edge(tx)))
    new = store.insert(tx.dialect.name, tables.meta).values(key=EDGE, value=value)
    tx.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def _edge(tx: Connection) -> int:
    c = tables.meta.c
    return int(tx.scalar(select(c.value).where(c.key == EDGE)) or 0)


def _made(letter: Letter) -> int:
    """When a message was made, ms: its UUIDv7 says it (RFC 9562, 5.7), else the terminal's clock."""
    digits = letter.id.replace("-", "")
    try:
        return int(digits[:12], 16) if digits[12:13] == "7" else letter.at
    except ValueError:
        return letter.at
