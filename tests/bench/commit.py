"""Journal and outbox in one commit, beside a bare SQLite commit of the same durability."""

from __future__ import annotations

import os
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from kiosk.data import journal
from kiosk.data import store as store_module
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from mqtt.messages import CaseFiled
from mqtt.topics import TerminalPath
from tests.bench.table import Row

WARM_UP = 350  # until each write-ahead log has its size and is written over, as on a terminal that runs
ROUNDS = 400
PATH = TerminalPath("330100", "demo", "K001")
BODY = {"service": "SB01", "values": {"from": "2025-01", "to": "2025-12", "purpose": "loan"}}


def run() -> list[Row]:
    """Medians, all taking turns on one disk.

    The budget is on the ratio to as many rows; with one row in one table less is not possible at this
    durability.
    """
    times: dict[str, list[float]] = {"one row": [], "same rows": [], "ours": [], "through": []}
    with tempfile.TemporaryDirectory(dir=_disk()) as folder:
        store, vault = Store(Path(folder) / "terminal"), Vault(Path(folder) / "terminal")
        message = CaseFiled("s1", "SB01", "key", "accepted", case_no="330100-2026-000123")

        def happened(tx: Transaction) -> journal.Entry:
            return journal.append(tx, vault, "s1", "case.filed", BODY, message, PATH)

        own, boot = store_module._open_writer(_folder(Path(folder) / "own") / store_module.FILE, 0)
        tx = Transaction(own, boot)

        def commit_here() -> None:
            own.execute("BEGIN IMMEDIATE")
            happened(tx)
            own.execute("COMMIT")

        with closing(own), closing(_bare(Path(folder) / "bare.sqlite")) as bare:
            turns: list[tuple[str, Callable[[], object]]] = [
                ("one row", lambda: _one_row(bare)),
                ("same rows", lambda: _same_rows(bare)),
                ("ours", commit_here),
                ("through", lambda: store.write_sync(happened)),
            ]
            for n in range(WARM_UP + ROUNDS):
                random.shuffle(turns)  # a disk remembers who wrote before
                for name, turn in turns:
                    seconds = _timed(turn)
                    if n >= WARM_UP:
                        times[name].append(seconds)
        store.close()
    one, same, ours, through = (statistics.median(each) * 1e3 for each in times.values())
    peers = {"bare SQLite, same rows": same, "one row": one}
    return [
        Row("journal and outbox commit", ours, "ms", peers, ratio_at_most=1.2),
        Row("the same, handed to the store's thread", through, "ms", peers),
    ]


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def _disk() -> Path:
    """A folder on the disk that the project lies on: /tmp may be memory."""
    folder = Path(__file__).parents[2] / "build"
    folder.mkdir(exist_ok=True)
    return folder


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE happened (n INTEGER PRIMARY KEY, body BLOB NOT NULL)")
    connection.execute("CREATE TABLE head (n INTEGER PRIMARY KEY, chain BLOB NOT NULL)")
    connection.execute("CREATE TABLE told (id TEXT PRIMARY KEY, payload BLOB NOT NULL) WITHOUT ROWID")
    connection.execute("INSERT INTO head VALUES (1, zeroblob(32))")
    return connection


def _one_row(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO happened (body) VALUES (?)", (bytes(300),))
    connection.execute("COMMIT")


def _same_rows(connection: sqlite3.Connection) -> None:
    """As many rows of as many bytes as an entry with its message, without seal, chain, numbers and thread."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("INSERT INTO happened (body) VALUES (?)", (bytes(300),))
    connection.execute("UPDATE head SET chain = ? WHERE n = 1", (os.urandom(32),))
    connection.execute("INSERT INTO told VALUES (?, ?)", (f"{time.time_ns():036d}", bytes(400)))
    connection.execute("COMMIT")


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
