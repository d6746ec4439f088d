"""What a terminal tells of its technicians and of its readiness, as rows; `filing.py` stores them.

A terminal may say anything: texts are cut to their columns, and of the parts of a report only so many are
kept as a person would read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import Table

from hall.data import desk_tables, tables
from hall.intake.letters import Letter
from mqtt import messages

Row = dict[str, Any]
MOST_PARTS = 100  # of one report
MOST_CODES = 8  # of one part
MOST_WORDS = 200  # characters of what was measured
ACTOR = "technician:"  # in the audit, before the number
AUDITED = "technician"  # the act's name there; what he did is the first word of its detail
_body = msgspec.json.Encoder()


def acted(letter: Letter, data: messages.TechnicianActed) -> Row:
    """The row of one act."""
    row = msgspec.structs.asdict(data) | _place(letter)
    return _cut(tables.technician_acts, row)


def reported(letter: Letter, data: messages.ReadinessReported) -> Row:
    """The row of a readiness report, parts that are not ready first."""
    parts = sorted(data.found, key=lambda part: part.ready)[:MOST_PARTS]
    missing = sum(not part.ready for part in parts)
    row = {"by": data.by, "not_ready": missing, "found": _body.encode(_kept(parts)).decode()}
    return _cut(tables.readiness, row | _place(letter))


def audited(acts: Iterable[Row], received: Iterable[int]) -> list[Row]:
    """The same acts as rows of the audit, with the hall's clock: the terminal's may say anything."""
    rows = []
    for act, at in zip(acts, received, strict=True):
        row = {
            "at": at,
            "actor": f"{ACTOR}{act['actor']}",
            "act": AUDITED,
            "area": act["terminal"].partition("/")[0],
            "subject": act["terminal"],
            "reference": "",
            "outcome": act["outcome"],
            "detail": " ".join(filter(None, (act["act"], act["subject"], act["detail"]))),
        }
        rows.append(_cut(desk_tables.audit, row))
    return rows


def _place(letter: Letter) -> Row:
    assert letter.envelope is not None
    told = letter.envelope
    return {"terminal": letter.path, "at": letter.at, "boot": told.boot, "seq": told.seq}


def _kept(parts: Iterable[messages.PartFound]) -> list[Row]:
    """The parts with their texts bounded."""
    return [
        {
            "name": part.name[:64],
            "ready": part.ready,
            "codes": [code[:64] for code in part.codes[:MOST_CODES]],
            "detail": part.detail[:MOST_WORDS],
            "detail_zh": part.detail_zh[:MOST_WORDS],
        }
        for part in parts
    ]


def _cut(table: Table, row: Row) -> Row:
    """Texts no longer than their columns; PostgreSQL takes no NUL."""
    for name, value in row.items():
        if isinstance(value, str):
            most = getattr(table.c[name].type, "length", None)
            row[name] = value.replace("\x00", "")[:most]
    return row
