"""Hands ratings and cases on to the city's platform: queued with the row, sent until answered, once each.

A row that the uplink has not looked at becomes an errand in the transaction that marks it. An errand is sent
under its key until the platform takes or refuses it; who takes a key twice has taken it once.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

import httpx
import structlog
from sqlalchemy import Connection, Engine, Table, literal_column, or_, select, update

from hall import wording
from hall.data import desk_tables, store, tables
from hall.scheduler import uplink_record
from hall.scheduler.uplink_record import City
from hall.settings import HallSettings, UplinkSettings

AT_ONCE = 200  # rows looked at, and errands of each kind sent, in one go
KINDS = ("rating", "case")
FIRST_WAIT, LONGEST_WAIT = 30, 3600  # seconds until an errand is tried again
FINAL = frozenset({400, 410, 413, 422})  # refusals of the record; others are of the moment, or of us
TRIED = 5  # times: then it waits behind the others, whom it may have kept from being asked for
KNOWN = 409  # the key is known there: an answer of before was lost
LOOKED_AT, LEFT = 1, 2  # in `uplinked`: an errand if it was one; nobody to tell
_NEW: Any = literal_column("0")  # spelled out, so that the partial index serves

Trouble = Literal["", "kind", "line"]

log = structlog.get_logger("uplink")


def forward(engine: Engine, settings: HallSettings, now: int) -> None:
    """Queues what is new and sends what is due; ends early when the platform does not answer."""
    with engine.connect() as tx:
        _look(tx, tables.ratings, settings, now)
        _look(tx, tables.cases, settings, now)
        tx.commit()
    if settings.uplink.url:
        _send(engine, settings.uplink, now)


def _look(tx: Connection, table: Table, settings: HallSettings, now: int) -> None:
    """Takes up rows that nobody has looked at. A case that changes afterwards is looked at again."""
    query = select(table).where(table.c.uplinked == _NEW).order_by(table.c.n).limit(AT_ONCE)
    rows = [row._mapping for row in tx.execute(query.with_for_update(skip_locked=True))]
    if not rows:
        return
    if settings.uplink.url:
        _queue(tx, [errand for row in rows if (errand := _errand(table, row, settings))], now)
    mark = LOOKED_AT if settings.uplink.url else LEFT
    tx.execute(update(table).where(table.c.n.in_([row["n"] for row in rows])).values(uplinked=mark))


def _errand(table: Table, row: Any, settings: HallSettings) -> dict[str, str] | None:
    """Kind, key and body of what is to be told of this row; None for nothing."""
    city = City(settings.uplink, wording.service_names(settings.catalogue), ZoneInfo(settings.desk.timezone))
    if table is tables.ratings:
        record = uplink_record.rating(row, city)
        # Of a case one, whichever terminal it was rated at; of one visit, two services.
        about = row["case_no"] or f"{row['terminal']} {row['session']} {row['service']}"
        return _as_errand("rating", f"{about} {row['number']}", record)
    if row["state"] != "accepted" or not row["case_no"]:
        return None
    return _as_errand("case", f"{row['terminal']} {row['case_no']}", uplink_record.case(row, city))


def _as_errand(kind: str, key: str, record: dict[str, str]) -> dict[str, str]:
    return {"kind": kind, "key": key, "body": json.dumps(record, ensure_ascii=False)}


def _queue(tx: Connection, errands: Sequence[dict[str, str]], now: int) -> None:
    if errands:
        fresh = {"state": "waiting", "at": now, "due": now}
        statement = store.insert(tx.dialect.name, desk_tables.uplink).on_conflict_do_nothing()
        tx.execute(statement, [errand | fresh for errand in errands])


def _send(engine: Engine, settings: UplinkSettings, now: int) -> None:
    """Each kind by itself: where the platform takes no cases today, ratings still arrive."""
    headers = {"Authorization": f"Bearer {settings.token}"} if settings.token else {}
    with httpx.Client(headers=headers, timeout=settings.timeout_seconds, trust_env=False) as client:
        for kind in KINDS:
            for errand in _due(engine, kind, now):
                trouble = _run_one(engine, settings, client, errand, now)
                if trouble == "line":
                    return
                if trouble:
                    break


def _due(engine: Engine, kind: str, now: int) -> Sequence[Any]:
    """What was dated by a clock that has since been set back is due, too."""
    u = desk_tables.uplink.c
    late = or_(u.due <= now, u.due > now + 2 * LONGEST_WAIT * 1000)
    query = select(desk_tables.uplink).where(u.state == "waiting", u.kind == kind, late)
    with engine.connect() as tx:
        return tx.execute(query.order_by(u.attempts > TRIED, u.due, u.n).limit(AT_ONCE)).all()


def _run_one(
    engine: Engine, settings: UplinkSettings, client: httpx.Client, errand: Any, now: int
) -> Trouble:
    """One errand, and how it went: the line is down, nothing of this kind is taken now, or all is well."""
    try:
        answer = client.post(
            f"{settings.url.rstrip('/')}/{errand.kind}s",
            content=errand.body.encode(),
            headers={"Content-Type": "application/json", "Idempotency-Key": _in_ascii(errand)},
        )
    except httpx.HTTPError as error:
        _note(engine, errand, now, type(error).__name__)
        log.warning("uplink_down", why=type(error).__name__, remedy="look at uplink.url and the line to it")
        return "line"
    status = answer.status_code
    if answer.is_success or status == KNOWN:
        _note(engine, errand, now, "", state="sent")
    elif status in FINAL:
        _note(engine, errand, now, str(status), state="refused")
        log.error("uplink_refused", kind=errand.kind, n=errand.n, status=status, remedy="see docs/hall.md")
    else:
        _note(engine, errand, now, str(status))
        log.warning("uplink_not_now", kind=errand.kind, status=status, remedy="look at uplink.url and token")
        return "kind"
    return ""


def _note(engine: Engine, errand: Any, now: int, code: str, state: str = "waiting") -> None:
    """Writes down one attempt. What waits is tried later and later, up to an hour, with some chance in it."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(errand.attempts, 16)) * random.uniform(0.75, 1.25)
    ended = {"answered": now} if state != "waiting" else {"due": now + int(wait * 1000)}
    u = desk_tables.uplink
    values = {"state": state, "code": code, "attempts": errand.attempts + 1, **ended}
    with engine.connect() as tx:
        tx.execute(update(u).where(u.c.n == errand.n).values(values))
        tx.commit()


def _in_ascii(errand: Any) -> str:
    """The errand's key for a header, which a case number of any letters need not fit."""
    return hashlib.sha256(f"{errand.kind} {errand.key}".encode()).hexdigest()
