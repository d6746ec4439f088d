"""The hall of a chaos run: its store of either kind and the broker, each of which can be killed."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select

from hall.data import store, tables
from hall.data.backup import backup
from hall.data.restore import restore
from hall.settings import HallSettings
from tests.chaos.plan import Plan
from tests.peers.broker import Broker, broker
from tests.peers.postgres import Cluster, postgres


@dataclass(frozen=True)
class Hall:
    """What the ingests work on."""

    settings: HallSettings
    engine: Engine  # the judge's
    broker: Broker
    cluster: Cluster | None  # None: SQLite

    async def kill_database(self, down: float) -> str:
        """PostgreSQL: kill -9 of the server and its workers, and its start. SQLite, which is no process: its
        file is locked for so long and some seconds more. Returns what was done."""
        if self.cluster is None:
            await asyncio.to_thread(_lock, self.settings.data / "hall.db", down + 2.0)
            return f"locked for {down + 2.0:.1f} s"
        await asyncio.to_thread(self.cluster.kill)
        await asyncio.sleep(down)
        await asyncio.to_thread(self.cluster.start)
        return "kill -9"

    def back_up(self) -> str:
        """Copies the store as it is at this moment, while the ingests go on. Returns what was done."""
        backup(self.settings, self._backup)
        return f"{self._rows()} messages"

    def restore(self) -> str:
        """Puts the copy in the store's place; no ingest may run. Returns what was done."""
        lost = self._rows()
        self.engine.dispose()
        restore(self.settings, self._backup, replace=True)
        return f"{lost - self._rows()} messages are lost at the hall"

    @property
    def _backup(self) -> Path:
        return self.settings.data.parent / "backup"

    def _rows(self) -> int:
        with self.engine.connect() as tx:
            return tx.scalar(select(func.count()).select_from(tables.messages)) or 0


@contextlib.contextmanager
def open_hall(plan: Plan, folder: Path) -> Iterator[Hall]:
    """A store of the newest form and a running broker, for as long as the block runs."""
    with contextlib.ExitStack() as closing:
        cluster = closing.enter_context(postgres()) if plan.database == "postgresql" else None
        settings = HallSettings(
            data=folder / "hall",
            area="330100",
            hall="demo",
            database=cluster.url(cluster.create()) if cluster else "",
        )
        store.migrate(settings)
        engine = store.open_store(settings)
        closing.callback(engine.dispose)
        running = closing.enter_context(broker(folder / "broker"))
        yield Hall(settings, engine, running, cluster)


def _lock(file: Path, seconds: float) -> None:
    with contextlib.closing(sqlite3.connect(file, timeout=60.0, isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        time.sleep(seconds)
        connection.execute("ROLLBACK")
