"""Accounts of people and programs: made, granted, disabled; each change with its row in the audit.

An account that is disabled, or whose password changes, ends all its logins, those of programs too.
"""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection, and_, delete, select, update

from config.settings import TopicPart
from hall.access import audit, logins, passwords
from hall.access.actors import EVERYWHERE, ROLES, Role
from hall.data.desk_tables import accounts, grants
from hall.data.desk_tables import logins as login_rows

_AREA: TypeAdapter[str] = TypeAdapter(TopicPart)
_NAME = re.compile(r"[\w][\w.-]{1,39}")
TAKEN = ("system", "loopback")  # names that the audit uses itself


class AccountError(ValueError):
    """What was asked for cannot be. The text says why and what to do."""


@dataclass(frozen=True)
class Account:
    """An account as the list shows it. `tokens` are those that still hold: (identity, label, expires)."""

    name: str
    disabled: bool
    grants: tuple[tuple[str, str], ...]  # (role, area)
    tokens: tuple[tuple[str, str, int], ...]
    made: int


def add(tx: Connection, by: str, name: str, password: str) -> None:
    """A new account, without any grant yet. AccountError."""
    name = _spelled(name)
    if _there(tx, name):
        raise AccountError(f"there is an account {name} already")
    now = _now()
    kept = _kept(password, name)
    tx.execute(accounts.insert().values(name=name, password=kept, disabled=False, made=now, changed=now))
    audit.note(tx, by, "account", subject=name, outcome="added")


def set_password(tx: Connection, by: str, name: str, password: str) -> None:
    """Another password; all logins of the account are over, and nobody waits for it. AccountError."""
    name = _known(tx, name)
    _change(tx, name, password=_kept(password, name), changed=_now())
    logins.forgive(tx, name)
    audit.note(tx, by, "account", subject=name, outcome="password")


def set_disabled(tx: Connection, by: str, name: str, disabled: bool) -> None:
    """Shut an account out, or let it in again; its logins of before are over either way. AccountError."""
    name = _known(tx, name)
    _change(tx, name, disabled=disabled, changed=_now())
    audit.note(tx, by, "account", subject=name, outcome="disabled" if disabled else "enabled")


def unlock(tx: Connection, by: str, name: str) -> None:
    """Whoever has the password need not wait for the failures of others. AccountError."""
    name = _known(tx, name)
    logins.forgive(tx, name)
    audit.note(tx, by, "account", subject=name, outcome="unlocked")


def grant(tx: Connection, by: str, name: str, role: Role, area: str) -> None:
    """A role in an area (`*`: in every one), in place of the one that it had there. AccountError."""
    name = _known(tx, name)
    if role not in ROLES:
        raise AccountError(f"a role is one of {', '.join(ROLES)}")
    try:
        if area != EVERYWHERE:
            _AREA.validate_python(area)
    except ValidationError:
        raise AccountError("an area is written as in the terminals' settings, or * for every one") from None
    tx.execute(delete(grants).where(grants.c.account == name, grants.c.area == area))
    tx.execute(grants.insert().values(account=name, area=area, role=role))
    audit.note(tx, by, "account", area=area, subject=name, outcome=f"granted {role}")


def withdraw(tx: Connection, by: str, name: str, area: str) -> None:
    """No role in that area any more. AccountError where it had none."""
    name = _known(tx, name)
    gone = tx.execute(delete(grants).where(grants.c.account == name, grants.c.area == area))
    if not gone.rowcount:
        raise AccountError(f"{name} has no role in {area}")
    audit.note(tx, by, "account", area=area, subject=name, outcome="withdrawn")


def add_token(tx: Connection, by: str, name: str, label: str, days: float) -> str:
    """A token for a program that acts as this account; it is told here and never again. AccountError."""
    name = _known(tx, name)
    secret = logins.add_token(tx, name, label, _now(), days)
    audit.note(
        tx, by, "token", subject=name, reference=logins.identity(secret), outcome="added", detail=label
    )
    return secret


def end_token(tx: Connection, by: str, name: str, identity: str) -> None:
    """The token with this identity, as the list names it, holds no more. AccountError."""
    name = _known(tx, name)
    row = login_rows.c
    mine = and_(
        row.account == name, row.kind == logins.TOKEN, row.digest.startswith(identity, autoescape=True)
    )
    found = [str(one) for one in tx.scalars(select(row.digest).where(mine))]
    if len(found) != 1 or len(identity) < logins.IDENTITY:
        raise AccountError(f"{name} has no token {identity}; `account list` tells them")
    tx.execute(delete(login_rows).where(row.digest == found[0]))
    audit.note(tx, by, "token", subject=name, reference=identity, outcome="ended")


def listed(tx: Connection) -> list[Account]:
    """Every account in the order of names."""
    held: dict[str, list[tuple[str, str]]] = {}
    for one in tx.execute(select(grants).order_by(grants.c.area)):
        held.setdefault(one.account, []).append((one.role, one.area))
    tokens = logins.tokens(tx, _now())
    return [
        Account(
            row.name, row.disabled, tuple(held.get(row.name, ())), tuple(tokens.get(row.name, ())), row.made
        )
        for row in tx.execute(select(accounts).order_by(accounts.c.name))
    ]


def _spelled(name: str) -> str:
    name = unicodedata.normalize("NFKC", name)
    if not _NAME.fullmatch(name) or name in TAKEN:
        raise AccountError("a name has 2 to 40 letters, digits, dots, dashes or underscores")
    return name


def _there(tx: Connection, name: str) -> bool:
    return tx.scalar(select(accounts.c.name).where(accounts.c.name == name)) is not None


def _known(tx: Connection, name: str) -> str:
    name = unicodedata.normalize("NFKC", name)
    if not _there(tx, name):
        raise AccountError(f"there is no account {name}; `account list` tells those that are there")
    return name


def _kept(password: str, name: str) -> str:
    if why := passwords.objection(password, name):
        raise AccountError(why)
    return passwords.digest(password)


def _change(tx: Connection, name: str, **values: object) -> None:
    tx.execute(update(accounts).where(accounts.c.name == name).values(**values))


def _now() -> int:
    return int(time.time() * 1000)
