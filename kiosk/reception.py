"""Receives one citizen after another: home, a way in, service, goodbye; and between two of them a technician.

A session is one task. Home, time-out and errors end it; what is
known of the person is one object, which is wiped when it ends.

What a visit, a technician or an examination runs through is imported behind the home page (`get_ready`),
which stands a fifth of a second sooner; who comes before that has it imported on the way.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from typing import TYPE_CHECKING

import structlog

from config.identifiers import uuid7
from config.words import Words, words
from kiosk.backstage import Backstage
from kiosk.data.store import StoreError
from kiosk.data.vault import VaultError
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.log_file import place_of
from kiosk.prompts import Chosen, Goodbye, Home, OutOfService, Place, Trouble
from kiosk.session import IdleClock, Outcome, Session
from kiosk.stage import GoBack, GoHome, ask_or
from kiosk.technician.workshop import Workshop
from kiosk.trouble import trouble
from kiosk.visit import Elsewhere, Leave, Visit
from kiosk.ways_in import PROGRESS, RESUME, Begun, choose, home, keep_true
from mqtt.messages import SessionEnded, SessionStarted

if TYPE_CHECKING:
    from kiosk.resume import Going

AT_HOME = Place(back=False, home=False)
KEEP_SECONDS = 30.0  # for the question whether a form is to be kept, and its slip
SORRY_SECONDS = 20.0
_BEHIND_HOME = (
    "kiosk.journey",
    "kiosk.printing.referral",
    "kiosk.resume",
    "kiosk.technician.mode",
    "kiosk.doctor.within",
    "kiosk.readiness.examination",
)
_log = structlog.get_logger("kiosk.reception")


def get_ready() -> None:
    """Imports all that the first visit needs."""
    for name in _BEHIND_HOME:
        importlib.import_module(name)


async def receive(
    backstage: Backstage, health: Health, doors: Doors, workshop: Workshop | None = None
) -> None:
    """Serves until cancelled. An error of one session ends that session, not the terminal.

    Whoever makes the technician's gesture, while nobody is served, is asked who he is in the `workshop`.
    """
    knocked = workshop.knocked if workshop is not None else asyncio.Event()
    while True:
        await _wait_for_opening(backstage, doors, knocked)
        way = await _home(backstage, health, doors, knocked)
        if workshop is not None and knocked.is_set():
            from kiosk.technician.mode import attend

            await attend(workshop)
            knocked.clear()
        elif way is not None and doors.closed() is None:
            try:
                with health.session():
                    await _serve(backstage, way)
            except (StoreError, VaultError) as error:  # its detail may not be logged
                _log.error("failed", work="session", error=error.code)
                health.cannot_keep(error.code)


async def _wait_for_opening(backstage: Backstage, doors: Doors, knocked: asyncio.Event) -> None:
    """While nobody is received the page says why, and goes by itself, or for a technician."""
    while (closed := doors.closed()) is not None and not knocked.is_set():
        backstage.stage.show(closed, AT_HOME)
        await _news(doors, closed, knocked)


async def _news(doors: Doors, told: OutOfService | None, knocked: asyncio.Event) -> None:
    """Returns when the doors say something else than `told`, or a technician has knocked."""
    works = [asyncio.ensure_future(doors.other_than(told)), asyncio.ensure_future(knocked.wait())]
    try:
        await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for work in works:
            work.cancel()
        await asyncio.gather(*works, return_exceptions=True)


async def _home(backstage: Backstage, health: Health, doors: Doors, knocked: asyncio.Event) -> str | None:
    """The theme or the way in that somebody touched; None when the doors were closed instead, or a
    technician came. Nobody is known yet, and no clock runs."""
    if knocked.is_set():
        return None

    told: tuple[object, Home] | None = None

    def page() -> Home:
        nonlocal told
        if backstage.coming is not None:
            backstage.catalogue, backstage.coming = backstage.coming, None
        truth = (backstage.catalogue, backstage.settings, health.platform_open)
        if told is None or told[0] != truth:  # asked each second, and nearly always nothing has changed
            told = truth, home(backstage, health.platform_open)
        return told[1]

    keeping = asyncio.ensure_future(keep_true(backstage, page, AT_HOME))
    try:
        answer = await ask_or(backstage.stage, page(), AT_HOME, _news(doors, None, knocked))
    except (GoBack, GoHome):
        return None
    finally:
        keeping.cancel()
    return answer.value if isinstance(answer, Chosen) else None


async def _serve(backstage: Backstage, way: str) -> None:
    """One session, from the first touch to goodbye."""
    session, clock = Session(uuid7()), IdleClock(backstage.settings.session)
    reminders: list[Words] = []
    backstage.stage.on_touch(clock.touch)
    await backstage.ledger.tell(session.id, SessionStarted(session.id))
    journey = asyncio.ensure_future(_choose_and_play(backstage, session, clock, way, reminders))
    expiry = asyncio.ensure_future(clock.expired(backstage.stage))
    try:
        await asyncio.wait({journey, expiry}, return_when=asyncio.FIRST_COMPLETED)
        said_goodbye = journey.done() and session.outcome is Outcome.COMPLETED
        if not journey.done():
            await _offer_to_keep(backstage, session, journey)
    finally:
        broken = await _end(backstage, session, journey, expiry)
    if broken:
        sorry = trouble("terminal_internal", backstage.settings, "home")
        await _for_a_while(backstage, sorry, SORRY_SECONDS)
    elif said_goodbye or reminders:
        thanks = Goodbye(words("journey.thanks"), tuple(reminders))
        await _for_a_while(backstage, thanks, thanks.seconds)


async def _offer_to_keep(backstage: Backstage, session: Session, journey: asyncio.Future[None]) -> None:
    """Time is up with a form begun: a last question, whether it is to be kept. Nobody there: it is wiped."""
    if session.keeping is None or not session.typed or session.outcome is not Outcome.ABANDONED:
        return
    session.outcome = Outcome.TIMEOUT
    journey.cancel()
    await asyncio.gather(journey, return_exceptions=True)
    backstage.stage.warn(None)
    try:
        async with asyncio.timeout(KEEP_SECONDS):
            await session.keeping()
    except (TimeoutError, GoBack, GoHome, Leave):
        return
    except Exception as error:  # a full disk: this session is over in any case, the terminal is not
        session.outcome = Outcome.FAILED
        _log.error(
            "failed", work="keep", session=session.id, error=type(error).__name__, where=place_of(error)
        )


async def _end(
    backstage: Backstage,
    session: Session,
    journey: asyncio.Future[None],
    expiry: asyncio.Future[None],
) -> bool:
    """Ends asking, wipes the person, and tells how it went. True when a program error ended it."""
    timed_out = expiry.done() and not journey.done()
    for task in (journey, expiry):
        task.cancel()
    results = await asyncio.gather(journey, expiry, return_exceptions=True)
    backstage.stage.warn(None)
    backstage.face.forget()
    if timed_out and session.outcome is Outcome.ABANDONED:
        session.outcome = Outcome.TIMEOUT
    error = results[0]
    if isinstance(error, Exception):
        session.outcome = Outcome.FAILED
        _log.error(
            "session failed", session=session.id, error=type(error).__name__, where=place_of(error)
        )  # no text: it may be personal
    session.wipe()
    ended = SessionEnded(
        session.id, session.outcome, session.service, int(time.monotonic() - session.started)
    )
    await backstage.ledger.tell(session.id, ended)
    return isinstance(error, Exception)


async def _choose_and_play(
    backstage: Backstage, session: Session, clock: IdleClock, way: str, reminders: list[Words]
) -> None:
    """Way in → service → its journey, and back to the way in when the citizen steps out of the guide."""
    from kiosk.journey import play
    from kiosk.printing.referral import refer

    begun: Begun | None = None
    try:
        while True:
            going = await _going(backstage, session, clock, way, begun, reminders)
            visit, begun = going.visit, None
            session.service = visit.service.id
            try:
                await play(visit, going.steps)
                backstage.frequent.add(visit.service)
                await asyncio.to_thread(backstage.frequent.save)
                return
            except GoBack:
                session.forget_request()
                if way == PROGRESS:  # one service: there is nothing to choose again
                    return
            except Elsewhere as led:
                session.forget_request()
                begun = Begun(led.service)
            except Leave as leaving:
                session.outcome = leaving.outcome
                if leaving.outcome is Outcome.REFERRED:
                    await refer(visit, leaving.why)
                return
    except (GoBack, GoHome):
        return


async def _going(
    backstage: Backstage,
    session: Session,
    clock: IdleClock,
    way: str,
    begun: Begun | None,
    reminders: list[Words],
) -> Going:
    """What is played next: what was led to, what goes on from elsewhere, or what is chosen now."""
    from kiosk.resume import Going, resume

    if begun is None and way == RESUME:
        return await resume(backstage, session, clock, reminders)
    begun = begun or await choose(backstage, way)
    session.typed.update(begun.values)
    return Going(Visit(begun.service, session, clock, backstage, reminders=reminders))


async def _for_a_while(backstage: Backstage, page: Goodbye | Trouble, seconds: float) -> None:
    """A last page: any touch ends it, or its own few seconds."""
    try:
        async with asyncio.timeout(seconds):
            await backstage.stage.ask(page, AT_HOME)
    except (TimeoutError, GoBack, GoHome):
        return
