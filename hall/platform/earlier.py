"""What a citizen has filed here before: a second request of the same kind may contradict the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, literal_column, select

from config.platform_api import CaseResult, Submission
from hall.platform.clock import from_utc
from hall.platform.tables import cases


@dataclass(frozen=True)
class Earlier:
    """One accepted case: when it was taken in (time of China), and what had been said."""

    when: datetime
    submission: Submission
    result: CaseResult

    def text(self, key: str) -> str:
        """A value that is one text; empty when it was not given."""
        value = self.submission.values.get(key, "")
        return value if isinstance(value, str) else ""


def earlier(connection: Connection, number: str, *services: str) -> Iterator[Earlier]:
    """The accepted cases of the citizen with this identity number, of these services, the newest first."""
    for citizen, found in everybodys(connection, *services, number=number):
        assert citizen == number
        yield found


def everybodys(connection: Connection, *services: str, number: str = "") -> Iterator[tuple[str, Earlier]]:
    """The accepted cases of these services, the newest first, each with its citizen's number.

    With `number`, of that citizen alone.
    """
    wanted: list[ColumnElement[bool]] = [cases.c.service.in_(services)]
    if number:
        wanted.append(cases.c.citizen == number)
    found = connection.execute(
        select(cases.c.citizen, cases.c.submission, cases.c.result, cases.c.accepted_at)
        .where(*wanted)
        .order_by(cases.c.accepted_at.desc(), literal_column("rowid").desc())
    )
    for row in found.all():
        result = CaseResult.model_validate_json(row.result)
        if result.state == "accepted":
            said = Submission.model_validate_json(row.submission)
            yield row.citizen or "", Earlier(from_utc(row.accepted_at), said, result)
