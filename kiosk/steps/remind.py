"""A certificate that expires soon is told of once, with the service that renews it; it holds nobody up."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

from config.identity_api import ECertificate
from config.service import Service
from config.words import words
from kiosk.availability import why_not
from kiosk.platform import PlatformError
from kiosk.prompts import ChooseOne, Option
from kiosk.visit import Elsewhere, Visit

PATIENCE = 1.5  # seconds for the platform to answer
SOON = timedelta(days=90)
GO_ON, RENEW = "go_on", "renew"


async def remind(visit: Visit) -> None:
    """Offers to renew what expires first. Raises visit.Elsewhere when that is taken up."""
    session = visit.session
    session.reminded = True
    found = await _first(visit)
    if found is None:
        return
    held, day, service = found
    row = "ways.expired" if day < visit.backstage.today() else "ways.expires"
    expiry = words(row, name=held.name, day=f"{day}")
    way = await visit.choose(
        ChooseOne(
            words("ways.expires_question"),  # it is said aloud, and names nothing
            (Option(GO_ON, words("ways.go_on")), Option(RENEW, words("ways.renew"))),
            note=words("ways.expires_note", expiry=expiry, service=service.name),
        )
    )
    if way == RENEW:
        raise Elsewhere(service)


async def _first(visit: Visit) -> tuple[ECertificate, date, Service] | None:
    """What expires first, within `SOON` or already, and can be renewed here now by another service."""
    subject, stage = visit.session.subject, visit.backstage
    if subject is None or visit.session.acting:
        return None
    try:
        async with asyncio.timeout(PATIENCE):
            held = await stage.platform.certificates(subject.subject)
    except (TimeoutError, PlatformError):
        return None
    due = sorted((one.valid_until, one.identifier, one) for one in held.items if one.valid_until is not None)
    for day, _, one in due:
        service = stage.catalogue.services.get(one.renew)
        if day - stage.today() > SOON or service is None or service.id == visit.service.id:
            continue
        if service.listed and why_not(service, stage.devices, stage.now(), stage.platform_open()) is None:
            return one, day, service
    return None
