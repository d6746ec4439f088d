"""The hall's commands as rows of the store: what was given, how far it is, how it ended.

Each row is there before its command runs and stays a month beyond its deadline, so that a second copy of the
same command is known for what it is. Functions of an open transaction; none of them commits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from config import commands
from config.commands import CommandError, Value
from mqtt.messages import CommandGiven, CommandState
from mqtt.outbox import Executes

State = Literal["accepted", "running", "done", "failed"]
LONGEST_ID = 64
MOST_OPEN = 100  # more at once is no hall, but a mistake of one
KEPT_DAYS = 30
_SELECT = (
    "SELECT id, name, arguments, deadline, given, state, code, detail, parts, runs, boot, machine"
    " FROM commands"
)


@dataclass(frozen=True)
class Kept:
    """One command. `boot` and `machine` say in which start of terminal and computer it was begun last."""

    id: str
    name: str
    arguments: Mapping[str, Value]
    deadline: float  # seconds since 1970
    given: float
    state: State
    code: str = ""
    detail: str = ""
    parts: int = 0
    runs: int = 0  # how often it was begun
    boot: int = 0
    machine: str = ""

    @property
    def told(self) -> CommandState:
        """How far it is, as the hall is told."""
        return CommandState(self.id, self.state, self.code, self.detail, self.parts)


def arrive(tx: Executes, given: CommandGiven, now: float) -> tuple[Kept, bool]:
    """The row of this command, and whether it is a new one. What cannot be obeyed is kept as failed.

    The first copy counts, whatever another with its id says.
    """
    known = find(tx, given.command)
    if known is not None:
        return known, False
    kept = _judged(tx, given, now)
    tx.execute(
        "INSERT INTO commands (id, name, arguments, deadline, given, state, code, detail, parts, runs, boot,"
        " machine) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            kept.id,
            kept.name,
            json.dumps(dict(kept.arguments)),
            kept.deadline,
            kept.given,
            kept.state,
            kept.code,
            kept.detail,
            kept.parts,
            kept.runs,
            kept.boot,
            kept.machine,
        ),
    )
    return kept, True


def _judged(tx: Executes, given: CommandGiven, now: float) -> Kept:
    def refused(code: str, detail: str, deadline: float = now) -> Kept:
        return Kept(given.command, given.name[:40], {}, deadline, now, "failed", code, detail[:80])

    try:
        commands.check(given.name, given.arguments)
    except CommandError as error:
        return refused(error.code, error.detail)
    try:
        deadline = datetime.fromisoformat(given.deadline)
        seconds = deadline.timestamp() if deadline.tzinfo is not None else None
    except (ValueError, OverflowError):
        seconds = None
    if seconds is None:
        return refused("wrong_argument", "deadline")
    if seconds < now:
        return refused("command_expired", "", seconds)
    if len(open_commands(tx)) >= MOST_OPEN:
        return refused("command_queue_full", "", seconds)
    return Kept(given.command, given.name, dict(given.arguments), seconds, now, "accepted")


def find(read: Executes, id: str) -> Kept | None:
    """The command with this id as it stands now; None when it never came."""
    row = read.execute(f"{_SELECT} WHERE id = ?", (id,)).fetchone()
    return _kept(row) if row else None


def open_commands(read: Executes) -> list[Kept]:
    """What is accepted or running, in the order in which it came."""
    rows = read.execute(f"{_SELECT} WHERE state IN ('accepted', 'running') ORDER BY given, id")
    return [_kept(row) for row in rows]


def wait(tx: Executes, id: str, detail: str) -> Kept:
    """It waits, and for whom: citizen, technician; empty: for its turn."""
    tx.execute("UPDATE commands SET detail = ? WHERE id = ? AND state = 'accepted'", (detail, id))
    return _known(tx, id)


def begin(tx: Executes, id: str, boot: int, machine: str) -> Kept:
    """It runs from now on; called before it does anything."""
    tx.execute(
        "UPDATE commands SET state = 'running', detail = '', runs = runs + 1, boot = ?, machine = ?"
        " WHERE id = ? AND state = 'accepted'",
        (boot, machine, id),
    )
    return _known(tx, id)


def again(tx: Executes, id: str) -> Kept:
    """A stop cut it off, and it may be begun anew."""
    tx.execute("UPDATE commands SET state = 'accepted' WHERE id = ? AND state = 'running'", (id,))
    return _known(tx, id)


def end(tx: Executes, id: str, code: str = "", detail: str = "", parts: int = 0) -> Kept:
    """It is over: done, or failed with a code. One that has ended stays as it ended."""
    tx.execute(
        "UPDATE commands SET state = ?, code = ?, detail = ?, parts = ?"
        " WHERE id = ? AND state IN ('accepted', 'running')",
        ("failed" if code else "done", code, detail[:80], parts, id),
    )
    return _known(tx, id)


def forget(tx: Executes, now: float) -> int:
    """Deletes what has ended and can come no more: a copy of it would be long past its deadline. How many."""
    return tx.execute(
        "DELETE FROM commands WHERE state IN ('done', 'failed') AND max(deadline, given) < ?",
        (now - KEPT_DAYS * 86400,),
    ).rowcount


def _known(read: Executes, id: str) -> Kept:
    kept = find(read, id)
    assert kept is not None, "only what has arrived is taken on"
    return kept


def _kept(row: Any) -> Kept:
    id, name, arguments, deadline, given, state, *rest = row
    return Kept(id, name, json.loads(arguments), deadline, given, cast(State, state), *rest)
