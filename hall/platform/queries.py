"""Questions that change nothing: the form is checked, then the office answers."""

from __future__ import annotations

from contextlib import closing

from fastapi import APIRouter

from config.platform_api import Query, QueryResult
from config.words import words
from hall.platform import deficits
from hall.platform.authorisations import holder_for
from hall.platform.checks import check_eligibility, check_form
from hall.platform.department import Department, DepartmentError
from hall.platform.department_api import Citizen, DepartmentQuery
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking
from hall.platform.refusals import Refused
from hall.platform.settings import DepartmentSettings
from hall.platform.subjects import Subject

routes = APIRouter(prefix="/v1/queries", tags=["queries"])


@routes.post("")
def ask(query: Query, parts: PartsHere) -> QueryResult:
    """The answer, or an honest *not found*.

    Refused `service_unknown` (404), `subject_missing`, `form_invalid` (422), `subject_unknown` (410),
    `platform_closed` (409).
    """
    parts.require_open()
    deficits.lapse(parts)
    service = parts.service(query.service)
    holder = holder_for(parts, query.subject, service.id) if query.subject else None
    if service.level and holder is None:
        raise Refused("subject_missing", 422)
    now = parts.now()
    birth, today = holder.birth if holder else None, now.date()
    check_eligibility(service, birth, today)
    check_form(service, query.values, birth, today)
    department = parts.settings.department_of(service.id)
    if department is not None:
        return _of_department(department, service.id, holder, query)
    answers = handler(service.id).answers
    if answers is None:
        return QueryResult(found=False, title=words("platform.progress_none"))
    return answers(Asking(parts, service, holder, now, query.values))


def _of_department(
    told: DepartmentSettings, service: str, holder: Subject | None, query: Query
) -> QueryResult:
    """Asked in the department's own system, now. Refused `department_down` (409) when it does not answer."""
    person = holder.person if holder else None
    citizen = Citizen(name=person.name, number=person.number) if person else None
    with closing(Department(told)) as line:
        try:
            return line.query(DepartmentQuery(service=service, citizen=citizen, values=query.values))
        except DepartmentError:
            raise Refused("department_down", 409, department=told.words) from None
