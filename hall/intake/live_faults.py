"""Which faults are open. They are told twice, by events that arrive for certain and by every health message,
and the two may overtake each other: the terminal's own boot and clock decide, so that a late *raised* never
opens again what health has cleared. The caller holds the lock on the terminals' rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from config.faults import faults
from hall.data import bulk, tables
from hall.intake import live
from hall.intake.letters import Letter
from mqtt import messages

Row = dict[str, Any]
Key = tuple[str, str, str]  # terminal, device, code
MOST_NAMED = 64  # open faults of one report; a terminal that names more must not fill the desk
MOST_KNOWN = 500  # rows of one terminal, open or cleared: each code of each of its devices
STEP_MS = 600_000  # an event is never so much younger than the youngest health: then the clock was set back
_TELLING = (messages.FaultRaised, messages.FaultCleared, messages.Health)


def update(tx: Connection, letters: Sequence[Letter], terminals: dict[str, Row]) -> live.Changed:
    """Open and close faults by what the letters say of them; returns what changed as (terminal, what).

    `terminals` are the rows after the same letters: they say which health is the youngest.
    """
    evidence = [one for one in letters if one.envelope and isinstance(one.envelope.data, _TELLING)]
    if not evidence:
        return set()
    paths = sorted({(letter.path,) for letter in evidence})
    found = bulk.by_keys(tx, tables.faults, ("terminal",), paths)
    rows: dict[Key, Row] = {(row["terminal"], row["device"], row["code"]): row for row in found}
    known = Counter(row["terminal"] for row in found)
    touched: set[Key] = set()
    for letter in evidence:
        assert letter.envelope is not None
        terminal = terminals[letter.path]
        boot = letter.envelope.boot or terminal["boot"]
        youngest = (terminal["health_boot"], terminal["health_clock"])
        for device, code, present in _says(letter, rows):
            key = (letter.path, device, code)
            if key not in rows and known[letter.path] >= MOST_KNOWN:
                continue
            # An event is kept even if it changes nothing: by its time a late one is known to be late.
            if (boot, letter.at) < youngest:  # health speaks of all that are open, so it has the last word
                if present and _earlier(rows.get(key), letter.at):
                    touched.add(key)
                continue
            if _set_back(rows.get(key), letter, terminal):
                rows[key]["at"] = letter.at
                touched.add(key)
            known[letter.path] += key not in rows
            if _weigh(rows, key, present, boot, letter.at) or letter.leaf == "evt":
                touched.add(key)
    if touched:
        writable = [{k: v for k, v in rows[key].items() if k != "n"} for key in sorted(touched)]
        live.run(tx, "faults", writable)
    return {(path, "faults") for path, _, _ in touched}


def _says(letter: Letter, rows: dict[Key, Row]) -> Iterable[tuple[str, str, bool]]:
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
            named = set(sorted(named, key=lambda one: (one[1] not in faults(), one))[:MOST_NAMED])
            open_now = {(d, c) for (path, d, c), row in rows.items() if path == letter.path and row["open"]}
            return [(d, c, (d, c) in named) for d, c in sorted(named | open_now)]
    return []


def _set_back(row: Row | None, letter: Letter, terminal: Row) -> bool:
    """True when what was said of a fault is dated by a clock that has since been set back: by the youngest
    health of the same boot it lies in the future. It would stand until that time has come."""
    assert letter.envelope is not None
    data, boot = letter.envelope.data, letter.envelope.boot
    if row is None or not isinstance(data, messages.Health) or not data.number:
        return False
    youngest = (boot, data.number) == (terminal["health_boot"], terminal["health_number"])
    return youngest and boot == row["boot"] and row["at"] > letter.at + STEP_MS


def _earlier(row: Row | None, at: int) -> bool:
    """True when a fault that health has shown open was raised before: then it is that old."""
    if row is None or not row["open"] or not row["cleared"] < at < row["since"]:
        return False
    row["since"] = at
    return True


def _weigh(rows: dict[Key, Row], key: Key, present: bool, boot: int, at: int) -> bool:
    """Take one piece of evidence; True when a fault opened or closed."""
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
