"""How the terminals are now: states, health, devices and open faults, evaluated in one ordered place.

The order of arrival decides for states and health, since one connection brings them in order. Faults are
told twice, by reliable events and by every health message, which may overtake each other: there the
terminal's own boot and clock decide, so that a late *raised* never opens again what health has cleared.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, select, tuple_

from hall import store, tables
from hall.letters import Letter
from mqtt import messages

Row = dict[str, Any]
Changed = set[tuple[str, str]]
_NUMBERS = ("boot", "since", "health_at", "health_boot", "health_clock", "outbox", "uptime", "seen")
_json = msgspec.json.Encoder()


def update(tx: Connection, letters: Sequence[Letter]) -> Changed:
    """Bring the terminals' rows up to `letters`; returns what changed as (terminal, what)."""
    paths = {letter.path for letter in letters}
    if not paths:
        return set()
    rows = {path: _unknown(path) for path in paths}
    query = select(tables.terminals).where(tables.terminals.c.path.in_(paths))
    rows |= {row.path: dict(row._mapping) for row in tx.execute(query)}
    changed: Changed = set()
    health: dict[str, Letter] = {}
    evidence: list[Letter] = []
    for letter in letters:
        row, envelope = rows[letter.path], letter.envelope
        assert envelope is not None
        row["seen"] = letter.arrival.received
        match envelope.data:
            case messages.TerminalState() as state:
                if _took_state(row, state, letter.arrival.received):
                    changed.add((letter.path, "terminal"))
            case messages.Health() as data:
                if envelope.boot == 0 or envelope.boot >= row["boot"]:
                    _take_health(row, data, letter.arrival.received)
                    row |= {"health_boot": envelope.boot or row["boot"], "health_clock": letter.at}
                    health[letter.path] = letter
                    evidence.append(letter)
                    changed.add((letter.path, "health"))
            case messages.FaultRaised() | messages.FaultCleared():
                evidence.append(letter)
        if envelope.head and letter.id > row["head_id"]:
            row |= {"head": envelope.head, "head_id": letter.id}
    _replace(tx, tables.terminals, ("path",), list(rows.values()))
    _update_devices(tx, health)
    return changed | _update_faults(tx, evidence, rows)


def _unknown(path: str) -> Row:
    area, hall, kiosk = path.split("/")
    texts = dict.fromkeys(("software", "catalogue", "head", "head_id"), "")
    numbers = dict.fromkeys(_NUMBERS, 0)
    flags = {"online": False, "session": False, "screen_age": 0.0}
    return {"path": path, "area": area, "hall": hall, "kiosk": kiosk, **texts, **numbers, **flags}


def _took_state(row: Row, state: messages.TerminalState, now: int) -> bool:
    """False for the will of an older boot: the terminal has long been up again."""
    if state.boot < row["boot"]:
        return False
    if state.online != row["online"] or row["since"] == 0 or state.boot != row["boot"]:
        row["since"] = now
    row |= {"online": state.online, "boot": state.boot}
    if state.online:
        row |= {"software": state.software, "catalogue": state.catalogue}
    else:
        row["session"] = False
    return True


def _take_health(row: Row, data: messages.Health, now: int) -> None:
    if not row["online"]:
        row |= {"online": True, "since": now}  # who tells how it is, is there
    row |= {
        "health_at": now,
        "screen_age": data.screen_age,
        "session": data.session,
        "outbox": data.outbox,
        "uptime": data.uptime,
    }


def _update_devices(tx: Connection, health: dict[str, Letter]) -> None:
    """The devices of each terminal as its last health has them; `since` moves only with an axis."""
    d = tables.devices
    if not health:
        return
    known = {
        (row.terminal, row.name): dict(row._mapping)
        for row in tx.execute(select(d).where(d.c.terminal.in_(health)))
    }
    rows = [row for path, letter in health.items() for row in _device_rows(path, letter)]
    for row in rows:
        old = known.pop((row["terminal"], row["name"]), None)
        axes = ("availability", "media", "supplies", "faults")
        if old and all(old[axis] == row[axis] for axis in axes):
            row["since"] = old["since"]
    _replace(tx, d, ("terminal", "name"), rows)
    if known:
        tx.execute(delete(d).where(tuple_(d.c.terminal, d.c.name).in_(list(known))))


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
            "since": letter.arrival.received,
        }
        for position, device in enumerate(letter.envelope.data.devices)
    }
    return list(rows.values())


def _update_faults(tx: Connection, evidence: Sequence[Letter], terminals: dict[str, Row]) -> Changed:
    """Open and close faults by what the letters say of them."""
    if not evidence:
        return set()
    f = tables.faults
    query = select(f).where(f.c.terminal.in_({letter.path for letter in evidence}))
    rows = {(r.terminal, r.device, r.code): dict(r._mapping) for r in tx.execute(query)}
    touched: set[tuple[str, str, str]] = set()
    for letter in evidence:
        assert letter.envelope is not None
        terminal = terminals[letter.path]
        boot = letter.envelope.boot or terminal["boot"]
        if (boot, letter.at) < (terminal["health_boot"], terminal["health_clock"]):
            continue  # health speaks of everything that is open, so a younger one has the last word
        for device, code, present in _says(letter, rows):
            key = (letter.path, device, code)
            if _weigh(rows, key, present, boot, letter.at):
                touched.add(key)
    writable = [{k: v for k, v in rows[key].items() if k != "n"} for key in sorted(touched)]
    _replace(tx, f, ("terminal", "device", "code"), writable)
    return {(path, "faults") for path, _, _ in touched}


def _says(letter: Letter, rows: dict[tuple[str, str, str], Row]) -> Iterable[tuple[str, str, bool]]:
    """What a letter says of faults: (device, code, present). Health speaks of all that are open."""
    assert letter.envelope is not None
    match letter.envelope.data:
        case messages.FaultRaised(code, device):
            return [(device, code, True)]
        case messages.FaultCleared(code, device):
            return [(device, code, False)]
        case messages.Health() as health:
            named = {("", code) for code in health.faults}
            named |= {(device.name, code) for device in health.devices for code in device.faults}
            open_now = {(d, c) for (path, d, c), row in rows.items() if path == letter.path and row["open"]}
            return [(d, c, (d, c) in named) for d, c in sorted(named | open_now)]
    return []


def _weigh(
    rows: dict[tuple[str, str, str], Row], key: tuple[str, str, str], present: bool, boot: int, at: int
) -> bool:
    """Take one piece of evidence; True when a fault opened, closed, or its row must be kept."""
    row = rows.get(key)
    if row is None:
        terminal, device, code = key
        rows[key] = {"terminal": terminal, "device": device, "code": code, "open": present}
        rows[key] |= {"since": at if present else 0, "cleared": 0 if present else at, "boot": boot, "at": at}
        return True
    if (boot, at) < (row["boot"], row["at"]):
        return False
    flipped: bool = present != row["open"]
    row |= {"boot": boot, "at": at, "open": present}
    if flipped:
        row["since" if present else "cleared"] = at
    return flipped


def _replace(tx: Connection, table: Table, key: tuple[str, ...], rows: list[Row]) -> None:
    """Insert rows or put them in the place of those with the same key."""
    if not rows:
        return
    new = store.insert(tx.dialect.name, table)
    rest = {name: new.excluded[name] for name in rows[0] if name not in key}
    tx.execute(new.on_conflict_do_update(index_elements=list(key), set_=rest), rows)
