"""What of a terminal stands between a journey and the broker: store, vault, sender and link."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from config.settings import LinkSettings
from kiosk.data import journal
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from kiosk.link import hall_answers, rebirth
from kiosk.link import sender as senders
from kiosk.link.sender import Sender
from mqtt import link as links
from mqtt import outbox
from mqtt.link import Link
from mqtt.messages import CaseFiled, Data, SessionStarted
from mqtt.topics import TerminalPath
from tests.mqtt.small_hall import SmallHall

PATH = TerminalPath("330100", "demo", "K001")


@dataclass
class Terminal:
    """Its parts, and what a person would look at."""

    store: Store
    vault: Vault
    sender: Sender
    link: Link
    refused: list[tuple[str, str]] = field(default_factory=list)
    turned_away: list[bool] = field(default_factory=list)

    async def files(self, number: int) -> None:
        """So many cases, each with its session's start."""
        for n in range(number):
            for message in (SessionStarted(f"s{n}"), CaseFiled(f"s{n}", "SB01", f"k{n}", "accepted")):
                await self.store.write(partial(self._append, message))

    def _append(self, message: Data, tx: Transaction) -> journal.Entry:
        return journal.append(tx, self.vault, "s", "test", {}, message, PATH)

    def depth(self) -> int:
        with self.store.read() as read:
            return outbox.depth(read)

    def sends(self) -> int:
        with self.store.read() as read:
            return int(read.execute("SELECT sum(attempts) FROM outbox").fetchone()[0] or 0)

    def generation(self) -> str:
        with self.store.read() as read:
            return hall_answers.generation(read)

    def journalled(self) -> list[str]:
        with self.store.read() as read:
            return [entry.id for entry in journal.entries(read) if entry.stream]

    def agrees(self, hall: SmallHall) -> bool:
        """The journal's messages are at the hall, each once, and the chain holds."""
        with self.store.read() as read:
            assert journal.verify(read).sound
        return set(self.journalled()) == set(hall.rows)


@asynccontextmanager
async def terminal(folder: Path, port: int, **link_settings: Any) -> AsyncIterator[Terminal]:
    store = Store(folder)
    refused: list[tuple[str, str]] = []
    turned_away: list[bool] = []
    sender = Sender(
        store,
        PATH,
        keep_days=30,
        on_refused=lambda id, code: refused.append((id, code)),
        on_turned_away=turned_away.append,
    )
    settings = LinkSettings(port=port, **{"keepalive_seconds": 5} | link_settings)
    link = Link(settings, PATH, store.boot, "0.1.0", sender.listeners, asyncio.get_running_loop())
    sender.attach(link)
    try:
        yield Terminal(store, Vault(folder), sender, link, refused, turned_away)
    finally:
        await sender.close()
        await asyncio.to_thread(link.close)
        store.close()


async def eventually(true: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 - what it waits for is in a file or on another thread
            await asyncio.sleep(0.01)


def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of seconds become waits of tenths."""
    monkeypatch.setattr(outbox, "FIRST_WAIT", 0.2)
    monkeypatch.setattr(links, "FIRST_WAIT", 0.05)
    monkeypatch.setattr(rebirth, "PATIENCE", 0.2)
    monkeypatch.setattr(rebirth, "SPREAD", 0.1)
    monkeypatch.setattr(senders, "PAUSE_AFTER_FAILURE", 0.05)
