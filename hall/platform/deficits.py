"""容缺: a case that is accepted without some of its papers, and the day by which they must have come.

What is overdue lapses by the platform's own clock, whenever somebody next asks about cases.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from config.platform_api import CaseResult, Deficit, TimelineEvent
from config.service import Service
from config.words import Words, words
from hall.platform.material_ways import until
from hall.platform.office import Decision, Filing
from hall.platform.parts import Parts
from hall.platform.tables import cases, deficits
from hall.platform.timeline import add_event


def with_deficit(filing: Filing, decision: Decision) -> Decision:
    """The decision with what is still to be brought; what lacks papers is not decided yet."""
    later = filing.submission.later
    if not later or decision.state != "accepted":
        return decision
    deficit = Deficit(materials=later, until=until(filing.today))
    told = {"papers": names(filing.service, later), "until": deficit.until.isoformat()}
    return replace(
        decision,
        decided=False,
        deficit=deficit,
        message=words("platform.deficit_message", **told),
        event=words("platform.event_deficit", **told),
    )


def keep(filing: Filing, deficit: Deficit) -> None:
    """Notes what the case lacks, in its transaction."""
    assert filing.subject is not None, "only somebody who is known brings papers later"
    filing.transaction.execute(
        insert(deficits).values(
            case_no=filing.case_no,
            citizen=filing.subject.number,
            materials=json.dumps(deficit.materials),
            until=deficit.until.isoformat(),
            state="open",
        )
    )


def find(connection: Connection, case_no: str) -> Any:
    """The row of a case that lacks papers, or did; None without one."""
    return connection.execute(select(deficits).where(deficits.c.case_no == case_no)).one_or_none()


def names(service: Service, keys: tuple[str, ...]) -> Words:
    """The papers by name, in one line."""
    found = [one.name for one in service.materials if one.key in keys]
    listed = found[0]
    for name in found[1:]:
        listed = words("platform.listed", first=listed, rest=name)
    return listed


def lapse(parts: Parts) -> None:
    """Ends every case whose papers did not come in time, and says so in its progress."""
    now = parts.now()
    overdue = (deficits.c.state == "open") & (deficits.c.until < now.date().isoformat())
    with parts.store.reading() as connection:  # nobody waits for the write lock when nothing is overdue
        if connection.execute(select(deficits.c.case_no).where(overdue)).first() is None:
            return
    with parts.store.transaction() as transaction:
        for row in transaction.execute(select(deficits).where(overdue)).all():
            mine = deficits.c.case_no == row.case_no
            transaction.execute(update(deficits).where(mine).values(state="lapsed"))
            if _is_decided(transaction, row.case_no):  # by a department, without them: that holds
                continue
            changes = {"state": "refused", "decided": True, "deficit": None}
            message = words("platform.lapsed_message", until=row.until)
            change(transaction, row.case_no, **changes, message=message)
            event = TimelineEvent(when=now, what=words("platform.event_lapsed", until=row.until))
            add_event(transaction, row.case_no, event)


def _is_decided(connection: Connection, case_no: str) -> bool:
    stored = connection.scalar(select(cases.c.result).where(cases.c.case_no == case_no))
    return CaseResult.model_validate_json(stored or "").decided


def supply(
    transaction: Connection, service: Service, case_no: str, brought: tuple[str, ...], now: datetime
) -> Deficit | None:
    """Strikes off what has come; what is left, None when that was all."""
    row = find(transaction, case_no)
    left = tuple(key for key in json.loads(row.materials) if key not in brought)
    mine = deficits.c.case_no == case_no
    state = "open" if left else "complete"
    transaction.execute(update(deficits).where(mine).values(materials=json.dumps(left), state=state))
    deficit = Deficit(materials=left, until=date.fromisoformat(row.until)) if left else None
    change(transaction, case_no, deficit=deficit)
    event = words("platform.event_supplied", papers=names(service, brought))
    add_event(transaction, case_no, TimelineEvent(when=now, what=event))
    if deficit is None:
        what = words("platform.event_pending")
        add_event(transaction, case_no, TimelineEvent(when=now, what=what, done=False))
    return deficit


def change(transaction: Connection, case_no: str, **changes: Any) -> None:
    """Changes how a case stands."""
    mine = cases.c.case_no == case_no
    stored = transaction.scalar(select(cases.c.result).where(mine))
    result = CaseResult.model_validate_json(stored or "").model_copy(update=changes)
    transaction.execute(update(cases).where(mine).values(result=result.model_dump_json()))
