"""The scheduler: does what is due, in a process of its own, of which there may be two.

Of several only one works: who holds the lease. It is renewed every RENEW_SECONDS; one that was not renewed
while another watched for LEASE_SECONDS is taken over. So no two clocks are compared, and a scheduler that
was killed, halted or cut off from the store is followed within about ten seconds.

Each job has a thread, so that a slow errand never holds up a command; an error of one is logged, and the
job tried again when it is next due. Every job may be cut off and repeated at any instant.
"""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import Connection, Engine, and_, delete, select, update
from sqlalchemy.exc import SQLAlchemyError

from hall.data import desk_tables, store
from hall.settings import HallSettings

LEASE = "scheduler"
LEASE_SECONDS = 9.0
RENEW_SECONDS = 2.0
LAST_SECONDS = 10.0  # how long a job may take to come to its end when we are told to

Work = Callable[[Engine, HallSettings, int], None]

log = structlog.get_logger("scheduler")


@dataclass(frozen=True)
class Job:
    """Something that is due every `seconds`; `work` is told the time in ms since 1970. `close` lets go."""

    name: str
    seconds: float
    work: Work
    close: Callable[[], None] = lambda: None


def jobs() -> list[Job]:
    """What a hall's scheduler does."""
    from hall import commands
    from hall.intake import technician_flood
    from hall.machines import broker_files
    from hall.scheduler import dispatch, incidents, retention, uplink

    sending = dispatch.Dispatch()
    return [
        Job("incidents", 1.0, incidents.evaluate),
        Job("dispatch", 0.5, sending.work, sending.close),
        Job("expiry", 2.0, commands.expire),
        Job("retention", 3600.0, retention.prune),
        Job("technicians", 60.0, technician_flood.end_days),
        Job("certificates", 10.0, broker_files.keep_fresh),
        Job("uplink", 5.0, uplink.forward),
    ]


class Turn:
    """Whose turn it is among the schedulers of one store."""

    def __init__(self, engine: Engine, seconds: float = LEASE_SECONDS) -> None:
        self._engine = engine
        self._seconds = seconds
        self._me = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._held_at = 0.0  # monotonic, before the renewal began; 0: not ours
        self._seen: tuple[str, int] = ("", 0)
        self._seen_at = 0.0

    @property
    def ours(self) -> bool:
        """True while nobody else can have taken the lease."""
        return self._held_at > 0 and time.monotonic() - self._held_at < self._seconds * 0.9

    def ask(self) -> bool:
        """Renew the lease, or take one that nobody renews. True when it is ours."""
        began = time.monotonic()
        with self._engine.begin() as tx:
            row = tx.execute(select(desk_tables.leases).where(desk_tables.leases.c.name == LEASE)).first()
            seen = (row.holder, row.until) if row else ("", 0)
            mine = seen[0] == self._me or self._free(seen, began)
            if mine:
                until = max(int((time.time() + self._seconds) * 1000), seen[1] + 1)
                mine = self._take(tx, seen if row else None, until)
        self._held_at = began if mine else 0.0
        return mine

    def give_up(self) -> None:
        """Let another begin at once."""
        self._held_at = 0.0
        leases = desk_tables.leases
        with self._engine.begin() as tx:
            tx.execute(delete(leases).where(leases.c.name == LEASE, leases.c.holder == self._me))

    def _free(self, seen: tuple[str, int], now: float) -> bool:
        if seen != self._seen:
            self._seen, self._seen_at = seen, now
        return not seen[0] or now - self._seen_at > self._seconds

    def _take(self, tx: Connection, seen: tuple[str, int] | None, until: int) -> bool:
        """Ours only if the row still is as we saw it: two may try in the same instant."""
        leases = desk_tables.leases
        row = {"name": LEASE, "holder": self._me, "until": until}
        if seen is None:
            new = store.insert(tx.dialect.name, leases).values(row).on_conflict_do_nothing()
            return tx.scalar(new.returning(leases.c.holder)) is not None
        same = and_(leases.c.name == LEASE, leases.c.holder == seen[0], leases.c.until == seen[1])
        return tx.execute(update(leases).where(same).values(row)).rowcount == 1


class Scheduler:
    """Does `jobs` while it is our turn. The caller disposes of the engine."""

    def __init__(
        self,
        settings: HallSettings,
        engine: Engine,
        jobs: Sequence[Job],
        on_ready: Callable[[], None] = lambda: None,
        lease_seconds: float = LEASE_SECONDS,
    ) -> None:
        self._settings = settings
        self._engine = engine
        self._jobs = jobs
        self._on_ready = on_ready
        self._turn = Turn(engine, lease_seconds)
        self._renew_seconds = min(RENEW_SECONDS, lease_seconds / 4)

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then let the next scheduler begin. Returns, never raises."""
        threads = [
            threading.Thread(target=self._repeat, args=(job, stop), name=job.name) for job in self._jobs
        ]
        self._ask()
        for thread in threads:
            thread.start()
        self._on_ready()
        while not stop.wait(self._renew_seconds):
            self._ask()
        until = time.monotonic() + LAST_SECONDS
        for thread in threads:
            while thread.is_alive() and time.monotonic() < until:
                thread.join(self._renew_seconds)
                self._ask()  # what still works must not be joined by another
        if any(thread.is_alive() for thread in threads):
            return  # the lease ends by itself, when this process has
        try:
            self._turn.give_up()
        except SQLAlchemyError as error:
            log.warning("store_failed", kind=type(error).__name__, remedy="the next one begins by itself")

    def _ask(self) -> None:
        before = self._turn.ours
        try:
            ours = self._turn.ask()
        except SQLAlchemyError as error:
            log.error("store_failed", kind=type(error).__name__, remedy="look at disk space and the database")
            return
        if ours != before:
            log.info("our_turn" if ours else "standing_by")

    def _repeat(self, job: Job, stop: threading.Event) -> None:
        """One job's thread: again and again while it is our turn."""
        while not stop.is_set():
            began = time.monotonic()
            if self._turn.ours:
                self._do(job)
            else:
                job.close()
            stop.wait(max(0.0, job.seconds - (time.monotonic() - began)) if self._turn.ours else 0.2)
        job.close()

    def _do(self, job: Job) -> None:
        try:
            job.work(self._engine, self._settings, int(time.time() * 1000))
        except SQLAlchemyError as error:
            why = type(error).__name__
            log.error("job_failed", job=job.name, why=why, remedy="look at disk space and the database")
        except Exception:
            log.exception("job_failed", job=job.name, remedy="report this; it is tried again")
