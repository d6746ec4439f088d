"""What a terminal shall be set to, beside what it says it is set to. None of this commits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from sqlalchemy import Connection, select

from config.configuration import ITEMS, Value, objection
from hall.access import audit
from hall.data import notes, store, tables
from hall.data.desk_tables import configurations

Row = dict[str, Any]
_json = msgspec.json.Encoder(order="deterministic")
_TEXTS = ("desired", "reported", "refused")


class NotSet(Exception):
    """Values that cannot be wanted. `code`: unknown_terminal, wrong_value, other_version; `detail`: which."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Line:
    """One value: wanted and told (None: not), and how the two stand."""

    name: str
    desired: Value | None
    reported: Value | None
    state: Literal["own", "set", "waiting", "refused"]  # own: the terminal's file says it, the hall does not
    why: str = ""
    restart: bool = False
    longest: int = 0  # characters of a text that people read


def of(tx: Connection, terminal: str) -> Row:
    """Desired and reported of a terminal; version 0 when nobody ever wanted anything."""
    row = tx.execute(select(configurations).where(configurations.c.terminal == terminal)).first()
    if row is None:
        numbers = dict.fromkeys(("version", "at", "published", "reported_version", "reported_at"), 0)
        return {"terminal": terminal, "actor": "", **numbers, "desired": {}, "reported": {}, "refused": {}}
    found = dict(row._mapping)
    return found | {name: msgspec.json.decode(found[name]) for name in _TEXTS}


def want(
    tx: Connection,
    who: str,
    terminal: str,
    values: Mapping[str, Value],
    now: int,
    version: int | None = None,
) -> Row:
    """Want exactly `values` from now on, with the audit. What stood there before is not wanted any more.

    `version`: the one that the giver saw; another one is NotSet `other_version`, so that nobody undoes what
    somebody else did meanwhile.
    """
    for name, value in values.items():
        if why := objection(name, value):
            raise NotSet("wrong_value", f"{name[:40]} {why}")
    if tx.scalar(select(tables.terminals.c.path).where(tables.terminals.c.path == terminal)) is None:
        raise NotSet("unknown_terminal")
    before = of(tx, terminal)
    if version is not None and version != before["version"]:
        raise NotSet("other_version")
    if dict(values) == before["desired"]:
        return before
    desired = _json.encode(dict(values)).decode()
    # Above what the terminal has ever heard of, even when this store was restored and knows of less.
    new = max(before["version"], before["reported_version"]) + 1
    row = {"terminal": terminal, "version": new, "desired": desired, "actor": who, "at": now}
    insertion = store.insert(tx.dialect.name, configurations)
    kept = {name: insertion.excluded[name] for name in ("version", "desired", "actor", "at")}
    as_seen = configurations.c.version == before["version"]
    statement = insertion.values(row | {"reported": "{}", "refused": "{}"})
    taken = statement.on_conflict_do_update(index_elements=["terminal"], set_=kept, where=as_seen)
    if tx.scalar(taken.returning(configurations.c.version)) is None:
        raise NotSet("other_version")
    area = terminal.partition("/")[0]
    audit.note(tx, who, "configure", area=area, subject=terminal, reference=str(new), detail=desired)
    notes.leave(tx, [(terminal, "configuration")])
    return of(tx, terminal)


def lines(row: Row) -> list[Line]:
    """Each value of the table with how it stands."""
    return [_line(name, row) for name in ITEMS]


def _line(name: str, row: Row) -> Line:
    desired, reported = row["desired"].get(name), row["reported"].get(name)
    item = ITEMS[name]
    heard = row["reported_version"] == row["version"]
    if heard and name in row["refused"]:
        return Line(name, desired, reported, "refused", row["refused"][name], item.restart, item.longest)
    if desired is None:
        return Line(name, None, reported, "own", "", item.restart, item.longest)
    done = heard and reported == desired
    return Line(name, desired, reported, "set" if done else "waiting", "", item.restart, item.longest)
