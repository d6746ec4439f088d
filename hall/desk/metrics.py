"""What Prometheus reads at /metrics: numbers of the store as they are at this moment.

No terminal and nobody's name is a label, only area, hall, state and codes of our own tables; what a terminal
invents counts as `other`. So a city of ten thousand terminals is a few hundred series. Whoever reads them
shows a token of an account that may watch every area, or is a program of the same computer.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy import Connection, and_, func, select, text

from config.faults import faults
from hall.access import logins
from hall.access.actors import EVERYWHERE, require
from hall.commands import OPEN
from hall.data import reading, tables
from hall.data.desk_tables import audit, commands, incidents, leases, uplink
from hall.data.desk_tables import logins as login_rows
from hall.scheduler import attention
from hall.settings import HallSettings

HALLS = 1000  # more than these count as `other`: nobody floods us with halls
HOUR = 3_600_000

router = APIRouter(tags=["metrics"])


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(request: Request) -> Response:
    """Numbers for Prometheus, in its text format. For who may watch every area, and for this computer."""
    require(request, "watch", EVERYWHERE)
    settings: HallSettings = request.app.state.settings
    with request.app.state.engine.connect() as tx:
        families = list(read(tx, settings, int(time.time() * 1000)))
    registry = CollectorRegistry()
    registry.register(_Read(families))
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


class _Read:
    """What prometheus_client asks for: families that were read before."""

    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def read(tx: Connection, settings: HallSettings, now: int) -> Iterator[Metric]:
    """Every family of the store at `now`, ms."""
    yield _gauge("build_info", "The hall server's version.", ["version"], {(_version(),): 1})
    yield from _terminals(tx, settings, now)
    yield from _faults(tx)
    yield from _incidents(tx)
    yield from _readiness(tx)
    yield from _messages(tx, now)
    yield from _commands(tx, now)
    yield from _uplink(tx, now)
    yield from _desk(tx, settings, now)


def _terminals(tx: Connection, settings: HallSettings, now: int) -> Iterator[Metric]:
    t = tables.terminals.c
    states: Counter[tuple[str, ...]] = Counter()
    outbox: Counter[tuple[str, ...]] = Counter()
    sessions: Counter[tuple[str, ...]] = Counter()
    heard = 0
    halls: set[tuple[str, str]] = set()
    for row in tx.execute(
        select(t.area, t.hall, t.online, t.since, t.health_at, t.outbox, t.session, t.seen)
    ):
        where = (row.area, row.hall)
        if where not in halls and len(halls) >= HALLS:
            where = ("other", "other")
        halls.add(where)
        told = {"health_at": row.health_at, "since": row.since}
        silent = row.online and attention.silent(told, settings.desk, now)
        state = "silent" if silent else "online" if row.online else "off"
        states.update({(*where, one): int(one == state) for one in ("online", "silent", "off")})
        outbox[where] += row.outbox
        sessions[where] += bool(row.session and state == "online")
        heard = max(heard, row.seen)
    place = ["area", "hall"]
    yield _gauge(
        "terminals", "Terminals: online; silent (online, no health); off.", [*place, "state"], states
    )
    yield _gauge(
        "outbox_messages", "Messages that terminals have and we have not acknowledged.", place, outbox
    )
    yield _gauge("sessions_open", "Terminals that somebody is served at.", place, sessions)
    if heard:
        yield _gauge(
            "heard_age_seconds", "Since any terminal was last heard.", [], {(): (now - heard) / 1000}
        )


def _faults(tx: Connection) -> Iterator[Metric]:
    f = tables.faults.c
    counted: Counter[tuple[str, ...]] = Counter()
    for code, number in tx.execute(select(f.code, func.count()).where(f.open).group_by(f.code)):
        counted[(_known(code), attention.severity(code).value)] += number
    yield _gauge("faults_open", "Open faults of devices and terminals.", ["code", "severity"], counted)


def _incidents(tx: Connection) -> Iterator[Metric]:
    i = incidents.c
    row = tx.execute(
        select(func.count(), func.count().filter(i.acknowledged == 0), func.min(i.since)).where(i.open)
    ).one()
    yield _gauge("incidents_open", "Matters that need somebody.", [], {(): row[0]})
    yield _gauge("incidents_unacknowledged", "Of these: nobody has taken them.", [], {(): row[1]})


def _readiness(tx: Connection) -> Iterator[Metric]:
    r = tables.readiness.c
    gone = reading.retired(tx)
    counted: Counter[tuple[str, ...]] = Counter()
    query = select(r.terminal, r.not_ready).order_by(r.terminal)
    for terminal, number in tx.execute(query):
        area, hall, _ = terminal.split("/")
        where = (area, hall) if (area, hall) in counted or len(counted) < HALLS else ("other", "other")
        counted[where] += number if terminal not in gone else 0
    about = "Parts that the last readiness reports found not ready."
    yield _gauge("parts_not_ready", about, ["area", "hall"], counted)


def _messages(tx: Connection, now: int) -> Iterator[Metric]:
    s, r = tables.streams.c, tables.refused.c
    settled = CounterMetricFamily(
        "kt_hall_messages_settled", "Numbered messages stored, or finally refused.", labels=["stream"]
    )
    for stream, number in tx.execute(select(s.stream, func.sum(s.contiguous)).group_by(s.stream)):
        settled.add_metric([stream], float(number))
    yield settled
    counted: Counter[tuple[str, ...]] = Counter()
    for code, number in tx.execute(select(r.code, func.sum(r.times)).group_by(r.code)):
        counted[(code,)] += int(number)
    yield _gauge("messages_refused", "Refusals of the days that they are kept for.", ["code"], counted)
    hour = tx.scalar(select(func.count()).where(r.received > now - HOUR)) or 0
    yield _gauge(
        "refused_hour", "Messages refused in the last hour; one sent again counts once.", [], {(): hour}
    )
    holes = tx.scalar(select(func.count()).where(s.contiguous < s.highest)) or 0
    yield _gauge("streams_with_gaps", "Streams in which a number is missing.", [], {(): holes})


def _commands(tx: Connection, now: int) -> Iterator[Metric]:
    c = commands.c
    by_state = tx.execute(select(c.state, func.count()).group_by(c.state))
    counted: dict[tuple[str, ...], float] = {(state,): number for state, number in by_state}
    yield _gauge("commands", "Commands of the days that they are kept for, by state.", ["state"], counted)
    oldest = tx.scalar(select(func.min(c.given)).where(c.state.in_(OPEN)))
    yield _gauge("commands_oldest_age_seconds", "How long the oldest open one waits.", [], _age(oldest, now))


def _uplink(tx: Connection, now: int) -> Iterator[Metric]:
    u = uplink.c
    waiting, oldest = tx.execute(select(func.count(), func.min(u.at)).where(u.state == "waiting")).one()
    refused = tx.scalar(select(func.count()).where(u.state == "refused")) or 0
    yield _gauge("uplink_waiting", "Records that the city's platform is to be told.", [], {(): waiting})
    yield _gauge("uplink_refused", "Records that it did not take.", [], {(): refused})
    yield _gauge("uplink_oldest_age_seconds", "How long the oldest of those waits.", [], _age(oldest, now))


def _desk(tx: Connection, settings: HallSettings, now: int) -> Iterator[Metric]:
    row = login_rows.c
    since = now - int(settings.desk.idle_minutes * 60_000)
    session = and_(row.kind == logins.SESSION, row.seen > since, row.expires > now)
    yield _gauge(
        "desk_sessions", "People at the desk.", [], {(): tx.scalar(select(func.count()).where(session)) or 0}
    )
    failed = and_(audit.c.at > now - HOUR, audit.c.act == "login_failed")
    yield _gauge(
        "login_failures_hour",
        "Logins that failed in the last hour.",
        [],
        {(): tx.scalar(select(func.count()).where(failed)) or 0},
    )
    working = tx.scalar(select(func.count()).where(leases.c.until > now)) or 0
    yield _gauge("scheduler_working", "1 while a scheduler holds the lease.", [], {(): int(working > 0)})
    yield _gauge("store_bytes", "Size of the database.", [], {(): _size(tx, settings)})


def _size(tx: Connection, settings: HallSettings) -> int:
    if tx.dialect.name == "postgresql":
        return int(tx.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    return sum(file.stat().st_size for file in settings.data.glob("hall.db*"))


def _known(code: str) -> str:
    """A code of our own table; a terminal may say any word."""
    return code if code in faults() else "other"


def _version() -> str:
    try:
        return version("kiosk-terminal")
    except PackageNotFoundError:  # run from a folder that nobody installed
        return "unknown"


def _age(since: int | None, now: int) -> dict[tuple[str, ...], float]:
    return {(): (now - since) / 1000 if since else 0.0}


def _gauge(name: str, about: str, labels: list[str], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"kt_hall_{name}", about, labels=labels)
    for told, value in sorted(values.items()):
        family.add_metric(list(told), float(value))
    return family
