"""Receives one citizen after another: home, theme, service, goodbye.

A session is one task. Home, time-out and errors end it; what is
known of the person is one object, which is wiped when it ends.
"""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from config.identifiers import uuid7
from config.service import Service
from config.words import Words, words
from kiosk.availability import why_not
from kiosk.backstage import Backstage
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.journey import play
from kiosk.prompts import ChooseService, Chosen, Goodbye, Home, Option, Place, Tile, Trouble
from kiosk.referral import refer
from kiosk.session import IdleClock, Outcome, Session
from kiosk.stage import GoBack, GoHome, ask_or
from kiosk.trouble import trouble
from kiosk.visit import Leave, Visit
from mqtt.messages import SessionEnded, SessionStarted

AT_HOME = Place(back=False, home=False)
NOTICE_SECONDS = 1.0
SORRY_SECONDS = 20.0
_log = structlog.get_logger("kiosk.reception")


async def receive(backstage: Backstage, health: Health, doors: Doors) -> None:
    """Serves until cancelled. An error of one session ends that session, not the terminal."""
    while True:
        await _wait_for_opening(backstage, doors)
        theme = await _home(backstage, health, doors)
        if theme is not None and doors.closed() is None:
            with health.session():
                await _serve(backstage, health, theme)


async def _wait_for_opening(backstage: Backstage, doors: Doors) -> None:
    """While nobody is received the page says why, and goes by itself."""
    while (closed := doors.closed()) is not None:
        backstage.stage.show(closed, AT_HOME)
        await doors.other_than(closed)


async def _home(backstage: Backstage, health: Health, doors: Doors) -> int | None:
    """The theme that somebody touched; None when the doors were closed instead. Nobody is known yet, and no
    clock runs."""

    def page() -> Home:
        if backstage.coming is not None:
            backstage.catalogue, backstage.coming = backstage.coming, None
        catalogue = backstage.catalogue
        tiles = tuple(
            Tile(str(theme.number), theme.name, theme.icon, len(catalogue.under(theme.number)))
            for theme in catalogue.themes
        )
        notice = None if health.platform_open else words("journey.home_notice")
        return Home(tiles, backstage.settings.identity.hall_name, notice)

    keeping = asyncio.ensure_future(_keep_true(backstage, page, AT_HOME))
    try:
        answer = await ask_or(backstage.stage, page(), AT_HOME, doors.other_than(None))
    except (GoBack, GoHome):
        return None
    finally:
        keeping.cancel()
    return int(answer.value) if isinstance(answer, Chosen) else None


async def _keep_true(backstage: Backstage, page: Callable[[], Home | ChooseService], place: Place) -> None:
    """An outage comes and goes, a device wakes, while nobody touches the page: what it says goes with it."""
    told = page()
    while True:
        await asyncio.sleep(NOTICE_SECONDS)
        if (now := page()) != told:
            told = now
            backstage.stage.show(told, place)


async def _serve(backstage: Backstage, health: Health, theme: int) -> None:
    """One session, from the first touch to goodbye."""
    session, clock = Session(uuid7()), IdleClock(backstage.settings.session)
    reminders: list[Words] = []
    backstage.stage.on_touch(clock.touch)
    await backstage.ledger.tell(session.id, SessionStarted(session.id))
    journey = asyncio.ensure_future(_choose_and_play(backstage, health, session, clock, theme, reminders))
    expiry = asyncio.ensure_future(clock.expired(backstage.stage))
    try:
        await asyncio.wait({journey, expiry}, return_when=asyncio.FIRST_COMPLETED)
        said_goodbye = journey.done() and session.outcome is Outcome.COMPLETED
    finally:
        broken = await _end(backstage, session, journey, expiry)
    if broken:
        sorry = trouble("terminal_internal", backstage.settings, "home")
        await _for_a_while(backstage, sorry, SORRY_SECONDS)
    elif said_goodbye or reminders:
        thanks = Goodbye(words("journey.thanks"), tuple(reminders))
        await _for_a_while(backstage, thanks, thanks.seconds)


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
            "session failed", session=session.id, error=type(error).__name__, where=_where(error)
        )  # no text: it may be personal
    session.wipe()
    ended = SessionEnded(
        session.id, session.outcome, session.service, int(time.monotonic() - session.started)
    )
    await backstage.ledger.tell(session.id, ended)
    return isinstance(error, Exception)


def _where(error: BaseException) -> str:
    """File and line of the deepest frame."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


async def _choose_and_play(
    backstage: Backstage,
    health: Health,
    session: Session,
    clock: IdleClock,
    theme: int,
    reminders: list[Words],
) -> None:
    """Theme → service → its journey, and back to the theme when the citizen steps out of the guide."""
    try:
        while True:
            service = await _choose_service(backstage, health, theme)
            session.service = service.id
            visit = Visit(service, session, clock, backstage, reminders=reminders)
            try:
                await play(visit)
                return
            except GoBack:
                session.forget_request()
            except Leave as leaving:
                session.outcome = leaving.outcome
                if leaving.outcome is Outcome.REFERRED:
                    await refer(visit, leaving.why)
                return
    except (GoBack, GoHome):
        return


async def _choose_service(backstage: Backstage, health: Health, theme: int) -> Service:
    services = backstage.catalogue.under(theme)
    name = next(t.name for t in backstage.catalogue.themes if t.number == theme)
    place = Place(name, back=False, home=True)

    def page() -> ChooseService:
        now, platform_open = datetime.now(), health.platform_open
        reasons = {s.id: why_not(s, backstage.devices, now, platform_open) for s in services}
        return ChooseService(
            name, tuple(Option(s.id, s.name, s.guide.summary, reasons[s.id]) for s in services)
        )

    keeping = asyncio.ensure_future(_keep_true(backstage, page, place))
    try:
        answer = await backstage.stage.ask(page(), place)
    finally:
        keeping.cancel()
    assert isinstance(answer, Chosen)
    return backstage.catalogue.services[answer.value]


async def _for_a_while(backstage: Backstage, page: Goodbye | Trouble, seconds: float) -> None:
    """A last page: any touch ends it, or its own few seconds."""
    try:
        async with asyncio.timeout(seconds):
            await backstage.stage.ask(page, AT_HOME)
    except (TimeoutError, GoBack, GoHome):
        return
