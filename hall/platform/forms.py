"""What is already known for a form, so that nobody types what an office has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from config.platform_api import FormData, Price
from config.platform_api import Query as Question
from config.words import words
from hall.platform.authorisations import holder_for
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking
from hall.platform.orders import price_of
from hall.platform.refusals import Refused

routes = APIRouter(prefix="/v1/services", tags=["forms"])


@routes.get("/{service}/form")
def form(service: str, parts: PartsHere, subject: Annotated[str | None, Query()] = None) -> FormData:
    """Values, their sources, and options that only the platform knows.

    Refused `service_unknown` (404), `subject_unknown` (410), `platform_closed` (409).
    """
    parts.require_open()
    asking = Asking(
        parts, parts.service(service), holder_for(parts, subject, service) if subject else None, parts.now()
    )
    knows = handler(service).knows
    return knows(asking) if knows else FormData()


@routes.post("/{service}/price")
def price(service: str, query: Question, parts: PartsHere) -> Price:
    """What the service costs with this form.

    Refused `service_unknown` (404), `subject_unknown` (410), `fee_wrong` (422) also where nothing is paid.
    """
    asked = parts.service(service)
    holder = holder_for(parts, query.subject, service) if query.subject else None
    fen = price_of(Asking(parts, asked, holder, parts.now(), query.values))
    if not fen:
        raise Refused("fee_wrong", 422)
    return Price(fen=fen)


def check_locked(asking: Asking) -> None:
    """Does what is locked say what the office says itself? Refused `form_invalid` with the field's name."""
    locked = [spec for spec in asking.service.fields if spec.locked and spec.key in asking.values]
    knows = handler(asking.service.id).knows
    held = knows(asking).values if locked and knows else {}
    for spec in locked:
        if asking.values[spec.key] != held.get(spec.key, ""):
            raise Refused("form_invalid", 422, field=spec.label, complaint=words("platform.field_bad"))
