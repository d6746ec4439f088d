"""From the desk's store to a real terminal and back: dispatched, obeyed, filed; nobody's voice is played."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from hall import commands, configuration
from hall import settings as hall_settings
from hall.data import reading, store
from hall.scheduler import incidents
from kiosk import prompts as p
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import serve_one
from tests.journeys.hall import Hall, until


@contextmanager
def hall_store(hall: Hall) -> Iterator[Engine]:
    """The store that the hall's own processes work on."""
    engine = store.open_store(hall_settings.load(hall.folder / "hall.toml"))
    try:
        yield engine
    finally:
        engine.dispose()


def test_what_the_desk_wants_is_done_by_the_terminal_and_stands_at_the_desk(hall: Hall, kiosk: str) -> None:
    settings = hall.settings(kiosk)
    path = f"{settings.identity.area}/{settings.identity.hall}/{kiosk}"
    nobody = Citizen(hall, visits=0)
    with hall_store(hall) as engine:

        def ask(what: Callable[[Connection], object]) -> object:
            with engine.connect() as tx:
                return what(tx)

        def give(name: str, **arguments: str | int) -> str:
            with engine.begin() as tx:
                now = int(time.time() * 1000)
                return str(commands.give(tx, "officer", path, name, arguments, now)["id"])

        def ended(id: str) -> reading.Row:
            def over(tx: Connection) -> reading.Row | None:
                row = commands.one(tx, id)
                return row if row and row["state"] not in commands.OPEN else None

            found = until(lambda: ask(over), why=f"the command {id} never ended")
            assert isinstance(found, dict)
            return found

        def standing() -> dict[str, str]:
            with engine.connect() as tx:
                return {line.name: line.state for line in configuration.lines(configuration.of(tx, path))}

        def act() -> None:
            until(lambda: ask(lambda tx: [t for t in reading.terminals(tx, path) if t["online"]]))
            until(lambda: nobody.trail and isinstance(nobody.trail[-1], p.Home))
            report = ended(give("readiness_report"))
            assert (report["state"], report["code"]) == ("done", "")
            text = str(ask(lambda tx: commands.file_of(tx, report).decode()))
            assert "receipt_printer" in text or "receipt printer" in text.lower(), text[:500]
            wrong = ended(give("test_device", device="none_such"))
            assert wrong["state"] == "failed" and wrong["code"]

            lock = ended(give("lock", notice_zh="检修", notice_en="Repairs"))
            assert lock["state"] == "done"
            until(lambda: isinstance(nobody.trail[-1], p.OutOfService), why="it is locked")
            assert ended(give("unlock"))["state"] == "done"

            with engine.begin() as tx:
                configuration.want(tx, "officer", path, {"idle_seconds": 90}, int(time.time() * 1000))
            until(lambda: standing()["idle_seconds"] == "set", why="the terminal never said that it is set")

            hall.act("receipt_printer", "unplug")
            until(lambda: _shown(engine, hall, path), why="nobody was told of the printer")
            hall.act("receipt_printer", "plug")
            until(lambda: not _shown(engine, hall, path), why="its incident never cleared")

        async def run() -> None:
            nobody.finished.set()
            await serve_one(settings, nobody, 200.0, act)

        asyncio.run(run())
        # Where the other terminals of this hall are off too, it is the whole hall.
        gone = {("off", path), ("hall_dark", "")}
        until(lambda: gone & set(_open(engine, hall)), 90, why="a terminal that is gone needs somebody")


def _shown(engine: Engine, hall: Hall, path: str) -> list[str]:
    """What needs somebody at the terminal's receipt printer."""
    return [code for code, where in _open(engine, hall) if where == path and code != "off"]


def _open(engine: Engine, hall: Hall) -> list[tuple[str, str]]:
    told = hall_settings.load(hall.folder / "hall.toml")
    with engine.connect() as tx:
        rows = incidents.shown(tx, told, int(time.time() * 1000), None)
    return [(row["code"], row["terminal"]) for row in rows]
