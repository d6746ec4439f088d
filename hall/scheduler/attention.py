"""What needs somebody now: one line for one thing to do, the most urgent first.

A terminal that is off says nothing of its devices, so its old faults are not shown beside *off*; when a
whole hall is off that is one line, since it is one power cut and not twelve broken machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from config.faults import Severity, faults
from hall.settings import DeskSettings

Row = dict[str, Any]
_OWN = dict.fromkeys(("hall_dark", "off", "silent"), Severity.STOP)  # matters that no terminal can tell
SEEN_HERE = ("print_unsettled", "technician_flood")  # known to the hall, whether the terminal speaks or not
ORDER = [Severity.STOP, Severity.WARNING, Severity.NOTICE]


@dataclass(frozen=True)
class Matter:
    """One thing for somebody to do. `code` is of faults.toml, or hall_dark, off, silent or of SEEN_HERE."""

    severity: Severity
    code: str
    since: int  # ms since 1970
    hall: str  # area/hall
    terminal: str = ""  # its path; empty: the whole hall
    device: str = ""
    count: int = 1  # terminals concerned


def matters(
    terminals: Sequence[Row],
    open_faults: Sequence[Row],
    desk: DeskSettings,
    now: int,
    prints: Sequence[Row] = (),
    floods: Sequence[Row] = (),
) -> list[Matter]:
    """Everything that needs somebody, the most urgent first and of those the longest open.

    `prints` are those whose end nobody knows: the paper may lie in a tray for the next person to read,
    so they are told of terminals that are off, too; and so are `floods` of technicians' acts.
    """
    found = _dark_halls(terminals)
    dark = {matter.hall for matter in found}
    found += _unsettled(terminals, prints) + _flooding(terminals, floods)
    speaking: dict[str, Row] = {}
    for row in terminals:
        if not row["online"]:
            if _hall(row) not in dark:
                found.append(Matter(Severity.STOP, "off", row["since"], _hall(row), row["path"]))
        elif silent(row, desk, now):
            heard = row["health_at"] or row["since"]
            found.append(Matter(Severity.STOP, "silent", heard, _hall(row), row["path"]))
        else:
            speaking[row["path"]] = row
    told = {(fault["terminal"], fault["code"]) for fault in open_faults}
    for row in speaking.values():
        hung = row["screen_age"] > desk.screen_seconds
        if hung and (row["path"], "terminal_screen_hung") not in told:
            since = max(0, int(row["health_at"] - row["screen_age"] * 1000))  # it may say any number
            found.append(
                Matter(
                    severity("terminal_screen_hung"), "terminal_screen_hung", since, _hall(row), row["path"]
                )
            )
    for fault in open_faults:
        terminal = speaking.get(fault["terminal"])
        if terminal is not None:
            found.append(
                Matter(
                    severity(fault["code"]),
                    fault["code"],
                    fault["since"],
                    _hall(terminal),
                    fault["terminal"],
                    fault["device"],
                )
            )
    return sorted(found, key=lambda matter: (ORDER.index(matter.severity), matter.since, matter.terminal))


def in_order(device: Row) -> bool:
    """True for a device that nobody need think of: usable, nothing low, nothing stuck, no fault.

    One that is absent without a fault is optional: its terminal does not miss it.
    """
    if device["availability"] == "absent":
        return not device["faults"]
    usable = device["availability"] in ("online", "busy") and device["media"] != "jammed"
    return usable and not device["faults"] and not {"low", "out"} & set(device["supplies"].values())


def severity(code: str) -> Severity:
    """How urgent a matter is; a fault that our table does not know yet counts as a warning."""
    known = faults().get(code)
    return known.severity if known else _OWN.get(code, Severity.WARNING)


def silent(row: Row, desk: DeskSettings, now: int) -> bool:
    """Said to be online, but nothing has been heard of its health for too long."""
    patience = desk.silent_seconds * 1000
    # What lies far ahead was heard by a clock that has since been set back.
    heard = max((at for at in (row["health_at"], row["since"]) if at <= now + patience), default=0)
    return bool(now - heard > patience)


def standing(row: Row, concerning: Sequence[Matter], desk: DeskSettings, now: int) -> str:
    """A terminal in one word: off, silent, stop, warning, notice, serving or ready."""
    if not row["online"]:
        return "off"
    if silent(row, desk, now):
        return "silent"
    worst = min((ORDER.index(m.severity) for m in concerning if m.terminal == row["path"]), default=None)
    if worst is not None and ORDER[worst] is not Severity.NOTICE:
        return ORDER[worst].value
    if row["session"]:
        return "serving"
    return "ready" if worst is None else "notice"


def _dark_halls(terminals: Sequence[Row]) -> list[Matter]:
    halls: dict[str, list[Row]] = {}
    for row in terminals:
        halls.setdefault(_hall(row), []).append(row)
    return [
        Matter(Severity.STOP, "hall_dark", max(row["since"] for row in rows), hall, count=len(rows))
        for hall, rows in halls.items()
        if len(rows) > 1 and not any(row["online"] for row in rows)
    ]


def _unsettled(terminals: Sequence[Row], prints: Sequence[Row]) -> list[Matter]:
    halls = {row["path"]: _hall(row) for row in terminals}
    return [
        Matter(
            Severity.WARNING,
            "print_unsettled",
            row["at"],
            halls[row["terminal"]],
            row["terminal"],
            row["device"],
        )
        for row in prints
        if row["terminal"] in halls
    ]


def _flooding(terminals: Sequence[Row], floods: Sequence[Row]) -> list[Matter]:
    halls = {row["path"]: _hall(row) for row in terminals}
    return [
        Matter(Severity.WARNING, "technician_flood", row["since"], halls[row["terminal"]], row["terminal"])
        for row in floods
        if row["terminal"] in halls
    ]


def _hall(row: Row) -> str:
    return f"{row['area']}/{row['hall']}"
