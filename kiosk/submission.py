"""What goes to the platform: everything that the visit has gathered, and nothing besides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from config.identity_api import AgentClaim
from config.platform_api import Submission
from kiosk import brought
from kiosk.platform import Platform
from kiosk.session import Agent
from kiosk.visit import Visit


def submission(visit: Visit) -> Submission:
    """The visit's submission; the pages under the camera are named once they are stored."""
    session, wanted = visit.session, brought.wanted(visit)
    had = {one.key: session.had[one.key] for one in wanted if one.key in session.had}
    return Submission(
        service=visit.service.id,
        terminal=visit.backstage.settings.identity.kiosk,
        subject=session.subject.subject if session.subject else None,
        means=session.means,
        staff=session.staff,
        agent=_agent(session.agent),
        values=dict(session.values),
        materials={key: one.handles for key, one in had.items() if one.source == "upload"},
        cited={key: one.certificate for key, one in had.items() if one.source == "certificate"},
        waived=tuple(key for key, one in had.items() if one.source in ("data", "office")),
        later=tuple(key for key, one in had.items() if one.source == "later"),
        letters=dict(session.letters),
        handover=session.handover,
        payment=session.payment,
        signature=session.signature,
        submitted_at=datetime.now(UTC),
    )


def _agent(agent: Agent | None) -> AgentClaim | None:
    if agent is None:
        return None
    return AgentClaim(subject=agent.handle, authorisation=agent.authorisation, mode=agent.mode)


def pages(visit: Visit) -> dict[str, tuple[bytes, ...]]:
    """The pages that were laid under the camera, by material."""
    session = visit.session
    keys = {one.key for one in brought.wanted(visit)}
    keys -= {key for key, one in session.had.items() if one.source != "scan"}
    return {key: taken for key, taken in session.pages.items() if key in keys}


async def stored(
    platform: Platform, subject: str | None, pages: Mapping[str, tuple[bytes, ...]]
) -> dict[str, tuple[str, ...]]:
    """Leaves pages with the platform; their handles by material. Those of nothing filed are thrown away
    there. PlatformError."""
    handles: dict[str, tuple[str, ...]] = {}
    for material, taken in pages.items():
        handles[material] = tuple([await platform.store_material(subject, page) for page in taken])
    return handles
