"""The service guide: what it needs, gives and excludes, before anything is asked."""

from __future__ import annotations

from config.service import Level, Service
from config.words import Words, same, words
from kiosk import means
from kiosk.availability import why_not
from kiosk.prompts import Guide, Way
from kiosk.visit import Visit


async def guide(visit: Visit) -> None:
    """Shows the guide until *start* is touched; the action is greyed while the service cannot run."""
    service, told = visit.service, visit.service.guide
    for_somebody = Way("agent", words("identify.agent_way"), "user-group")
    chosen = await visit.choose(
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
                *_who_may(service),
            ),
            action=words("journey.start"),
            ways=(for_somebody,) if service.agents else (),
            blocked=why_not(
                service, visit.backstage.devices, visit.backstage.now(), visit.backstage.platform_open()
            )
            or means.none_here(visit),
        )
    )
    _note_acting(visit, chosen == "agent")


def _who_may(service: Service) -> tuple[tuple[Words, Words], ...]:
    """Whether somebody else may come in his place; where nobody is asked who he is, that needs no words."""
    if service.level is Level.NONE:
        return ()
    told = "identify.for_others" if service.agents else "identify.in_person"
    return ((words("identify.who_may"), words(told)),)


def _note_acting(visit: Visit, acting: bool) -> None:
    """For himself, or for somebody else: whoever changes his mind says anew who he is."""
    agent = visit.session.agent
    if acting != visit.session.acting or (agent is not None and agent.service != visit.service.id):
        visit.session.forget_person()
    visit.session.acting = acting


def _papers(visit: Visit) -> tuple[Words, ...]:
    """Exactly what papers are wanted, where answers given on the way here say so."""
    values = visit.session.typed
    if not values:
        return ()
    wanted = visit.service.materials
    return tuple(one.name for one in wanted if one.only_if is None or one.only_if.holds(values))
