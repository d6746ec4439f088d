"""The progress of a case, as its citizen reads it."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter
from sqlalchemy import Connection, select, update

from config.platform_api import TimelineEvent
from config.words import words
from hall.platform.clock import CHINA
from hall.platform.office import Decision, Filing
from hall.platform.tables import cases

TIMELINE = TypeAdapter(tuple[TimelineEvent, ...])


def timeline_json(filing: Filing, decision: Decision) -> str:
    """The events of a case just decided: filed, accepted, and what came of it."""
    filed = _in_china(filing.submission.submitted_at, filing.now)
    return TIMELINE.dump_json(
        (
            TimelineEvent(when=filed, what=words("platform.event_submitted", service=filing.service.name)),
            TimelineEvent(when=filing.now, what=words("platform.event_accepted")),
            TimelineEvent(when=filing.now, what=decision.event, done=decision.decided),
        )
    ).decode()


def add_event(transaction: Connection, case_no: str, event: TimelineEvent) -> None:
    """A further line of a case's progress."""
    mine = cases.c.case_no == case_no
    told = TIMELINE.validate_json(transaction.scalar(select(cases.c.timeline).where(mine)) or "[]")
    timeline = TIMELINE.dump_json((*told, event)).decode()
    transaction.execute(update(cases).where(mine).values(timeline=timeline))


def _in_china(moment: datetime, now: datetime) -> datetime:
    """A terminal's time in China's zone, never after ours: its clock may be ahead."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return min(aware.astimezone(CHINA), now)
