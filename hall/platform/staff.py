"""Staff who compare a person with his card at the terminal."""

from __future__ import annotations

from fastapi import APIRouter

from config.identity_api import CodeResult, StaffCheck
from hall.platform.door import PartsHere

routes = APIRouter(prefix="/v1/identity", tags=["identity"])


@routes.post("/{subject}/staff")
def check_staff(subject: str, told: StaffCheck, parts: PartsHere) -> CodeResult:
    """Staff have compared the person with his card.

    Refused `staff_closed`, `staff_busy` (429), `subject_unknown` (410).
    """
    parts.subjects.claimed(subject)
    result = parts.staff.check(subject, told.staff, told.pin)
    if result.verified:
        parts.subjects.mark(subject, "staff", told.staff)
    return result
