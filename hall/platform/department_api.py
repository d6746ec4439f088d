"""Bodies between the platform and a department that has a system of its own (受办分离).

Accepted once at the counter, decided there: four verbs, and no second entry.

    POST /v1/queries                        DepartmentQuery → QueryResult
    POST /v1/cases (Idempotency-Key: case)  HandedOver      → Taken; the same case again is the same answer
    GET  /v1/cases/{case_no}                                → Standing, 404 never seen
    GET  /v1/cases/{case_no}/document                       → Paper, 404 none; the platform seals it

A case is known by the number that the platform gave it. An error is `Refusal` with status 4xx, which is
final; 5xx and no answer mean *unknown*. The bearer token of the platform rides in `Authorization`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from config.platform_api import ResultRow, TimelineEvent
from config.platform_body import Body, Value
from config.words import Words


class Citizen(Body):
    """Whom it is about."""

    name: str
    number: str


class DepartmentQuery(Body):
    """A question that changes nothing."""

    service: str
    citizen: Citizen | None = None
    values: dict[str, Value] = Field(default_factory=dict)


class HandedOver(Body):
    """A case as the counter has accepted it."""

    case_no: str
    service: str
    citizen: Citizen | None = None
    values: dict[str, Value] = Field(default_factory=dict)
    accepted_at: datetime


class Taken(Body):
    """The department has it, under a number of its own."""

    case_no: str
    reference: str


class Standing(Body):
    """How far it is. `events` is the whole progress, the oldest first, and only grows."""

    case_no: str
    state: Literal["open", "granted", "refused"]
    message: Words | None = None
    events: tuple[TimelineEvent, ...] = ()
    document: bool = False


class Paper(Body):
    """What a decision says; the platform makes the certificate of it."""

    rows: tuple[ResultRow, ...]
