"""One hall for all journeys; each test has a terminal of its own, and the bench as it was when new."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from config.catalogue_files import load_catalogue
from config.settings import Settings
from kiosk import terminal
from tests.journeys.citizen import Citizen
from tests.journeys.hall import Hall, open_hall, until

Play = Callable[..., Settings]


@pytest.fixture(scope="session")
def the_hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    with open_hall(tmp_path_factory.mktemp("hall")) as hall:
        yield hall


@pytest.fixture
def hall(the_hall: Hall) -> Iterator[Hall]:
    yield the_hall
    tidy(the_hall)


@pytest.fixture
def kiosk(request: pytest.FixtureRequest) -> str:
    """A name for this test's terminal."""
    return f"K{abs(hash(request.node.nodeid)) % 10**8}"


@pytest.fixture
def play(hall: Hall, kiosk: str) -> Play:
    """Runs a terminal until its citizen has finished; returns its settings."""

    def run(citizen: Citizen, seconds: float = 200.0, after: Any = None, **changes: Any) -> Settings:
        settings = hall.settings(kiosk, **changes)
        asyncio.run(serve_one(settings, citizen, seconds, after))
        return settings

    return run


async def serve_one(settings: Settings, citizen: Citizen, seconds: float, after: Any = None) -> None:
    """The terminal's core with this citizen, until he has finished and `after()` has returned."""
    core = asyncio.create_task(terminal.serve(settings, load_catalogue(settings.catalogue), citizen))
    finished = asyncio.create_task(citizen.finished.wait())
    try:
        await asyncio.wait({core, finished}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if core.done():
            await core
        assert finished.done(), f"not finished in {seconds} s; the trail is {citizen.pages}"
        if after is not None:
            await asyncio.to_thread(after)
    finally:
        finished.cancel()
        core.cancel()
        await asyncio.gather(core, return_exceptions=True)


def tidy(hall: Hall) -> None:
    """Everything at the bench as it was, and all servers up."""
    for name, child in hall.children.items():
        if not child.running:
            child.restart(60)
        del name
    hall.act("id_card_reader", "plug")
    hall.act("id_card_reader", "take")
    hall.act("code_scanner", "plug")
    hall.act("io_board", "plug")
    hall.act("io_board", "repair")
    hall.act("person_camera", "plug")
    hall.act("document_camera", "plug")
    hall.act("person_camera", "uncover")
    hall.act("person_camera", "show", who="nobody")
    for device in ("receipt_printer", "a4_printer"):
        hall.act(device, "plug")
        hall.act(device, "close_cover")
        hall.act(device, "refill")
    # A page still under way would lie in the next test's tray.
    until(lambda: not hall.state()["a4_printer"]["printing"], why="the A4 printer never came to rest")
