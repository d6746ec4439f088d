"""Journal and outbox in one commit, beside a bare SQLite commit of the same durability."""

from __future__ import annotations

import os
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kiosk import journal
from kiosk.store import Store, Transaction
from kiosk.vault import Vault
from mqtt.messages import CaseFiled
from mqtt.topics import TerminalPath

ROUNDS = 400
PATH = TerminalPath("330100", "demo", "K001")
BODY = {"service": "SB01", "values": {"from": "2025-01", "to": "2025-12", "purpose": "loan"}}


def run() -> list[tuple[str, float, str]]:
    """Medians in milliseconds and their ratio (budget 1.2), the two taking turns on one disk."""
    with tempfile.TemporaryDirectory(dir=Path.cwd() / "build") as folder:
        store, vault = Store(Path(folder) / "terminal"), Vault(Path(folder) / "terminal")
        message = CaseFiled("s1", "SB01", "key", "accepted", case_no="330100-2026-000123")

        def happened(tx: Transaction) -> journal.Entry:
            return journal.append(tx, vault, "s1", "case.filed", BODY, message, PATH)

        with closing(_bare(Path(folder) / "bare.sqlite")) as connection:
            ours, bare = [], []
            for _ in range(ROUNDS):
                bare.append(_timed(lambda: _insert(connection)))
                ours.append(_timed(lambda: store.write_sync(happened)))
        store.close()
    ours_ms, bare_ms = statistics.median(ours) * 1e3, statistics.median(bare) * 1e3
    return [
        ("bare SQLite commit", bare_ms, "ms"),
        ("journal and outbox commit", ours_ms, "ms"),
        ("ratio (budget 1.2)", ours_ms / bare_ms, "×"),
    ]


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
    return connection


def _insert(connection: sqlite3.Connection) -> None:
    """One row of about the bytes that an entry and its message have."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO t (payload) VALUES (?)", (os.urandom(900),))
    connection.execute("COMMIT")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    for name, value, unit in run():
        print(f"{name:32} {value:8.3f} {unit}")
