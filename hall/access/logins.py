"""Logins of browsers and tokens of programs: begun, looked up, ended; and how long failures make one wait.

The secret is with the browser or the program; the store has its digest, so that a copy of the store opens
no door. A login is over when its time is, when nobody used it for too long, and when its account is
disabled or gets another password.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, case, delete, select, update

from hall.access.actors import Actor
from hall.data import store
from hall.data.desk_tables import accounts, grants, login_waits, logins

SESSION, TOKEN = "session", "token"
PREFIX = "kt_"  # of tokens, so that those who find one know what it is
IDENTITY = 8  # letters of the digest that name a token
SEEN_EVERY = 60_000  # ms: not each look at a page is written down
FORGET = 15 * 60_000  # ms without a failure: forgotten
FREE = {"account": 5, "address": 20}  # failures that cost nothing
LONGEST = {"account": 60_000, "address": 900_000}  # ms; short for an account: others can make its owner wait
Kind = Literal["account", "address"]
Standing = Literal["holds", "unknown", "ended", "expired", "idle", "disabled"]


NOBODY = Actor("", frozenset())


@dataclass(frozen=True)
class Login:
    """What a secret stands for. `actor` may act only where `standing` is `holds`."""

    standing: Standing
    actor: Actor = NOBODY
    digest: str = ""
    kind: str = ""
    seen: int = 0


def digest(secret: str) -> str:
    """What the store has of a secret; 256 random bits need no slow digest."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def identity(secret: str) -> str:
    """The name of a token, which is no secret."""
    return digest(secret)[:IDENTITY]


def begin(tx: Connection, account: str, now: int, hours: float, before: str = "") -> str:
    """A browser's new login; returns its secret. The one of `before` (a secret) is over."""
    row = logins.c
    tx.execute(delete(logins).where((row.digest == digest(before)) | (row.expires < now)))
    secret = secrets.token_urlsafe(32)
    values = {
        "digest": digest(secret),
        "account": account,
        "kind": SESSION,
        "csrf": secrets.token_urlsafe(32),
    }
    expires = now + int(hours * 3_600_000)
    tx.execute(logins.insert().values(**values, label="", made=now, seen=now, expires=expires))
    return secret


def add_token(tx: Connection, account: str, label: str, now: int, days: float) -> str:
    """A program's token for so many days; returns it."""
    secret = PREFIX + secrets.token_urlsafe(32)
    values: dict[str, Any] = {"digest": digest(secret), "account": account, "kind": TOKEN, "csrf": ""}
    expires = now + int(days * 86_400_000)
    tx.execute(logins.insert().values(**values, label=label[:80], made=now, seen=0, expires=expires))
    return secret


def find(tx: Connection, secret: str, kind: str, now: int, idle_minutes: float) -> Login:
    """Whose login this is and whether it holds. Asks only, so that a reading connection serves."""
    query = (
        select(logins, accounts.c.disabled, accounts.c.changed)
        .join(accounts, accounts.c.name == logins.c.account)
        .where(logins.c.digest == digest(secret), logins.c.kind == kind)
    )
    row = tx.execute(query).one_or_none()
    if row is None:
        return Login("unknown")
    held = tx.execute(select(grants.c.role, grants.c.area).where(grants.c.account == row.account))
    actor = Actor(row.account, frozenset((one.role, one.area) for one in held), row.csrf)
    return Login(_standing(row, now, idle_minutes), actor, row.digest, row.kind, row.seen)


def _standing(row: Any, now: int, idle_minutes: float) -> Standing:
    if row.disabled:
        return "disabled"
    if row.made < row.changed:
        return "ended"
    if row.expires <= now:
        return "expired"
    if row.kind == SESSION and now - row.seen > idle_minutes * 60_000:
        return "idle"
    return "holds"


def saw(tx: Connection, login: Login, now: int) -> None:
    """Somebody used it."""
    tx.execute(update(logins).where(logins.c.digest == login.digest).values(seen=now))


def end(tx: Connection, secret: str) -> None:
    """It is over."""
    tx.execute(delete(logins).where(logins.c.digest == digest(secret)))


def tokens(tx: Connection, now: int) -> dict[str, list[tuple[str, str, int]]]:
    """By account the tokens that hold: identity, label, until when."""
    query = (
        select(logins)
        .join(accounts, accounts.c.name == logins.c.account)
        .where(logins.c.kind == TOKEN, logins.c.expires > now, logins.c.made >= accounts.c.changed)
        .order_by(logins.c.made)
    )
    found: dict[str, list[tuple[str, str, int]]] = {}
    for row in tx.execute(query):
        found.setdefault(row.account, []).append((row.digest[:IDENTITY], row.label, row.expires))
    return found


# ── waiting after failures ──────────────────────────────────────────────────
def attempt(tx: Connection, account: str, address: str, now: int) -> int:
    """Counts one attempt before its password is looked at, so that many at once are counted as many.

    Returns ms to wait; 0: go on. Where it is not 0 the caller rolls back. `account` is whatever name was
    given: one that nobody has waits like one that somebody has.
    """
    waits = 0
    for kind, key in _keys(account, address):
        failures, until = _counted(tx, key, now)
        if until > now:
            waits = max(waits, until - now)
            continue
        pause = 2 ** min(failures - FREE[kind], 20) * 1000 if failures > FREE[kind] else 0
        tx.execute(
            update(login_waits).where(login_waits.c.key == key).values(until=now + min(pause, LONGEST[kind]))
        )
    tx.execute(delete(login_waits).where(login_waits.c.until < now - FORGET))
    return waits


def succeeded(tx: Connection, account: str, address: str, now: int) -> None:
    """The attempt was none: the account waits no more. An address keeps what it did with other names."""
    (_, mine), (_, its) = _keys(account, address)
    tx.execute(delete(login_waits).where(login_waits.c.key == mine))
    tx.execute(
        update(login_waits)
        .where(login_waits.c.key == its)
        .values(failures=login_waits.c.failures - 1, until=now)
    )


def forgive(tx: Connection, account: str) -> None:
    """Nobody waits for this account any more."""
    tx.execute(delete(login_waits).where(login_waits.c.key == _keys(account, "")[0][1]))


def _counted(tx: Connection, key: str, now: int) -> tuple[int, int]:
    """One failure more; how many there are and until when one waits. Writes first: it holds the turn then."""
    row = login_waits.c
    more = store.insert(tx.dialect.name, login_waits).values(key=key, failures=1, until=now)
    again = case((row.until < now - FORGET, 1), else_=row.failures + 1)
    tx.execute(more.on_conflict_do_update(index_elements=["key"], set_={"failures": again}))
    found = tx.execute(select(row.failures, row.until).where(row.key == key)).one()
    return int(found.failures), int(found.until)


def _keys(account: str, address: str) -> tuple[tuple[Kind, str], tuple[Kind, str]]:
    return (("account", f"account:{digest(account)[:32]}"), ("address", f"address:{address}"[:80]))
