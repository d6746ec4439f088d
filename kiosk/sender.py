"""Sends the outbox over the link until the hall has acknowledged every message.

One asyncio task does it all, so that state is evaluated in one ordered place: what arrives (an ack, a
PUBACK, a line that comes back, a new row) is noted and wakes it. Whatever fails, the rows are still there
and the next turn tries again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import structlog

from kiosk.store import Store, Transaction
from mqtt import outbox
from mqtt.link import Link, Listeners
from mqtt.messages import Ack, HostState, Stored
from mqtt.topics import TerminalPath

STORED = "stored"  # the code of an ack whose message the hall has committed
PURGE_EVERY = 3600.0  # seconds
PAUSE_AFTER_FAILURE = 1.0

_log = structlog.get_logger(__name__)


class Sender:
    """Owns the sending task. `attach(link)` starts it; `close()` ends it."""

    def __init__(
        self,
        store: Store,
        path: TerminalPath,
        keep_days: int,
        on_refused: Callable[[str, str], None] = lambda id, code: None,
        on_hall: Callable[[bool], None] = lambda online: None,
    ) -> None:
        """`on_refused(id, code)`: a message went to the dead letters (fault `link_refused`).
        `on_hall(online)`: the hall's server came or went."""
        self._store = store
        self._path = path
        self._keep_days = keep_days
        self._on_refused = on_refused
        self._on_hall = on_hall
        self._acks: list[Ack] = []
        self._host: HostState | None = None
        self._hall_online = False
        self._purged = 0.0
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        store.on_commit(self._on_commit)

    def attach(self, link: Link) -> None:
        """Starts sending over `link`, which was made with this sender's `listeners`."""
        self._task = self._loop.create_task(self._run(link), name="sender")

    async def close(self) -> None:
        """Ends the task. Acks not yet written are lost, which costs one more sending. May be called twice."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def hall_online(self) -> bool:
        """True while the hall's server says that it is there."""
        return self._hall_online

    @property
    def listeners(self) -> Listeners:
        """What to hand to the link."""
        return Listeners(
            self.on_ack, self.on_host_state, self.on_connection, self.on_puback, stored=self.on_stored
        )

    # What the link tells, on the loop.

    def on_ack(self, ack: Ack) -> None:
        """The hall has committed a message, or refuses it. Only this ends a row of the outbox."""
        self._acks.append(ack)
        self._wake.set()

    def on_puback(self, id: str) -> None:
        """The broker has a message: there is room for the next. The hall knows nothing yet, the row stays."""
        self._wake.set()

    def on_host_state(self, host: HostState) -> None:
        """The hall's server came, went, or was restored from a backup."""
        self._host = host
        self._wake.set()

    def on_stored(self, stored: Stored) -> None:
        """The hall's answer to our birth: what it has of us."""
        self._wake.set()

    def on_connection(self, connected: bool) -> None:
        """The line to the broker came or went. What the hall is, is told anew on each connection."""
        if not connected:
            self._set_hall(False)
        self._wake.set()

    def _on_commit(self) -> None:
        """On the writer's thread: there may be new rows."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake.set)

    async def _run(self, link: Link) -> None:
        while True:
            self._wake.clear()
            try:
                wait = await self._turn(link)
            except Exception:
                _log.exception("sender.turn_failed")
                await asyncio.sleep(PAUSE_AFTER_FAILURE)
                continue
            try:
                async with asyncio.timeout(wait):  # not wait_for, which in 3.11 can lose a cancellation
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def _turn(self, link: Link) -> float:
        """Notes what has arrived, sends what is due; returns the seconds until there is more to do."""
        await self._note_acks()
        await self._note_host()
        await self._purge()
        return await self._send_due(link)

    async def _note_acks(self) -> None:
        acks, self._acks = self._acks, []
        if not acks:
            return
        refused = await self._store.write(lambda tx: _settle(tx, acks, time.time()))
        for ack in refused:
            _log.warning("sender.refused", id=ack.id, code=ack.code)
            self._on_refused(ack.id, ack.code)

    async def _note_host(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        if host.online:
            await self._store.write(
                lambda tx: _meet(tx, host, self._path, not self._hall_online, time.time())
            )
        self._set_hall(host.online)

    def _set_hall(self, online: bool) -> None:
        if online != self._hall_online:
            self._hall_online = online
            self._on_hall(online)

    async def _purge(self) -> None:
        if time.monotonic() - self._purged > PURGE_EVERY or not self._purged:
            self._purged = time.monotonic()
            await self._store.write(lambda tx: outbox.purge(tx, time.time(), self._keep_days))

    async def _send_due(self, link: Link) -> float:
        now = time.time()
        with self._store.read() as read:
            waiting = outbox.due(read, now, link.room, link.in_flight) if link.room else []
            later = outbox.next_due(read)
        handed_on = [row.id for row in waiting if link.publish(row.stream, row.payload, id=row.id)]
        if handed_on:
            await self._store.write(lambda tx: outbox.sent(tx, handed_on, now))
            return 0.0  # look again: there may be more, and the next one's time has changed
        if not link.room or later is None:
            return PURGE_EVERY  # a PUBACK, a connection or a commit wakes us
        return max(0.05, min(PURGE_EVERY, later - now))


def _settle(tx: Transaction, acks: list[Ack], now: float) -> list[Ack]:
    """Writes what the hall said. Returns the final refusals that were news."""
    refused = []
    for ack in acks:
        if ack.code == STORED:
            outbox.acked(tx, ack.id, now)
        elif not ack.retry and outbox.refused(tx, ack.id, ack.code, now):
            refused.append(ack)
    return refused


def _meet(tx: Transaction, host: HostState, path: TerminalPath, is_back: bool, now: float) -> None:
    """The hall is there. With another store generation it is given again all that it does not have."""
    known = tx.execute("SELECT value FROM meta WHERE name = 'generation'").fetchone()
    if host.generation and (known is None or known[0] != host.generation):
        for stream in ("tx", "evt"):
            boot, seq = (0, 0)  # until `Stored` says better
            outbox.reopen_above(tx, stream, boot, seq, now)
        tx.execute(
            "INSERT INTO meta VALUES ('generation', ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (host.generation,),
        )
    if is_back:
        outbox.hurry(tx, now)
