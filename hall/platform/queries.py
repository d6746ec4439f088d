"""Questions that change nothing: the form is checked, then the office answers."""

from __future__ import annotations

from fastapi import APIRouter

from config.platform_api import Query, QueryResult
from config.words import words
from hall.platform import deficits
from hall.platform.authorisations import holder_for
from hall.platform.checks import check_eligibility, check_form
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking
from hall.platform.refusals import Refused

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
    answers = handler(service.id).answers
    if answers is None:
        return QueryResult(found=False, title=words("platform.progress_none"))
    return answers(Asking(parts, service, holder, now, query.values))
