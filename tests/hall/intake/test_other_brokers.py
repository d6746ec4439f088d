"""Any broker of MQTT 5 serves: a terminal's real outbox and link, the ingest killed, each message once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import LinkSettings, TlsSettings
from hall.data import store as hall_store
from hall.data import tables
from hall.settings import HallSettings
from kiosk.data import journal
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from kiosk.link.sender import Sender
from mqtt import link as links
from mqtt import outbox
from mqtt.link import Link
from mqtt.messages import CaseFiled, Data, SessionStarted
from mqtt.topics import TerminalPath
from tests.peers.broker import Broker, broker
from tests.peers.other_brokers import Ejabberd, Iotcore, other_broker

PATH = TerminalPath("a", "h", "k")
HOUSE = Path(__file__).parents[3]
FEW = 40

Start = Callable[[Path], AbstractContextManager[Broker]]
BROKERS: dict[str, Start] = {
    "mosquitto": broker,
    "iotcore": partial(other_broker, "iotcore"),
    "ejabberd": partial(other_broker, "ejabberd"),
}


def certificate(running: Broker, client_id: str) -> TlsSettings | None:
    """What the broker wants to see of a client; None where it lets everybody in."""
    return running.certificate(client_id) if isinstance(running, Ejabberd) else None


class Ingests:
    """`main.py hall ingest` as a child, again and again."""

    def __init__(self, folder: Path, running: Broker) -> None:
        self._folder, self._running = folder, running
        self._file = folder / "hall.toml"
        self._starts = 0
        self._child: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Until it listens."""
        self._starts += 1
        self._file.write_text("\n".join(self._settings()))
        command = [sys.executable, "main.py", "hall", "ingest", "--settings", str(self._file)]
        self._child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HOUSE)
        assert self._child.stdout is not None
        assert self._child.stdout.readline() == "ingest ready\n"

    def _settings(self) -> list[str]:
        # rumqttd takes a killed client's id for in use for a minute: there the next ingest has another one,
        # so nothing waits for it at the broker, and the terminal's own repetitions bring everything.
        forgetful = isinstance(self._running, Iotcore)
        name = f"hall-ingest-{self._starts}" if forgetful else "hall-ingest"
        lines = [f'data = "{self._folder}"', 'area = "a"', 'hall = "h"', "[broker]"]
        lines += [f"port = {self._running.port}", f'client_id = "{name}"']
        if tls := certificate(self._running, name):
            lines += ["[broker.tls]", *(f'{key} = "{path}"' for key, path in tls.model_dump().items())]
        return lines

    def end(self) -> None:
        """kill -9, and until it is gone."""
        if self._child is not None and self._child.stdout is not None:
            self._child.kill()
            self._child.wait(60)
            self._child.stdout.close()
            self._child = None


class Terminal:
    """What of a terminal stands between a journey and the broker."""

    def __init__(self, folder: Path, running: Broker) -> None:
        self.store, self._vault = Store(folder), Vault(folder)
        self._sender = Sender(self.store, PATH, keep_days=30)
        settings = LinkSettings(
            host=running.host, port=running.port, keepalive_seconds=5, tls=certificate(running, str(PATH))
        )
        loop = asyncio.get_running_loop()
        self._link = Link(settings, PATH, self.store.boot, "0.1.0", self._sender.listeners, loop)
        self._sender.attach(self._link)

    async def files(self, numbers: range) -> None:
        """So many cases, each with its session's start."""
        for n in numbers:
            for message in (SessionStarted(f"s{n}"), CaseFiled(f"s{n}", "SB01", f"k{n}", "accepted")):
                await self.store.write(partial(self._append, message))

    def _append(self, message: Data, tx: Transaction) -> journal.Entry:
        return journal.append(tx, self._vault, "s", "test", {}, message, PATH)

    def depth(self) -> int:
        """What the hall has not acknowledged."""
        with self.store.read() as read:
            return outbox.depth(read)

    def said(self) -> list[str]:
        """The ids of all messages, sorted."""
        with self.store.read() as read:
            return sorted(entry.id for entry in journal.entries(read) if entry.stream)

    async def close(self) -> None:
        """Everything gone."""
        await self._sender.close()
        await asyncio.to_thread(self._link.close)
        self.store.close()


async def until(true: Callable[[], bool]) -> None:
    """Until it holds."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (what it waits for is in a file)
            await asyncio.sleep(0.02)


@contextmanager
def stored(folder: Path) -> Iterator[Callable[[], list[str]]]:
    """A look into the hall's store: the ids of its messages, sorted."""
    settings = HallSettings(data=folder, area="a", hall="h")
    hall_store.migrate(settings)
    engine = hall_store.open_store(settings, read_only=True)

    def ids() -> list[str]:
        with engine.connect() as tx:
            return sorted(tx.execute(select(tables.messages.c.id)).scalars())

    try:
        yield ids
    finally:
        engine.dispose()


@pytest.mark.parametrize("name", BROKERS)
def test_given_cases_while_the_ingest_is_killed_then_the_hall_has_each_message_once(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "FIRST_WAIT", 0.2)
    monkeypatch.setattr(links, "FIRST_WAIT", 0.05)
    for folder in ("hall", "terminal"):
        (tmp_path / folder).mkdir()

    async def hour(running: Broker, ingests: Ingests, ids: Callable[[], list[str]]) -> None:
        terminal = Terminal(tmp_path / "terminal", running)
        try:
            filing = asyncio.create_task(terminal.files(range(FEW)))
            await until(lambda: len(ids()) > 5)
            await asyncio.to_thread(ingests.end)
            await filing
            await terminal.files(range(FEW, FEW + 10))
            assert terminal.depth() >= 20, "what was said after the kill waits"
            await asyncio.to_thread(ingests.start)
            await until(lambda: terminal.depth() == 0)
            assert ids() == terminal.said()
            assert len(ids()) == 2 * (FEW + 10)
        finally:
            await terminal.close()

    with BROKERS[name](tmp_path / "broker") as running, stored(tmp_path / "hall") as ids:
        ingests = Ingests(tmp_path / "hall", running)
        try:
            ingests.start()
            asyncio.run(hour(running, ingests, ids))
        finally:
            ingests.end()
