"""Sends the outbox over the link until the hall has acknowledged every message.

One asyncio task does it all, so that state is evaluated in one ordered place: what arrives (an ack, a
PUBACK, a line that comes back, a new row) is noted and wakes it. Whatever fails, the rows are still there
and the next turn tries again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable

import structlog

from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault, VaultError
from kiosk.link import hall_answers, outbox_room
from kiosk.link.crowd import Crowd
from kiosk.link.rebirth import Rebirth
from mqtt import outbox
from mqtt.link import Link, Listeners
from mqtt.messages import Ack, HostState, Stored
from mqtt.outbox import Waiting
from mqtt.topics import TerminalPath

PURGE_EVERY = 3600.0  # seconds
BOUND_EVERY = 30.0
PAUSE_AFTER_FAILURE = 1.0
FULL_GATE = 1.0  # what took the last place may have been none of ours: nobody tells us that it is free
WINDOW = 200  # messages that are looked up at once: a long backlog is not searched for every twenty
UNANSWERED = 50  # messages that may be on their way to the hall: a slow one is not flooded, nor its broker
WINDOW_SECONDS = 1.0  # and so long a new transaction waits behind them at most
LATE_SECONDS = 86400  # until the broker drops late health that no hall fetched

_log = structlog.get_logger(__name__)


class Sender:
    """Owns the sending task. `attach(link)` starts it; `close()` ends it."""

    def __init__(
        self,
        store: Store,
        path: TerminalPath,
        keep_days: int,
        on_refused: Callable[[str, str], None] = lambda id, code: None,
        *,
        vault: Vault | None = None,
        megabytes: int = 512,
        on_full: Callable[[bool], None] = lambda full: None,
        on_gone: Callable[[int], None] = lambda number: None,
        on_turned_away: Callable[[bool], None] = lambda away: None,
    ) -> None:
        """`on_refused(id, code)`: a message went to the dead letters (fault `link_refused`).
        `on_full(full)`: what waits is more than `megabytes` (fault `outbox_full`). `on_gone(number)`: so
        many messages that a restored hall lacks are kept no longer (fault `link_gone`).
        `on_turned_away(away)`: the hall takes nothing of this terminal, or does again (fault
        `link_turned_away`). `vault` opens what lies sealed; else the store's own."""
        self._store = store
        self._path = path
        self._keep_days = keep_days
        self._on_refused, self._on_full = on_refused, on_full
        self._on_gone, self._on_turned_away = on_gone, on_turned_away
        self._turned_away = False
        self._vault = vault or Vault(store.folder)
        self._megabytes = megabytes
        self._acks: list[Ack] = []
        self._stored: Stored | None = None
        self._host: HostState | None = None
        self._hall_online = False
        self._full = False
        self._purged, self._bounded = float("-inf"), float("-inf")
        self._window: deque[Waiting] = deque()
        self._window_until = 0.0
        self._unanswered = False  # so many that an answer must come first
        self._late: set[str] = set()  # late health that the broker was handed
        self._arrived: list[str] = []
        self._crowd, self._rebirth = Crowd(time.monotonic), Rebirth(time.monotonic)
        with store.read() as read:
            self._rebirth.know(hall_answers.generation(read))
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
    def full(self) -> bool:
        """True while more waits for the hall than may: no new session should begin."""
        return self._full

    @property
    def listeners(self) -> Listeners:
        """What to hand to the link."""
        return Listeners(
            self.on_ack, self.on_host_state, self.on_connection, self.on_puback, stored=self.on_stored
        )

    async def keep_health(self, id: str, payload: bytes) -> None:
        """Keeps a health report that found no line, until there is one and nothing else waits."""

        def work(tx: Transaction) -> None:
            outbox.keep_health(tx, id, self._vault.seal_message(tx, id, payload), time.time())

        await self._store.write(work)

    # What the link tells, on the loop.

    def on_ack(self, ack: Ack) -> None:
        """The hall has committed a message, or refuses it. Only this ends a row of the outbox."""
        self._acks.append(ack)
        self._wake.set()

    def on_puback(self, id: str) -> None:
        """The broker has a message: there is room for the next. The hall knows nothing yet, the row stays."""
        if id in self._late:
            self._arrived.append(id)
        self._wake.set()

    def on_host_state(self, host: HostState) -> None:
        """The hall's server came, went, or was restored from a backup."""
        self._host = host
        self._wake.set()

    def on_stored(self, stored: Stored) -> None:
        """The hall's answer to our birth: which life of its store it has, and what of us."""
        self._stored = stored
        self._wake.set()

    def on_connection(self, connected: bool) -> None:
        """The line to the broker came or went. What the hall is, is told anew on each connection."""
        if connected:
            self._rebirth.said()
            self._crowd.back()
        else:
            self._crowd.away()
            self._late.clear()  # what the broker did not confirm goes again
            self._hall_online = False
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
        await self._note_stored()
        await self._keep_house()
        return min(self._say_birth(link), await self._send_due(link), BOUND_EVERY)

    async def _note_acks(self) -> None:
        acks, arrived = list(self._acks), list(self._arrived)
        if not acks and not arrived:
            return
        refused = await self._store.write(lambda tx: hall_answers.settle(tx, acks, arrived, time.time()))
        # Only now: had the write failed, the next turn would try it again.
        self._acks, self._arrived = self._acks[len(acks) :], self._arrived[len(arrived) :]
        settled = {ack.id for ack in acks}
        self._late.difference_update(arrived, settled)
        self._window = deque(row for row in self._window if row.id not in settled)
        for ack in refused:
            _log.warning("sender.refused", id=ack.id, code=ack.code)
            self._on_refused(ack.id, ack.code)
        away = hall_answers.turned_away(acks, self._turned_away)
        if away != self._turned_away:
            self._turned_away = away
            self._on_turned_away(away)

    async def _note_host(self) -> None:
        host, self._host = self._host, None
        if host is None:
            return
        self._rebirth.host(host.generation if host.online else "")
        if not host.online:
            self._crowd.away()
        elif not self._hall_online:
            self._crowd.back()
            await self._store.write(lambda tx: outbox.hurry(tx, time.time()))
            self._window.clear()
        self._hall_online = host.online

    async def _note_stored(self) -> None:
        stored, self._stored = self._stored, None
        if stored is None or not self._rebirth.believes(stored.generation):
            return
        reopened, gone = await self._store.write(lambda tx: hall_answers.give_again(tx, stored, time.time()))
        self._rebirth.know(stored.generation)
        _log.info("sender.new_generation", reopened=reopened, gone=gone)
        if gone:
            self._on_gone(gone)

    async def _keep_house(self) -> None:
        now = time.monotonic()
        # Not before the hall is known to be the one that acknowledged: who was away for longer than
        # `keep_days` and finds a restored hall has to give again what it had been acknowledged before.
        if now - self._purged > PURGE_EVERY and self._rebirth.settled:
            self._purged = now
            await self._store.write(lambda tx: outbox.purge(tx, time.time(), self._keep_days))
        if now - self._bounded > BOUND_EVERY:
            self._bounded = now
            room = await outbox_room.keep_within(self._store, self._megabytes << 20)
            if room.dropped:
                _log.warning("sender.health_dropped", reports=room.dropped)
            if room.full != self._full:
                self._full = room.full
                self._on_full(room.full)

    def _say_birth(self, link: Link) -> float:
        """Says the birth again when it is due; returns the seconds until then."""
        wait = self._rebirth.wait
        if wait == 0.0 and link.connected:
            link.say_birth()
            self._rebirth.said()
            wait = self._rebirth.wait
        return wait or PURGE_EVERY

    async def _send_due(self, link: Link) -> float:
        if not link.room:
            return FULL_GATE if link.connected else PURGE_EVERY  # a PUBACK or a connection wakes us
        if wait := self._crowd.wait:
            return wait
        now = time.time()
        if not self._window or time.monotonic() > self._window_until:
            await self._look_up(link, now)
        handed_on = []
        while self._window and link.publish(
            self._window[0].stream, self._window[0].payload, id=self._window[0].id
        ):
            handed_on.append(self._window.popleft().id)
        if handed_on:
            await self._store.write(lambda tx: outbox.sent(tx, handed_on, now))
            return 0.0  # look again: there may be more, and the next one's time has changed
        if self._window or self._unanswered:
            return FULL_GATE
        if self._send_late(link):
            return 0.0
        with self._store.read() as read:
            later = outbox.next_due(read)
        return PURGE_EVERY if later is None else max(0.05, min(PURGE_EVERY, later - now))

    async def _look_up(self, link: Link, now: float) -> None:
        """The next messages to send. One that no longer opens goes to the dead letters, not in the way."""
        damaged: list[Waiting] = []
        self._window.clear()
        with self._store.read() as read:
            room = min(WINDOW, UNANSWERED - outbox.unanswered(read, now, UNANSWERED))
            self._unanswered = room <= 0
            for row in outbox.due(read, now, room, link.in_flight) if room > 0 else []:
                try:
                    payload = self._vault.open_message(read, row.id, row.payload)
                    self._window.append(Waiting(row.id, row.stream, payload, row.attempts))
                except VaultError as error:
                    if error.code == "terminal_key_missing":
                        raise  # it is not the row: nothing opens
                    damaged.append(row)
        self._window_until = time.monotonic() + WINDOW_SECONDS
        self._acks += [Ack(row.id, "damaged") for row in damaged]
        if damaged:
            await self._note_acks()

    def _send_late(self, link: Link) -> bool:
        """Hands on late health while there is nothing else to do and the hall is there to hear it."""
        if not self._hall_online or not link.room:
            return False
        sent = False
        with self._store.read() as read:
            for row in outbox.late_health(read, link.room, self._late):
                try:
                    payload = self._vault.open_message(read, row.id, row.payload)
                except VaultError:
                    self._arrived.append(row.id)  # gone: nobody misses one report
                    continue
                if link.publish("health", payload, id=row.id, expiry=LATE_SECONDS):
                    self._late.add(row.id)
                    sent = True
        return sent or bool(self._arrived)
