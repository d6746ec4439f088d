"""What `main.py hall account …` does. Each change is audited with the actor `cli:USER`.

A password comes from a prompt or an open file, never from the command line, where others could read it.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from hall.access import accounts, audit, passwords
from hall.access.actors import EVERYWHERE, ROLES
from hall.data import store
from hall.settings import HallSettings


def run(settings: HallSettings, told: argparse.Namespace) -> int:
    """Does it and says so. Returns 0, or 1 when it could not be done."""
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        password = _password(told) if told.deed in ("add", "password") else ""
        with engine.begin() as tx:
            said = _do(tx, settings, told, password)
    except accounts.AccountError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        engine.dispose()
    print(said)
    return 0


def _do(tx: Connection, settings: HallSettings, told: argparse.Namespace, password: str) -> str:
    by = audit.at_the_server()
    match told.deed:
        case "list":
            return _listed(tx, settings)
        case "add":
            accounts.add(tx, by, told.name, password)
            for role in ROLES:
                for area in getattr(told, role):
                    accounts.grant(tx, by, told.name, role, area)
            if not told.watch and not told.command:
                return f"{told.name} may log in, and see nothing yet: grant it a role in an area"
            return f"{told.name} may log in"
        case "password":
            accounts.set_password(tx, by, told.name, password)
            return f"{told.name} has another password; its logins and tokens of before are over"
        case "unlock":
            accounts.unlock(tx, by, told.name)
            return f"{told.name} need not wait any more"
        case "grant":
            accounts.grant(tx, by, told.name, told.role, told.area)
            return f"{told.name} may {told.role} in {_named(told.area)}"
        case "withdraw":
            accounts.withdraw(tx, by, told.name, told.area)
            return f"{told.name} has no role in {_named(told.area)} any more"
        case "disable" | "enable":
            accounts.set_disabled(tx, by, told.name, told.deed == "disable")
            return f"{told.name} is {told.deed}d; its logins and tokens of before are over"
        case "token":
            return accounts.add_token(tx, by, told.name, told.label, told.days)
        case _:
            accounts.end_token(tx, by, told.name, told.number)
            return f"the token {told.number} of {told.name} holds no more"


def _listed(tx: Connection, settings: HallSettings) -> str:
    zone = ZoneInfo(settings.desk.timezone)
    lines = []
    for one in accounts.listed(tx):
        roles = ", ".join(f"{role} in {_named(area)}" for role, area in one.grants) or "no role"
        lines.append(f"{one.name}{' (disabled)' if one.disabled else ''}: {roles}")
        for number, label, expires in one.tokens:
            until = datetime.fromtimestamp(expires / 1000, zone)
            lines.append(f"  token {number} until {until:%Y-%m-%d %H:%M}: {label}")
    return "\n".join(lines) or "no account yet: make one with `account add`"


def _password(told: argparse.Namespace) -> str:
    """From the open file that was named, without its line's end; else asked for twice. AccountError."""
    if told.password_fd is not None:
        try:
            with open(told.password_fd, encoding="utf-8") as file:
                return file.read(passwords.MOST + 2).rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            raise accounts.AccountError(f"no password can be read from file {told.password_fd}") from None
    if not sys.stdin.isatty():
        raise accounts.AccountError("nobody can be asked for the password here: use --password-fd")
    password = getpass.getpass(f"password of {told.name} (at least {passwords.LEAST} letters): ")
    if getpass.getpass("once more: ") != password:
        raise accounts.AccountError("the two are not the same; nothing was changed")
    return password


def _named(area: str) -> str:
    return "every area" if area == EVERYWHERE else area
