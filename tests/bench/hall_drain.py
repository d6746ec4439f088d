"""How fast something takes what waits at the broker into a store, and what processor time that costs it."""

from __future__ import annotations

import contextlib
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil

from tests.peers.postgres import Cluster

LOOK_SECONDS = 0.02
PATIENCE = 120.0


@dataclass(frozen=True)
class Drained:
    """Messages a second, and microseconds of processor time for one, over all its processes."""

    rate: float
    micros: float


def drained(children: Sequence[subprocess.Popen[bytes]], count: Callable[[], int], total: int) -> Drained:
    """Watch `count` go from its first rows to `total`; what programs take to start is left out."""
    processes = [psutil.Process(child.pid) for child in children]
    _until(lambda: count() > 0, children)
    first, begun, used = count(), time.perf_counter(), _used(processes)
    _until(lambda: count() >= total, children)
    seconds, spent = time.perf_counter() - begun, _used(processes) - used
    taken = max(1, total - first)
    return Drained(taken / max(seconds, 1e-6), spent / taken * 1e6)


def middle(several: Sequence[Drained]) -> Drained:
    """The median of each figure."""
    return Drained(median(one.rate for one in several), median(one.micros for one in several))


@contextlib.contextmanager
def child(command: Sequence[object], log: Path, **other: object) -> Iterator[subprocess.Popen[bytes]]:
    """A program for as long as the block runs."""
    with log.open("ab") as file:
        running: subprocess.Popen[bytes] = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            **other,  # type: ignore[call-overload]
        )
    try:
        yield running
    finally:
        running.terminate()
        try:
            running.wait(10)
        except subprocess.TimeoutExpired:
            running.kill()
            running.wait(10)


@contextlib.contextmanager
def rows_of_sqlite(file: Path, question: str) -> Iterator[Callable[[], int]]:
    """Asks a store from outside how far it is."""
    connection = sqlite3.connect(file, timeout=10)
    try:
        yield lambda: int(connection.execute(question).fetchone()[0])
    finally:
        connection.close()


@contextlib.contextmanager
def rows_of_postgres(cluster: Cluster, database: str, question: str) -> Iterator[Callable[[], int]]:
    """The same on PostgreSQL."""

    def count() -> int:
        found = connection.execute(question.encode()).fetchone()
        return int(found[0]) if found else 0

    with cluster.connect(database) as connection:
        yield count


def _used(processes: Sequence[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def _until(true: Callable[[], bool], children: Sequence[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > until or any(one.poll() is not None for one in children):
            raise RuntimeError("it did not take what waits, or ended")
        time.sleep(LOOK_SECONDS)
