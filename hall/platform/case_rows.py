"""The rows of cases: a number that nobody can guess, and what is kept of each."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from config.platform_api import CaseResult
from hall.platform import department_outbox
from hall.platform.clock import as_utc
from hall.platform.office import Decision, Filing
from hall.platform.short_codes import short_code
from hall.platform.tables import cases
from hall.platform.timeline import timeline_json


def new_number(transaction: Connection, begins: str) -> str:
    """A number that no case has. By chance, since who knows it may rate the case.

    Counted ones would let anybody walk through a day's cases, and rate for others.
    """
    while True:
        number = begins + short_code(6)
        if transaction.scalar(select(cases.c.key).where(cases.c.case_no == number)) is None:
            return number


def keep(filing: Filing, decision: Decision, result: CaseResult, body: str, digest: str) -> None:
    """A case just decided, within its filing's transaction. `body` is the submission as received."""
    filing.transaction.execute(
        insert(cases).values(
            key=result.key,
            digest=digest,
            case_no=result.case_no,
            service=filing.service.id,
            terminal=filing.submission.terminal,
            citizen=filing.subject.number if filing.subject else None,
            means=filing.submission.means,
            staff=filing.submission.staff,
            agent=filing.acting.agent.number if filing.acting else "",
            agent_mode=filing.acting.mode if filing.acting else "",
            authorisation=filing.acting.authorisation if filing.acting else "",
            submission=body,
            result=result.model_dump_json(),
            timeline=timeline_json(filing, decision),
            accepted_at=as_utc(filing.now),
        )
    )
    department_outbox.intend(filing, result)
