"""The doctor beside a running terminal: what it was started without, cannot know, and while it starts."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings, Settings
from config.words import words
from kiosk import control, doctor
from kiosk.control import Control, obeying
from kiosk.doctor import running
from kiosk.readiness.finding import Finding
from tests.kiosk.small_visit import Script, backstage, settings

SCANNER = DeviceSettings(kind=Kind.CODE_SCANNER, driver="code_scanner_keyboard")
STARTED = {"code_scanner": SCANNER}


@asynccontextmanager
async def terminal(folder: Path, serving: bool = False) -> AsyncIterator[Control]:
    """One that was started with a scanner alone, and does not listen yet."""
    async with backstage(folder, Script(), STARTED) as parts:
        parts.devices.start()
        control = Control(folder, obeying(parts, lambda: serving))
        try:
            yield control
        finally:
            await control.close()
            await parts.devices.close()


async def examined(told: Settings) -> dict[str, Finding]:
    """What the doctor says, who has read the settings as they are now."""
    found = await asyncio.to_thread(lambda: list(doctor.examine(told, only=tuple(told.devices))))
    return {one.name: one for one in found}


def test_a_device_that_was_written_after_the_start_is_told_so_and_waits_for_nothing(tmp_path: Path) -> None:
    camera = DeviceSettings(kind=Kind.PERSON_CAMERA, driver="camera", port="/dev/video0")
    now = settings(tmp_path, {**STARTED, "person_camera": camera})

    async def run() -> dict[str, Finding]:
        async with terminal(tmp_path) as socket:
            await socket.start()
            return await examined(now)

    found = asyncio.run(run())
    assert found["code_scanner"].ready
    late = found["person_camera"]
    assert (late.ready, late.codes) == (False, ("device_not_loaded",))
    assert "重新启动终端" in late.remedies[0].zh and "start it again" in late.remedies[0].en
    assert "/dev/video0" in late.tried.zh and late.found == words("doctor.not_loaded")


@pytest.mark.parametrize(
    ("name", "wrong", "said"),
    [
        ("new", DeviceSettings(kind=Kind.LOCKER, driver="locker_8b"), "no driver locker_8b"),
        ("new", DeviceSettings(kind=Kind.LOCKER, driver="camera"), "serves person_camera"),
        (
            "code_scanner",
            DeviceSettings(kind=Kind.CODE_SCANNER, driver=SCANNER.driver, options={"sufix": ""}),
            "no option sufix",
        ),
    ],
    ids=["a driver", "a kind", "an option of one that runs well"],
)
def test_what_is_misspelt_since_the_start_is_told_from_the_settings(
    tmp_path: Path, name: str, wrong: DeviceSettings, said: str
) -> None:
    async def run() -> Finding:
        async with terminal(tmp_path) as socket:
            await socket.start()
            return (await examined(settings(tmp_path, {name: wrong})))[name]

    one = asyncio.run(run())
    assert (one.ready, one.codes) == (False, ("device_misconfigured",))
    assert said in one.found.zh and said in one.found.en


@pytest.mark.parametrize("listens", [True, False], ids=["it listens soon", "it does not"])
def test_a_terminal_that_still_starts_is_waited_for_and_never_said_to_serve_somebody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listens: bool
) -> None:
    monkeypatch.setattr(running, "START_SECONDS", 60.0 if listens else 0.3)
    asked = threading.Event()

    def ask(folder: Path, wanted: control.Asked, seconds: float) -> control.Answer | None:
        answer = real(folder, wanted, seconds)
        asked.set()
        return answer

    real = control.ask
    monkeypatch.setattr("kiosk.control.ask", ask)

    async def run() -> Finding:
        async with terminal(tmp_path) as socket:
            looking = asyncio.create_task(examined(settings(tmp_path, STARTED)))
            assert await asyncio.to_thread(asked.wait, 60)
            if listens:
                await socket.start()
            return (await looking)["code_scanner"]

    one = asyncio.run(run())
    assert one.ready is listens
    assert one.untried != words("doctor.serving")
    assert (one.untried == words("doctor.no_answer")) is not listens


def test_while_somebody_is_served_that_is_what_is_said(tmp_path: Path) -> None:
    async def run() -> Finding:
        async with terminal(tmp_path, serving=True) as socket:
            await socket.start()
            return (await examined(settings(tmp_path, STARTED)))["code_scanner"]

    assert asyncio.run(run()).untried == words("doctor.serving")
