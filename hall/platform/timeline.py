"""The progress of a case, as its citizen reads it."""

from __future__ import annotations

from datetime import datetime

from pydantic import TypeAdapter

from config.platform_api import TimelineEvent
from config.words import words
from hall.platform.clock import CHINA
from hall.platform.office import Decision, Filing

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


def _in_china(moment: datetime, now: datetime) -> datetime:
    """A terminal's time in China's zone, never after ours: its clock may be ahead."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=CHINA)
    return min(aware.astimezone(CHINA), now)
