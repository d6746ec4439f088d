"""What terminals say of commands and configuration, filed: the youngest word of each counts.

The terminal numbers its results by (boot, seq), so a late *running* never opens again what is *done*; that
a command was cancelled or expired here meanwhile does not undo what the terminal did.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, or_, select, tuple_, update

from hall.data import store
from hall.data.desk_tables import command_parts, commands, configurations
from hall.intake.letters import Letter
from mqtt import messages
from mqtt.messages import PART_BYTES

MOST_PARTS = 1000  # of one command: 32 MB
_json = msgspec.json.Encoder(order="deterministic")
Changed = set[tuple[str, str]]


def file_answers(tx: Connection, letters: Sequence[Letter]) -> Changed:
    """File those of `letters` that are about commands or configuration; what changed as (terminal, what)."""
    changed: Changed = set()
    parts: list[dict[str, Any]] = []
    for letter in letters:
        envelope = letter.envelope
        match envelope.data if envelope else None:
            case messages.CommandState() as state:
                if _took_state(tx, letter, state):
                    changed.add((letter.path, "commands"))
            case messages.CommandPart() as part:
                if 1 <= part.number <= MOST_PARTS and len(part.content) <= PART_BYTES:
                    row = {"command": part.command, "number": part.number, "content": part.content}
                    parts.append(row | {"terminal": letter.path})
            case messages.ConfigurationReported() as reported:
                if _took_report(tx, letter, reported):
                    changed.add((letter.path, "configuration"))
    return changed | _keep_parts(tx, parts)


def _took_state(tx: Connection, letter: Letter, state: messages.CommandState) -> bool:
    """False for a word that is older than what is known, or of a command that was never given to it."""
    assert letter.envelope is not None
    boot, seq = letter.envelope.boot, letter.envelope.seq
    c = commands.c
    younger = or_(c.boot < boot, and_(c.boot == boot, c.seq < seq))
    its_own = update(commands).where(c.id == state.command, c.terminal == letter.path, younger)
    values = {
        "state": state.state,
        "code": state.code[:64],
        "detail": state.detail[:200],
        "parts": min(max(state.parts, 0), MOST_PARTS + 1),
        "changed": letter.arrival.received,
        "due": 0,
        "boot": boot,
        "seq": seq,
    }
    return tx.execute(its_own.values(**values)).rowcount == 1


def _keep_parts(tx: Connection, parts: Sequence[dict[str, Any]]) -> Changed:
    """Only of commands that were given to the terminal which sends them."""
    if not parts:
        return set()
    c = commands.c
    told = {(part["command"], part["terminal"]) for part in parts}
    query = select(c.id, c.terminal).where(tuple_(c.id, c.terminal).in_(list(told)))
    given = {(row.id, row.terminal) for row in tx.execute(query)}
    rows = [part for part in parts if (part["command"], part["terminal"]) in given]
    if rows:
        new = store.insert(tx.dialect.name, command_parts).on_conflict_do_nothing()
        names = ("command", "number", "content")
        tx.execute(new, [{name: row[name] for name in names} for row in rows])
    return {(row["terminal"], "commands") for row in rows}


def _took_report(tx: Connection, letter: Letter, reported: messages.ConfigurationReported) -> bool:
    """By start of the terminal, version, then its clock: the broker says retained words again and again."""
    assert letter.envelope is not None
    values = {
        "reported_version": reported.version,
        "reported": _json.encode(reported.values).decode(),
        "refused": _json.encode({name: why[:200] for name, why in reported.refused.items()}).decode(),
        "reported_at": letter.at,
        "reported_boot": letter.envelope.boot,
    }
    new = store.insert(tx.dialect.name, configurations)
    c = configurations.c
    order = ("reported_boot", "reported_version", "reported_at")
    younger = tuple_(*(new.excluded[name] for name in order)) > tuple_(*(c[name] for name in order))
    kept = {name: new.excluded[name] for name in values}
    statement = new.values(values | {"terminal": letter.path, "desired": "{}"})
    taken = statement.on_conflict_do_update(index_elements=["terminal"], set_=kept, where=younger)
    if tx.scalar(taken.returning(c.terminal)) is None:
        return False
    # A terminal heeds only what is above what it knows. It knows more when this store was restored: then what
    # is wanted here is wanted anew.
    behind = and_(c.terminal == letter.path, c.version > 0, c.version < c.reported_version)
    tx.execute(update(configurations).where(behind).values(version=c.reported_version + 1))
    return True
