"""How a citizen comes to a service: by its theme, by search, by questions, by what is often asked for."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from config.catalogue_files import Catalogue
from config.service import Service
from config.words import Words, words
from kiosk.availability import why_not
from kiosk.backstage import Backstage
from kiosk.in_step import to_next
from kiosk.prompts import ChooseService, Chosen, Find, Home, Option, Place, Prompt, Tile, Way
from kiosk.search import entries
from kiosk.steps.questions import ask_questions

NOTICE_SECONDS = 1.0  # until a page tells that an outage or a device has come or gone
SEARCH, QUESTIONS, PROGRESS, RESUME, FREQUENT = "search", "questions", "progress", "resume", "frequent"
PROGRESS_SERVICE = "ZH02"


@dataclass(frozen=True)
class Begun:
    """What somebody came to, and what of its form he has said on the way."""

    service: Service
    values: Mapping[str, str] = field(default_factory=dict)


def offered(catalogue: Catalogue) -> tuple[Service, ...]:
    """The services that have a tile here: those planned are not shown, nor those only had in a bundle."""
    return tuple(one for one in catalogue.services.values() if one.listed and one.status != "planned")


def home(backstage: Backstage, platform_open: bool) -> Home:
    """The home page as it is true now."""
    catalogue = backstage.catalogue
    here = offered(catalogue)
    notice = None if platform_open else words("journey.home_notice")
    ways = ways_of(catalogue, bool(backstage.frequent.first(here)))
    return Home(tiles_of(catalogue), backstage.settings.identity.hall_name, notice, ways)


def tiles_of(catalogue: Catalogue) -> tuple[Tile, ...]:
    """A tile for each theme, with how many services stand behind it."""
    count = Counter(service.theme for service in offered(catalogue))
    return tuple(Tile(str(t.number), t.name, t.icon, count[t.number]) for t in catalogue.themes)


def ways_of(catalogue: Catalogue, frequent: bool) -> tuple[Way, ...]:
    """The ways beside the themes; `frequent`: something has been asked for here often enough."""
    here = offered(catalogue)
    there = (
        (SEARCH, "magnifying-glass", bool(here)),
        (QUESTIONS, "circle-question", bool(catalogue.questions)),
        (FREQUENT, "star", frequent),
        (PROGRESS, "list-check", PROGRESS_SERVICE in catalogue.services),
        (RESUME, "mobile-screen", bool(here)),
    )
    return tuple(Way(value, words(f"ways.{value}"), icon) for value, icon, is_there in there if is_there)


async def choose(backstage: Backstage, way: str) -> Begun:
    """The service that somebody comes to by this way: a theme's number, or a way of `home`.

    Raises GoBack or GoHome.
    """
    catalogue = backstage.catalogue
    if way == PROGRESS:
        return Begun(catalogue.services[PROGRESS_SERVICE])
    if way == QUESTIONS:
        id, values = await ask_questions(backstage.stage, catalogue, reasons(backstage, offered(catalogue)))
        return Begun(catalogue.services[id], values)
    if way == SEARCH:
        return await _find(backstage)
    if way == FREQUENT:
        title, services = words("ways.frequent"), backstage.frequent.first(offered(catalogue))
    else:
        title = next(theme.name for theme in catalogue.themes if str(theme.number) == way)
        services = tuple(sorted((s for s in offered(catalogue) if str(s.theme) == way), key=lambda s: s.id))
    return await _one_of(backstage, title, lambda: _list(backstage, title, services))


def reasons(backstage: Backstage, services: Iterable[Service]) -> dict[str, Words | None]:
    """Why each cannot start now; None when it can."""
    now, is_open = backstage.now(), backstage.platform_open()
    return {service.id: why_not(service, backstage.devices, now, is_open) for service in services}


async def _find(backstage: Backstage) -> Begun:
    here = offered(backstage.catalogue)
    found = await asyncio.to_thread(entries, backstage.catalogue, here)

    def page() -> Find:
        why = reasons(backstage, here)
        return Find(words("ways.find"), tuple(replace(one, reason=why[one.value]) for one in found))

    return await _one_of(backstage, words("ways.search"), page)


def _list(backstage: Backstage, title: Words, services: tuple[Service, ...]) -> ChooseService:
    why = reasons(backstage, services)
    return ChooseService(title, tuple(Option(s.id, s.name, s.guide.summary, why[s.id]) for s in services))


async def _one_of(backstage: Backstage, title: Words, page: Callable[[], Prompt]) -> Begun:
    place = Place(title, back=False, home=True)
    keeping = asyncio.ensure_future(keep_true(backstage, page, place))
    try:
        answer = await backstage.stage.ask(page(), place)
    finally:
        keeping.cancel()
    assert isinstance(answer, Chosen)
    return Begun(backstage.catalogue.services[answer.value])


async def keep_true(backstage: Backstage, page: Callable[[], Prompt], place: Place) -> None:
    """An outage comes and goes, a device wakes, while nobody touches the page: what it says goes with it."""
    told = page()
    while True:
        await asyncio.sleep(to_next(NOTICE_SECONDS))
        if (now := page()) != told:
            told = now
            backstage.stage.show(told, place)
