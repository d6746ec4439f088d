"""What is already known for a form, so that nobody types what an office has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from config.platform_api import FormData
from hall.platform.authorisations import holder_for
from hall.platform.door import PartsHere
from hall.platform.handlers import handler
from hall.platform.office import Asking

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
