"""For whom does the agent act? The principal lays his card and signs here, or has authorised him before."""

from __future__ import annotations

from config.devices import Kind
from config.identity_api import Authorisation, NewAuthorisation, Subject
from config.service import AgentMode
from config.strokes import Strokes
from config.words import Words, same, words
from kiosk.app_holder import AppHolder, Holder
from kiosk.devices.devices import Devices
from kiosk.masked import masked_name
from kiosk.pads import answer_of
from kiosk.platform import PlatformError
from kiosk.prompts import ChooseOne, Option, Sign, Signed
from kiosk.session import Agent
from kiosk.stage import GoBack
from kiosk.steps.identify import check_eligible, who
from kiosk.visit import Visit

MOST = 8  # authorisations on one page, the soonest to end first


async def act_for(visit: Visit) -> None:
    """From here on the session's person and subject are the principal's, and the agent stands in `agent`."""
    session = visit.session
    agent, handle = session.person, session.subject
    assert agent is not None and handle is not None
    number, mode = await _authorisation(visit, agent, handle)
    try:
        principal = await visit.backstage.platform.act_for(number, handle.subject)
    except PlatformError as error:
        await visit.tell_refusal(error, "back", "window", "home")
        raise GoBack from None
    person = AppHolder(principal.name, principal.number, principal.birth, "principal")
    await check_eligible(visit, person)
    session.agent = Agent(agent.name, handle.subject, number, mode, visit.service.id)
    session.person, session.subject = person, principal.subject


async def _authorisation(visit: Visit, agent: Holder, handle: Subject) -> tuple[str, AgentMode]:
    """The number and mode of one that lets him act in this service. Raises GoBack."""
    here, before = "assist" in visit.service.agents, set(visit.service.agents) - {"assist"}
    while True:
        way = "assist" if here else "authorised"
        if here and before:
            options = tuple(
                Option(one, words(f"identify.agent_{one}"), words(f"identify.agent_{one}_note"))
                for one in ("assist", "authorised")
            )
            way = await visit.choose(ChooseOne(words("identify.agent_question"), options))
        try:
            if way == "assist":
                return await _signed_here(visit, agent, handle), "assist"
            return await _made_before(visit, handle)
        except GoBack:
            if not (here and before):
                raise


# ── the principal is here ───────────────────────────────────────────────────
async def _signed_here(visit: Visit, agent: Holder, handle: Subject) -> str:
    """The number of an authorisation that is good for this service and this day."""
    principal = await who(visit, words("identify.lay_principal"))
    today = visit.backstage.today()
    signature = await _ink(
        visit,
        (
            words("identify.sign_who", principal=same(principal.person.name), agent=masked_name(agent.name)),
            words("identify.sign_scope", service=visit.service.name),
            words("identify.sign_until", day=same(today.isoformat())),
        ),
    )
    new = NewAuthorisation(
        principal=principal.subject.subject,
        agent=handle.subject,
        mode="assist",
        services=(visit.service.id,),
        until=today,
        signature=signature,
    )
    try:
        return (await visit.backstage.platform.authorise(new)).number
    except PlatformError as error:
        await visit.tell_refusal(error, "back", "window", "home")
        raise GoBack from None


async def _ink(visit: Visit, text: tuple[Words, ...]) -> str:
    devices: Devices = visit.backstage.devices
    problem: Words | None = None
    while True:
        page = Sign(words("identify.sign_question"), text, words("journey.sign_action"), problem)
        answer = await visit.ask_or(page, answer_of(devices, Kind.SIGNATURE_PAD, "sign"))
        strokes = answer.strokes if isinstance(answer, Signed) else answer
        assert isinstance(strokes, Strokes)
        if strokes.enough:
            return strokes.svg_path()
        problem = words("journey.sign_more")


# ── the principal has authorised him before ─────────────────────────────────
async def _made_before(visit: Visit, handle: Subject) -> tuple[str, AgentMode]:
    """One of those in force, chosen; without any it is told how to get one. Raises GoBack."""
    items = await _in_force(visit, handle)
    if not items:
        await visit.tell_trouble("agent_unauthorised", "window", "back", "home")
    options = tuple(
        Option(
            one.number,
            same(one.principal),
            words("identify.authorisation_note", until=one.until.isoformat(), number=one.number),
        )
        for one in items[:MOST]
    )
    chosen = await visit.choose(ChooseOne(words("identify.choose_authorisation"), options))
    return next((one.number, one.mode) for one in items if one.number == chosen)


async def _in_force(visit: Visit, handle: Subject) -> tuple[Authorisation, ...]:
    while True:
        try:
            return (await visit.backstage.platform.authorisations(handle.subject, visit.service.id)).items
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "home")
