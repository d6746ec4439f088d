"""What each device has done and used up, by day, kept in the store; and when its supplies will run out.

Devices' threads add in memory. What was added is saved every 30 s if there is any, and at the close: that
much, and no more, is lost when the plug is pulled. Old days are folded into one at each start.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import structlog

from config.devices import CAPACITIES, DeviceState, Kind, Supply
from config.settings import DeviceSettings
from kiosk.data.store import Store, StoreError, Transaction
from kiosk.devices.runs_out import DAYS, runs_out

SAVE_SECONDS = 30.0
KEEP_DAYS = 60
UNKNOWN = "unknown"  # in place of a day: not enough is known yet
_log = structlog.get_logger("kiosk.devices.counters")


@dataclass
class _Supply:
    """Its last known level, and the device's totals when it was last changed."""

    level: str = Supply.UNKNOWN
    totals: dict[str, int] = field(default_factory=dict)


class Counters:
    """The counters of all devices. `add` may be called from any thread, all else on the loop."""

    def __init__(
        self,
        store: Store | None,
        settings: Mapping[str, DeviceSettings],
        today: Callable[[], date] = date.today,
        pause: float = SAVE_SECONDS,
    ) -> None:
        self._store, self._settings, self._today, self._pause = store, settings, today, pause
        self._gate = threading.Lock()
        self._totals: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._days: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
        self._unsaved: dict[tuple[str, str, date], int] = defaultdict(int)
        self._supplies: dict[tuple[str, str], _Supply] = defaultdict(_Supply)
        self._unsaved_supplies: set[tuple[str, str]] = set()
        self._saving: asyncio.Task[None] | None = None
        self._one_save = asyncio.Lock()  # the close waits for the one under way
        if store is not None:
            self._load(store)

    @classmethod
    def read(cls, read: sqlite3.Connection, settings: Mapping[str, DeviceSettings]) -> Counters:
        """What is kept, for whoever only looks; sqlite3.Error for a store of before there were counters."""
        counters = cls(None, settings)
        counters._take_over(read)
        return counters

    def start(self) -> None:
        """Begins to save."""
        self._saving = asyncio.get_running_loop().create_task(self._save_for_ever())

    async def close(self) -> None:
        """Saves what is not saved yet. To be closed after the devices, before the store."""
        if self._saving is not None:
            self._saving.cancel()
            await asyncio.gather(self._saving, return_exceptions=True)
        await self.save()

    def add(self, device: str, grown: Mapping[str, int]) -> None:
        """Adds to the device's counters; from any thread, at no cost."""
        today = self._today()
        with self._gate:
            for name, amount in grown.items():
                self._totals[device][name] += amount
                self._days[device, name][today] += amount
                self._unsaved[device, name, today] += amount

    def on_change(self, device: str, kind: Kind, before: DeviceState, after: DeviceState) -> None:
        """Notes a supply that was changed: known as low or out, and now full, whatever lay in between."""
        for part, level in after.supplies.items():
            if level in (Supply.UNKNOWN, Supply.NOT_SUPPORTED):
                continue
            with self._gate:
                kept = self._supplies[device, part]
                if kept.level == level:
                    continue
                if kept.level in (Supply.LOW, Supply.OUT) and level is Supply.FULL:
                    kept.totals = dict(self._totals[device])
                kept.level = level
                self._unsaved_supplies.add((device, part))

    def changed(self, device: str, supply: str) -> None:
        """A person says that this supply is a new one: what it was used for is counted anew from here.

        Its level stays as the device told it last. `save` keeps it; one that is not saved yet is not lost.
        """
        with self._gate:
            self._supplies[device, supply].totals = dict(self._totals.get(device, {}))
            self._unsaved_supplies.add((device, supply))

    def counts(self, device: str) -> dict[str, int]:
        """The device's totals; `failed:CODE` for its failures."""
        with self._gate:
            return dict(self._totals.get(device, {}))

    def used(self, device: str, supply: str, counter: str) -> int:
        """How much of a counter has been added since the supply was changed."""
        with self._gate:
            since = self._supplies[device, supply].totals.get(counter, 0)
            return self._totals.get(device, {}).get(counter, 0) - since

    def runs_out(self, device: str) -> dict[str, str]:
        """By supply whose capacity the settings tell: the day as `2026-11-25`, or `unknown`."""
        found = {}
        for name, capacity in self._settings[device].capacity.items():
            supply, counter = CAPACITIES[name]
            out = self._supplies[device, supply].level == Supply.OUT
            used = self.used(device, supply, counter)
            day = (
                self._today() if out else runs_out(self._today(), capacity, used, self._use(device, counter))
            )
            found[supply] = day.isoformat() if day else UNKNOWN
        return found

    def _use(self, device: str, counter: str) -> list[int]:
        """What each of the last days used, from the first on which anything was."""
        with self._gate:
            days = dict(self._days.get((device, counter), {}))
        today = self._today()
        recent = [today - timedelta(days=ago) for ago in range(DAYS, 0, -1)]
        first = min(days, default=today)
        return [days.get(day, 0) for day in recent if day >= first]

    # ── the store ───────────────────────────────────────────────────────────
    async def save(self) -> None:
        """Puts what has been added into the store; what cannot be saved now is kept for the next time."""
        async with self._one_save:
            await self._save()

    async def _save(self) -> None:
        with self._gate:
            added, self._unsaved = self._unsaved, defaultdict(int)
            changed, self._unsaved_supplies = self._unsaved_supplies, set()
            supplies = [
                (*key, self._supplies[key].level, dict(self._supplies[key].totals)) for key in changed
            ]
        if self._store is None or not (added or changed):
            return

        def work(tx: Transaction) -> None:
            for (device, name, day), amount in added.items():
                tx.execute(
                    "INSERT INTO counters VALUES (?, ?, ?, ?) ON CONFLICT (device, name, day)"
                    " DO UPDATE SET amount = amount + excluded.amount",
                    (device, name, day.isoformat(), amount),
                )
            for device, supply, level, totals in supplies:
                tx.execute(
                    "INSERT OR REPLACE INTO supplies VALUES (?, ?, ?, ?)",
                    (device, supply, level, json.dumps(totals)),
                )

        try:
            await self._store.write(work)
        except StoreError as error:
            _log.error("counters not saved", code=error.code)
            with self._gate:
                for key, amount in added.items():
                    self._unsaved[key] += amount
                self._unsaved_supplies |= changed

    async def _save_for_ever(self) -> None:
        while True:
            await asyncio.sleep(self._pause)
            await asyncio.shield(self.save())

    def _load(self, store: Store) -> None:
        oldest = (self._today() - timedelta(days=KEEP_DAYS)).isoformat()
        with store.read() as read:
            old = read.execute("SELECT 1 FROM counters WHERE day <> '' AND day < ?", (oldest,)).fetchone()
            self._take_over(read)
        if old:
            store.write_sync(lambda tx: _fold(tx, oldest))

    def _take_over(self, read: sqlite3.Connection) -> None:
        for device, name, day, amount in read.execute("SELECT device, name, day, amount FROM counters"):
            self._totals[device][name] += amount
            if day:
                self._days[device, name][date.fromisoformat(day)] += amount
        for device, supply, level, totals in read.execute("SELECT * FROM supplies"):
            self._supplies[device, supply] = _Supply(level, json.loads(totals))


def _fold(tx: Transaction, oldest: str) -> None:
    """Adds up the days that no estimate looks at any more; their day is then empty."""
    tx.execute(
        "INSERT INTO counters SELECT device, name, '', sum(amount) FROM counters"
        " WHERE day <> '' AND day < ? GROUP BY device, name"
        " ON CONFLICT (device, name, day) DO UPDATE SET amount = amount + excluded.amount",
        (oldest,),
    )
    tx.execute("DELETE FROM counters WHERE day <> '' AND day < ?", (oldest,))
