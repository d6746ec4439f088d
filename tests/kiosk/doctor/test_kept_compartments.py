"""Doors opened by the doctor: never one of a compartment in which a citizen's papers may lie."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings, Settings
from config.words import words
from drivers.virtual.locker import LOCKS, VirtualLocker
from kiosk import doctor
from kiosk.control import Control, obeying
from kiosk.data import originals
from kiosk.data.store import FILE
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed
from tests.kiosk.small_visit import Script, backstage, settings

KEPT = (3, 7)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualLocker]:
    made = VirtualLocker(tmp_path / "locker", pulse=0.01)
    made.start()
    try:
        yield made
    finally:
        made.stop()


def told(folder: Path) -> Settings:
    options = {"locks": [LOCKS], "timeout": 8.0, "open_timeout": 8.0}  # a busy machine is no fault
    one = DeviceSettings(
        kind=Kind.LOCKER, driver="locker_8a", port=str(folder / "locker"), options=options, poll_seconds=0.1
    )
    return settings(folder / "terminal", {"locker": one})


def examined(settings: Settings) -> Finding:
    (one,) = doctor.examine(settings, Allowed(doors=True), only=("locker",))
    return one


def shut(bench: VirtualLocker) -> list[int]:
    doors = bench.state()["doors"]
    assert isinstance(doors, dict)
    return [int(number) for number, stands in doors.items() if stands == "closed"]


@pytest.mark.parametrize("runs", [True, False], ids=["the terminal runs", "it does not run"])
def test_doors_open_but_those_behind_which_a_citizens_papers_may_lie_and_that_is_said(
    tmp_path: Path, bench: VirtualLocker, runs: bool
) -> None:
    here = told(tmp_path)

    async def put_by() -> Finding | None:
        async with backstage(here.data, Script(), here.devices) as parts:
            for number in KEPT:
                await originals.put_by(parts.ledger, number)
            if not runs:
                return None
            parts.devices.start()
            control = Control(here.data, obeying(parts, lambda: False))
            await control.start()
            try:
                return await asyncio.to_thread(examined, here)
            finally:
                await control.close()
                await parts.devices.close()

    found = asyncio.run(put_by()) or examined(here)
    assert found.ready and found.untried == words("doctor.untried_kept", doors="3, 7")
    assert shut(bench) == list(KEPT)
    assert bench.state()["openings"] == LOCKS - len(KEPT)


def test_where_nobody_can_tell_whose_papers_lie_there_nothing_is_opened(
    tmp_path: Path, bench: VirtualLocker
) -> None:
    here = told(tmp_path)
    here.data.mkdir()
    (here.data / FILE).write_bytes(b"the disk has damaged it" * 100)
    found = examined(here)
    assert found.untried is not None and "12" in found.untried.zh
    assert len(shut(bench)) == LOCKS and bench.state()["openings"] == 0


def test_a_machine_that_never_ran_holds_nobodys_papers(tmp_path: Path, bench: VirtualLocker) -> None:
    assert examined(told(tmp_path)).untried is None
    assert shut(bench) == []
