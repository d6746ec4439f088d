"""Who says at the end whether nothing was lost and nothing came twice: the disks against the hall's store.

What a terminal's own journal holds is what happened. Each finding has a name, so that a mistake made on
purpose can be required to be found for the right reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from hall.data import tables
from kiosk.data import journal
from kiosk.data.journal import Entry, HallRow
from kiosk.data.store import read_only
from kiosk.data.vault import Vault, VaultError
from mqtt import outbox

ROWS = ("id", "stream", "boot", "seq", "digest", "head")
Read = Any  # a read-only connection to a terminal's store


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it must be. `what` is a name of this file or of `journal.Problem`."""

    what: str
    terminal: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.what}  {self.terminal}  {self.detail}".rstrip()


def judge(engine: Engine, folders: Mapping[str, Path], transactions: int = 0) -> list[Finding]:
    """Everything that is wrong, by terminal; empty when all is well.

    `folders` has the data folder of each terminal by its path; `transactions`, unless 0, is how many cases
    each must have filed.
    """
    findings = []
    with engine.connect() as hall:
        for path, folder in folders.items():
            with read_only(folder) as read:
                for what, detail in _of_terminal(hall, read, Vault(folder), path, transactions):
                    findings.append(Finding(what, path, detail))
        known = set(hall.scalars(select(tables.messages.c.terminal).distinct()))
    findings += [Finding("unknown_terminal", path) for path in sorted(known - set(folders))]
    return findings


def _of_terminal(
    hall: Connection, read: Read, vault: Vault, path: str, transactions: int
) -> Iterator[tuple[str, str]]:
    if depth := outbox.depth(read):
        yield "outbox_not_empty", f"{depth} messages"
    for problem in journal.verify(read).problems:
        yield problem.what, f"entry {problem.n} {problem.id}"
    rows = _rows(hall, tables.messages, path)
    for problem in journal.compare(read, [HallRow(*(row[name] for name in ROWS)) for row in rows]).problems:
        yield problem.what, f"entry {problem.n} {problem.id}"
    told = [entry for entry in journal.entries(read) if entry.stream]
    yield from _refusals(hall, read, rows, path)
    yield from _streams(hall, told, path)
    try:
        yield from _business(hall, read, vault, told, path, transactions)
    except VaultError as error:
        yield "body_unreadable", error.detail
    yield from _presence(hall, read, told, path)


def _refusals(
    hall: Connection, read: Read, rows: list[dict[str, Any]], path: str
) -> Iterator[tuple[str, str]]:
    """Each dead letter has a refusal with its code at the hall, each refusal a dead letter."""
    dead = dict(outbox.dead(read))
    refused = {row["id"]: row["code"] for row in _rows(hall, tables.refused, path)}
    stored = {row["id"] for row in rows}
    for id, code in dead.items():
        if id in stored:
            yield "dead_though_stored", f"{id} {code}"
        elif refused.get(id) != code:
            yield "dead_unexplained", f"{id} {code}, and the hall says {refused.get(id)}"
        if code != "unstorable":
            yield "refused", f"{id} {code}"  # nobody here sends anything else that may be refused
    for id in refused.keys() - dead.keys():
        yield "refusal_unexplained", f"{id} {refused[id]}"


def _streams(hall: Connection, told: list[Entry], path: str) -> Iterator[tuple[str, str]]:
    """The hall counts each stream of each boot to its last number, without a gap."""
    last: dict[tuple[str, int], int] = {}
    for entry in told:
        last[entry.stream, entry.boot] = entry.seq
    counted = {
        (row["stream"], row["boot"]): (row["contiguous"], row["highest"])
        for row in _rows(hall, tables.streams, path)
    }
    for series in sorted(last.keys() | counted.keys()):
        ours, theirs = last.get(series, 0), counted.get(series, (0, 0))
        if theirs != (ours, ours):
            yield "stream_gap", f"{series[0]} of boot {series[1]}: told {ours}, counted {theirs}"


def _business(
    hall: Connection, read: Read, vault: Vault, told: list[Entry], path: str, transactions: int
) -> Iterator[tuple[str, str]]:
    """Cases, prints, ratings and sessions: what the journal's bodies say, each once."""
    dead = {id for id, _ in outbox.dead(read)}
    bodies = [(entry.type, journal.body(read, vault, entry)) for entry in told if entry.id not in dead]
    books: dict[str, tuple[Any, str, tuple[str, ...]]] = {
        "CaseFiled": ("cases", "wrong_cases", ("key", "state", "session", "service", "case_no", "code")),
        "DocumentPrinted": ("prints", "wrong_prints", ("job", "state", "session", "document", "number")),
        "RatingGiven": ("ratings", "wrong_ratings", ("session", "case_no", "stars")),
        "SessionStarted": ("sessions", "wrong_sessions", ("session",)),
    }
    for type, (table, what, columns) in books.items():
        ours = Counter(tuple(body[name] for name in columns) for kind, body in bodies if kind == type)
        theirs = Counter(
            tuple(row[name] for name in columns) for row in _rows(hall, tables.metadata.tables[table], path)
        )
        if ours != theirs:
            yield (
                what,
                f"missing {list((ours - theirs).items())[:3]}, extra {list((theirs - ours).items())[:3]}",
            )
    keys = [body["key"] for kind, body in bodies if kind == "CaseFiled"]
    if len(keys) != len(set(keys)):
        yield "filed_twice", str(Counter(keys).most_common(1))
    if transactions and len(set(keys)) != transactions:
        yield "work_missing", f"{len(set(keys))} of {transactions} transactions"


def _presence(hall: Connection, read: Read, told: list[Entry], path: str) -> Iterator[tuple[str, str]]:
    """The terminal is online, in its last boot, and the head that is shown is one of its chain's."""
    boot = int(read.execute("SELECT value FROM meta WHERE name = 'boot'").fetchone()[0])
    rows = _rows(hall, tables.terminals, path, column="path")
    row: dict[str, Any] = rows[0] if rows else {"online": False, "boot": 0, "head": "", "head_id": ""}
    if not row["online"]:
        yield "shown_offline", f"at boot {row['boot']}"
    if row["boot"] != boot:
        yield "wrong_boot", f"shown {row['boot']}, is {boot}"
    heads = {entry.id: entry.chain.hex() for entry in told}
    if told and heads.get(row["head_id"]) != row["head"]:
        yield "wrong_head", row["head_id"]


def _rows(hall: Connection, table: Any, path: str, column: str = "terminal") -> list[dict[str, Any]]:
    return [dict(row) for row in hall.execute(select(table).where(table.c[column] == path)).mappings()]
