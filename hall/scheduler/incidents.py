"""What needs somebody, kept as incidents: a row from the moment that it is seen until it is over.

One place evaluates, again and again, from what is stored now and from nothing else: so the order in which
an alarm and its recovery came in decides nothing, and what is over is cleared. Three rules make few of many
(docs/decisions/087-incidents.md): one that comes back within a minute is the same one; what a silent terminal
said before is neither cleared nor shown; and a hall in the dark is one incident until its terminals had the
time to come back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, delete, literal_column, not_, select, update

from hall.data import bulk, notes, reading, store, tables
from hall.data.desk_tables import incidents
from hall.intake import technician_flood
from hall.scheduler import attention
from hall.scheduler.attention import Matter
from hall.settings import HallSettings

FLAP_MS = 60_000  # what comes back within this is the same incident
FOLD_MS = 5 * 60_000  # terminals that went off so long before their hall was dark went with it
RETURN_MS = 3 * 60_000  # how long the others of a dark hall may take after the first has come back
SAY_MS = 5_000  # how often we note that we are at it
EVALUATED = "evaluated"  # in `meta`: when the incidents were last looked at, ms since 1970
STALE_MS = 30_000

Row = dict[str, Any]
Key = tuple[str, str, str, str]  # hall, terminal, device, code
_GONE = ("off", "silent")


def evaluate(engine: Engine, settings: HallSettings, now: int) -> None:
    """Bring the incidents up to what is stored."""
    with engine.begin() as tx:
        terminals = _terminals(tx)
        found = _found(tx, terminals, settings, now)
        changed = settle(tx, found, terminals, now)
        notes.leave(tx, ((where, "incidents") for where in changed))
        if changed or abs(now - evaluated(tx)) >= SAY_MS:  # a clock that was set back, too
            _say_evaluated(tx, now)


def _found(tx: Connection, terminals: Sequence[Row], settings: HallSettings, now: int) -> list[Matter]:
    faults, prints = reading.open_faults(tx), reading.unsettled_prints(tx)
    return attention.matters(terminals, faults, settings.desk, now, prints, technician_flood.flooding(tx))


def settle(tx: Connection, found: Sequence[Matter], terminals: Sequence[Row], now: int) -> set[str]:
    """Open, keep and clear incidents by what was `found`; returns where: terminals, and halls."""
    known = {_key(row): row for row in _rows(tx, select(incidents).where(incidents.c.open))}
    wanted = {(m.hall, m.terminal, m.device, m.code): min(m.since, now) for m in found}
    by_path = {row["path"]: row for row in terminals}
    _still_dark(wanted, known, terminals, now)
    over = [key for key in known if key not in wanted and not _unseen(key, wanted, by_path)]
    new = {key: since for key, since in wanted.items() if key not in known}
    for key in [key for key in new if key[3] == "hall_dark"]:
        folded = [k for k in over + list(known) if _goes_with(known[k], key[0], new[key])]
        new[key] = min([new[key], *(known[k]["since"] for k in folded)])
        tx.execute(delete(incidents).where(incidents.c.n.in_([known[k]["n"] for k in folded])))
        over = [k for k in over if k not in folded]
    _clear(tx, [known[key]["n"] for key in over], now)
    _open(tx, new, now)
    return {terminal or hall for hall, terminal, _, _ in [*over, *new]}


def evaluated(tx: Connection) -> int:
    """When somebody last looked, ms since 1970; 0 never."""
    return int(tx.scalar(select(tables.meta.c.value).where(tables.meta.c.key == EVALUATED)) or 0)


def shown(tx: Connection, settings: HallSettings, now: int, areas: reading.Areas) -> list[Row]:
    """What needs somebody now in these areas (None: all), the most urgent first, with who has it.

    From the incidents; while nobody keeps those (`stale`) from what is stored at this moment.
    """
    rows = _rows(tx, select(incidents).where(incidents.c.open))
    terminals = _terminals(tx)
    if stale(tx, now):
        known = {_key(row): row for row in rows}
        found = _found(tx, terminals, settings, now)
        rows = [known.get((m.hall, m.terminal, m.device, m.code)) or _unkept(m) for m in found]
    off = _off_by_hall(terminals)
    dark = {path for row in rows if row["code"] == "hall_dark" for path in off.get(row["hall"], ())}
    gone = {row["terminal"] for row in rows if row["code"] in _GONE}
    chosen = [
        row | {"severity": attention.severity(row["code"]), "count": len(off.get(row["hall"], ()))}
        for row in rows
        if _watched(row, areas) and not _covered(row, dark, gone)
    ]
    return sorted(chosen, key=lambda row: (attention.ORDER.index(row["severity"]), row["since"], row["hall"]))


def stale(tx: Connection, now: int) -> bool:
    """True while nobody evaluates."""
    return abs(now - evaluated(tx)) > STALE_MS


def cleared(tx: Connection, since: int, areas: reading.Areas, limit: int = 200) -> list[Row]:
    """What was over after `since`, the youngest first."""
    c = incidents.c
    over = select(incidents).where(c.cleared >= since, not_(c.open), reading.within(c.hall, areas))
    rows = _rows(tx, over.order_by(c.cleared.desc(), c.n.desc()).limit(limit))
    return [row | {"severity": attention.severity(row["code"])} for row in rows]


def one(tx: Connection, n: int) -> Row | None:
    """The incident of this number."""
    return next(iter(_rows(tx, select(incidents).where(incidents.c.n == n))), None)


def acknowledge(tx: Connection, n: int, who: str, note: str, now: int) -> bool:
    """Somebody has it: who, since when, with a note. False when the incident is over.

    Who says so later takes it over; that both did stands in the audit.
    """
    row = one(tx, n)
    if row is None or not row["open"]:
        return False
    said = {"acknowledged_by": who, "acknowledged": now, "note": note[:500]}
    tx.execute(update(incidents).where(incidents.c.n == n).values(**said))
    notes.leave(tx, [(row["terminal"] or row["hall"], "incidents")])
    return True


def _still_dark(wanted: dict[Key, int], known: Mapping[Key, Row], terminals: Sequence[Row], now: int) -> None:
    """A hall that was dark stays one incident while its terminals come back one by one."""
    dark = [key for key in known if key[3] == "hall_dark" and key not in wanted]
    if not dark:
        return
    first_back: dict[str, int] = {}
    for row in terminals:
        if row["online"]:
            hall = f"{row['area']}/{row['hall']}"
            first_back[hall] = min(row["since"], first_back.get(hall, row["since"]))
    off: dict[str, list[Key]] = {}
    for key in wanted:
        if key[3] == "off":
            off.setdefault(key[0], []).append(key)
    for key in dark:
        first = first_back.get(key[0], 0)
        # Who went off after the first was back did so for a reason of its own.
        still = [one for one in off.get(key[0], ()) if wanted[one] < first]
        if still and now - first < RETURN_MS:
            wanted[key] = known[key]["since"]
            for one in still:
                del wanted[one]


def _unseen(key: Key, wanted: Mapping[Key, int], terminals: Mapping[str, Row]) -> bool:
    """True for what nobody can know now, since its terminal says nothing."""
    hall, path, _, code = key
    terminal = terminals.get(path)
    if terminal is None or code in attention.SEEN_HERE:
        return False
    if (hall, "", "", "hall_dark") in wanted and not terminal["online"]:
        return True
    return code not in _GONE and any((hall, path, "", gone) in wanted for gone in _GONE)


def _goes_with(row: Row, hall: str, dark: int) -> bool:
    """Whether a terminal that went off is part of its hall's going dark."""
    lately = row["since"] >= dark - FOLD_MS
    return bool(row["hall"] == hall and row["code"] in _GONE and lately and not row["acknowledged"])


def _covered(row: Row, dark: set[str], gone: set[str]) -> bool:
    """True for what a terminal said of itself before it, or its whole hall, fell silent."""
    if row["code"] in attention.SEEN_HERE:
        return False
    return row["terminal"] in dark or (row["code"] not in _GONE and row["terminal"] in gone)


def _watched(row: Row, areas: reading.Areas) -> bool:
    return areas is None or row["hall"].partition("/")[0] in areas


def _off_by_hall(terminals: Sequence[Row]) -> dict[str, list[str]]:
    """The terminals that are off, by area/hall."""
    off: dict[str, list[str]] = {}
    for row in terminals:
        if not row["online"]:
            off.setdefault(f"{row['area']}/{row['hall']}", []).append(row["path"])
    return off


def _clear(tx: Connection, numbers: Sequence[int], now: int) -> None:
    for chunk in _chunks(numbers):
        tx.execute(update(incidents).where(incidents.c.n.in_(chunk)).values(open=False, cleared=now))


def _open(tx: Connection, new: Mapping[Key, int], now: int) -> None:
    """Open again what was over for less than a minute, and make rows of the rest."""
    if not new:
        return
    c = incidents.c
    lately = select(incidents).where(c.cleared > now - FLAP_MS, not_(c.open)).order_by(c.cleared)
    again = {_key(row): row["n"] for row in _rows(tx, lately) if _key(row) in new}
    for chunk in _chunks(list(again.values())):
        tx.execute(update(incidents).where(c.n.in_(chunk)).values(open=True, cleared=0))
    rows = [
        {"hall": key[0], "terminal": key[1], "device": key[2], "code": key[3], "since": since, "open": True}
        for key, since in new.items()
        if key not in again
    ]
    if rows:
        bulk.run_many(tx, _insertion(tx.dialect.name), rows)


@lru_cache(maxsize=2)
def _insertion(dialect: str) -> Any:
    """One that began at the same instant is the same: it had only been out of sight."""
    new = store.insert(dialect, incidents)
    key = ["hall", "terminal", "device", "code", "since"]
    again = {"open": new.excluded.open, "cleared": literal_column("0")}
    return new.on_conflict_do_update(index_elements=key, set_=again)


def _say_evaluated(tx: Connection, now: int) -> None:
    row = {"key": EVALUATED, "value": str(now)}
    new = store.insert(tx.dialect.name, tables.meta).values(row)
    tx.execute(new.on_conflict_do_update(index_elements=["key"], set_={"value": row["value"]}))


def _unkept(matter: Matter) -> Row:
    """A matter that has no incident yet."""
    nobody = {"acknowledged_by": "", "acknowledged": 0, "note": ""}
    where = {"hall": matter.hall, "terminal": matter.terminal, "device": matter.device}
    return {"n": 0, **where, "code": matter.code, "since": matter.since, "cleared": 0, "open": True, **nobody}


def _key(row: Row) -> Key:
    return row["hall"], row["terminal"], row["device"], row["code"]


def _chunks(numbers: Sequence[int]) -> Iterable[Sequence[int]]:
    return (numbers[start : start + 500] for start in range(0, len(numbers), 500))


def _terminals(tx: Connection) -> list[Row]:
    """All terminals, with no more than is looked at: of thousands, once a second."""
    names = ("path", "area", "hall", "online", "since", "health_at", "screen_age")
    rows = tx.execute(select(*(tables.terminals.c[name] for name in names)))
    gone = reading.retired(tx)
    return [dict(zip(names, row, strict=True)) for row in rows if row[0] not in gone]


def _rows(tx: Connection, query: Any) -> list[Row]:
    return [dict(row._mapping) for row in tx.execute(query)]
