"""Who is received: nobody while it is locked, closed or at work; whoever is being served stays."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from config.words import Words
from kiosk import doors as doors_
from kiosk import journey
from kiosk.control import Answer, Maintenance, obeying
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.doors import Doors
from kiosk.health import Health
from kiosk.presence import Attendance
from kiosk.prompts import Chosen, Home, OutOfService, Place, Prompt
from kiosk.reception import receive
from kiosk.visit import Visit
from tests.kiosk.small_visit import PATH, Script, backstage

NOTICE = Words("设备检修", "Being repaired")


class Watched(Script):
    """A citizen who touches nothing unless told to; `page` is what is in view."""

    def __init__(self) -> None:
        super().__init__()
        self.touch: asyncio.Queue[Chosen] = asyncio.Queue()

    async def ask(self, prompt: Prompt, place: Place) -> Any:
        self.shown.append(prompt)
        return await self.touch.get()

    async def until(self, page: type) -> Any:
        async with asyncio.timeout(60):
            while not (self.shown and isinstance(self.shown[-1], page)):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.shown[-1]


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_, "LOOK_SECONDS", 0.02)


def test_a_locked_terminal_shows_its_notice_and_comes_home_by_itself(tmp_path: Path) -> None:
    async def play() -> None:
        stage = Watched()
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            now = datetime(2026, 11, 22, 10, 0)
            hours = "always"
            doors = Doors(parts.ledger, lambda: "12345", lambda: hours, lambda: now)
            serving = asyncio.ensure_future(receive(parts, health, doors))
            await stage.until(Home)
            await doors.lock(NOTICE)
            page = await stage.until(OutOfService)
            assert page.note == NOTICE and "12345" in page.call.en
            await doors.unlock()
            await stage.until(Home)

            with doors.held():
                assert (await stage.until(OutOfService)).note is None
            await stage.until(Home)

            hours = "11:00-12:00"
            assert "11:00–12:00，今天 11:00" in (await stage.until(OutOfService)).hours.zh
            now = datetime(2026, 11, 22, 11, 0)  # and then it is eleven
            await stage.until(Home)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(play())


def test_who_is_being_served_when_it_is_locked_is_served_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    async def play() -> None:
        stage = Watched()
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            doors = Doors(parts.ledger, lambda: "12345")

            async def service(visit: Visit, steps: object = None) -> None:
                await doors.lock(NOTICE)
                await asyncio.sleep(0.1)
                assert not any(isinstance(page, OutOfService) for page in stage.shown)
                ended.append(visit.service.id)

            monkeypatch.setattr(journey, "play", service)
            serving = asyncio.ensure_future(receive(parts, health, doors))
            await stage.until(Home)
            stage.touch.put_nowait(Chosen("1"))
            stage.touch.put_nowait(Chosen("SB01"))
            await stage.until(OutOfService)
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)

    asyncio.run(play())
    assert ended == ["SB01"]


def test_a_touch_in_the_very_moment_that_the_doors_shut_begins_no_session(tmp_path: Path) -> None:
    async def play() -> None:
        stage = Watched()
        async with backstage(tmp_path, stage) as parts:
            health = Health(parts.settings, stage, parts.devices, parts.platform, parts.ledger, lambda: 0)
            doors = Doors(parts.ledger, lambda: "12345")
            serving = asyncio.ensure_future(receive(parts, health, doors))
            await stage.until(Home)
            stage.touch.put_nowait(Chosen("1"))
            with doors.held():  # before reception has heard of the touch
                await stage.until(OutOfService)
                assert not health.serving
            serving.cancel()
            await asyncio.gather(serving, return_exceptions=True)
            assert parts.ledger.look(
                lambda read: read.execute("SELECT count(*) FROM journal").fetchone()
            ) == (0,)

    asyncio.run(play())


# ── the technician ──────────────────────────────────────────────────────────
class Board:
    """An I/O board whose cabinet door can be opened."""

    def __init__(self) -> None:
        self.faults: tuple[str, ...] = ()

    def open(self) -> None: ...
    def close(self) -> None: ...
    def status(self) -> DeviceState:
        return DeviceState(Availability.ONLINE, faults=self.faults)


def test_a_technician_is_there_while_the_cabinet_is_open_or_he_says_so(tmp_path: Path) -> None:
    board = Board()

    async def play() -> None:
        store = await asyncio.to_thread(Store, tmp_path)
        told = DeviceSettings(kind=Kind.IO_BOARD, driver="board", poll_seconds=0.02)
        devices = Devices({"io_board": told}, lambda _: board)
        ledger = Ledger(store, Vault(tmp_path), PATH)
        there = Attendance(devices, ledger, lambda: True)
        devices.start()
        try:
            assert there.first(("citizen", "technician")) == "citizen"
            async with asyncio.timeout(60):
                board.faults = ("io_metal_detected", "io_cabinet_open")
                while there.first(("citizen", "technician")) != "technician":  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
                assert there.first(("citizen",)) == "citizen"
                board.faults = ()
                while there.technician:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
            await there.maintain(True)
            assert Attendance(devices, ledger, lambda: False).technician, "a restart does not end it"
            await there.maintain(False)
            assert not Attendance(devices, ledger, lambda: False).technician
        finally:
            await devices.close()
            await asyncio.to_thread(store.close)

    asyncio.run(play())


def test_he_says_so_at_the_terminals_own_socket(tmp_path: Path) -> None:
    said: list[bool] = []

    async def maintain(begins: bool) -> None:
        said.append(begins)

    async def play() -> None:
        async with backstage(tmp_path, Script()) as parts:
            obey = obeying(parts, lambda: True, maintain)
            assert await obey(Maintenance(True)) == Answer()
            assert await obey(Maintenance(False)) == Answer()

    asyncio.run(play())
    assert said == [True, False]
