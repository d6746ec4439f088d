"""How the terminals are now: states and health, in whatever order and by however many ingests they come.

Nothing here goes by the order of arrival. Births and deaths order themselves by (boot, connection, not
online); health belongs to a birth by its boot and connection, and to an order of its own by (boot, number),
so that what is late never overwrites what is younger, and the death of one connection never closes what the
next has opened. The caller holds the lock on the terminals' rows, so that two ingests take turns.

Only *since when* a device is as it is may differ by a report: one that comes late is not asked any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, tuple_

from hall.data import bulk, store, tables
from hall.intake.letters import Letter
from mqtt import messages

Row = dict[str, Any]
Changed = set[tuple[str, str]]
AXES = ("availability", "media", "supplies", "faults")
LONGEST_AGE = 1e9  # seconds: whatever a terminal says, one can reckon with it
_TEXTS = ("software", "catalogue", "head", "head_id")
_json = msgspec.json.Encoder()


def lock(tx: Connection, paths: Iterable[str]) -> dict[str, Row]:
    """The rows of these terminals, made where there are none; nobody else changes them until we commit."""
    wanted = [(path,) for path in sorted(set(paths))]
    table, key = tables.terminals, ("path",)
    if tx.dialect.name == "postgresql":
        known = {row["path"] for row in bulk.by_keys(tx, table, key, wanted, key)}
        fresh = [unknown(path) for (path,) in wanted if path not in known]
        if fresh:
            bulk.run_many(tx, _statements(tx.dialect.name)["terminals new"], fresh)
    rows = {row["path"]: row for row in bulk.by_keys(tx, table, key, wanted, lock=True)}
    return {path: rows.get(path) or unknown(path) for (path,) in wanted}


def unknown(path: str) -> Row:
    """The row of a terminal that nothing is known of."""
    area, hall, kiosk = path.split("/")
    row: Row = {column.name: 0 for column in tables.terminals.c}
    named = {"path": path, "area": area, "hall": hall, "kiosk": kiosk}
    return row | named | dict.fromkeys(_TEXTS, "") | {"online": False, "session": False, "screen_age": 0.0}


def update(tx: Connection, letters: Sequence[Letter], terminals: dict[str, Row]) -> Changed:
    """Bring the locked rows up to `letters` and write them; returns what changed as (terminal, what)."""
    changed: Changed = set()
    health: dict[str, Letter] = {}
    touched: dict[str, Row] = {}
    for letter in letters:
        row, envelope = terminals[letter.path], letter.envelope
        assert envelope is not None
        touched[letter.path] = row
        row["seen"] = max(row["seen"], letter.arrival.received)
        if isinstance(envelope.data, messages.TerminalState):
            if _take_state(row, envelope.data, letter.arrival.received):
                changed.add((letter.path, "terminal"))
        elif isinstance(envelope.data, messages.Health) and _take_health(row, envelope.data, letter):
            health[letter.path] = letter
            changed.add((letter.path, "health"))
        if envelope.head and letter.id > row["head_id"]:
            row["head"], row["head_id"] = envelope.head, letter.id
    if touched:
        run(tx, "terminals", list(touched.values()))
    _update_devices(tx, health)
    return changed


def _take_state(row: Row, state: messages.TerminalState, now: int) -> bool:
    """True when the row is another one by it."""
    before = dict(row)
    born, known = (state.boot, state.connection), (row["birth_boot"], row["birth_connection"])
    if state.online and born >= known:
        row["birth_boot"], row["birth_connection"] = born
        row["software"], row["catalogue"] = state.software, state.catalogue
    _stand(row, (*born, not state.online), now)
    return row != before


def _stand(row: Row, moment: tuple[int, int, bool], now: int) -> None:
    """Take the word of a birth or a death, if none younger is known. The first copy of it says since when."""
    known = (row["boot"], row["connection"], not row["online"])
    if moment > known or row["since"] == 0:
        row["boot"], row["connection"], row["online"], row["since"] = *moment[:2], not moment[2], now
    elif moment == known:
        row["since"] = min(row["since"], now)
    served_by = (row["health_boot"], row["health_connection"])
    if not row["online"] or served_by < (row["boot"], row["connection"]):
        row["session"] = False


def _take_health(row: Row, data: messages.Health, letter: Letter) -> bool:
    """False for one that is older than what is known. It shows that its connection stood, too."""
    assert letter.envelope is not None
    boot = letter.envelope.boot or row["boot"]
    new = (boot, data.number, letter.at)
    known = (row["health_boot"], row["health_number"], row["health_clock"])
    late = new < known or (new == known and data.number > 0)
    if not late:
        row |= {
            "health_boot": boot,
            "health_number": data.number,
            "health_clock": letter.at,
            "health_connection": data.connection,
            "health_at": letter.arrival.received,
            "screen_age": min(max(data.screen_age, 0.0), LONGEST_AGE),
            "session": data.session,
            "outbox": data.outbox,
            "uptime": data.uptime,
        }
    _stand(row, (boot, data.connection, False), letter.arrival.received)
    return not late


def _update_devices(tx: Connection, health: dict[str, Letter]) -> None:
    """The devices of each terminal as its last health has them; `since` moves only with an axis."""
    d = tables.devices
    if not health:
        return
    known = {
        (row["terminal"], row["name"]): row
        for row in bulk.by_keys(tx, d, ("terminal",), [(path,) for path in health])
    }
    rows, moved = [], []
    for path in sorted(health):
        for row in _device_rows(path, health[path]):
            old = known.pop((row["terminal"], row["name"]), None)
            if old and all(old[axis] == row[axis] for axis in AXES):
                row["since"] = old["since"]
            else:
                moved.append({"device": row["name"], "at": row["since"], "terminal": path} | _axes(row))
            rows.append(row)
    moved += [{"device": name, "at": _heard(health[path]), "terminal": path} | _GONE for path, name in known]
    if rows:
        run(tx, "devices", rows)
    if moved:
        run(tx, "device_history", moved)
    if known:
        tx.execute(delete(d).where(tuple_(d.c.terminal, d.c.name).in_(list(known))))


_GONE: Row = {
    "availability": "",
    "media": "",
    "supplies": "{}",
    "faults": "[]",
}  # no longer one of its devices


def _axes(row: Row) -> Row:
    return {axis: row[axis] for axis in AXES}


def _heard(letter: Letter) -> int:
    return letter.arrival.received


def _device_rows(path: str, letter: Letter) -> list[Row]:
    assert letter.envelope is not None and isinstance(letter.envelope.data, messages.Health)
    rows = {
        device.name: {
            "terminal": path,
            "name": device.name,
            "position": position,
            "kind": device.kind,
            "availability": device.availability,
            "media": device.media,
            "supplies": _json.encode(device.supplies).decode(),
            "counts": _json.encode(device.counts).decode(),
            "runs_out": _json.encode(device.runs_out).decode(),
            "levels": _json.encode(device.levels).decode(),
            "faults": _json.encode(device.faults).decode(),
            "detail": device.detail[:500],
            "since": _heard(letter),
        }
        for position, device in enumerate(letter.envelope.data.devices)
    }
    return list(rows.values())


def run(tx: Connection, name: str, rows: Sequence[Row]) -> None:
    """Insert rows, or put them in the place of those with the same key."""
    bulk.run_many(tx, _statements(tx.dialect.name)[name], rows)


@cache
def _statements(dialect: str) -> dict[str, Any]:
    """The statements of the tables of the present, built once."""

    def replace(table: Table, *key: str) -> Any:
        new = store.insert(dialect, table)
        rest = {c.name: new.excluded[c.name] for c in table.c if c.name not in (*key, "n")}
        return new.on_conflict_do_update(index_elements=list(key), set_=rest)

    return {
        "terminals new": store.insert(dialect, tables.terminals).on_conflict_do_nothing(),
        "terminals": replace(tables.terminals, "path"),
        "devices": replace(tables.devices, "terminal", "name"),
        "faults": replace(tables.faults, "terminal", "device", "code"),
        "device_history": store.insert(dialect, tables.device_history),
    }
