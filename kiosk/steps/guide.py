"""The service guide: what it needs, gives and excludes, before anything is asked."""

from __future__ import annotations

from config.words import Words, same, words
from kiosk.availability import why_not
from kiosk.prompts import Guide
from kiosk.visit import Visit


async def guide(visit: Visit) -> None:
    """Shows the guide until *start* is touched; the action is greyed while the service cannot run."""
    service, told = visit.service, visit.service.guide
    await visit.choose(
        Guide(
            name=service.name,
            summary=told.summary,
            needs=(*told.needs, *(name for name in _papers(visit) if name not in told.needs)),
            gives=told.gives,
            excludes=told.excludes,
            facts=(
                (words("journey.fee"), told.fee),
                (words("journey.time"), told.time),
                (words("journey.legal"), told.legal),
                (words("journey.phone"), same(told.phone)),
            ),
            action=words("journey.start"),
            blocked=why_not(
                service, visit.backstage.devices, visit.backstage.now(), visit.backstage.platform_open()
            ),
        )
    )


def _papers(visit: Visit) -> tuple[Words, ...]:
    """Exactly what papers are wanted, where answers given on the way here say so."""
    values = visit.session.typed
    if not values:
        return ()
    wanted = visit.service.materials
    return tuple(one.name for one in wanted if one.only_if is None or one.only_if.holds(values))
