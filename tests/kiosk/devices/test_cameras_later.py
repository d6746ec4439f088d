"""Given a terminal that starts, then its cameras open a little later than all else."""

from __future__ import annotations

import asyncio

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from tests.kiosk.devices.test_devices import Reader, until

SETTINGS = {
    "reader": DeviceSettings(kind=Kind.ID_CARD_READER, driver="of the test", poll_seconds=0.02),
    "camera": DeviceSettings(kind=Kind.PERSON_CAMERA, driver="of the test", poll_seconds=0.02),
}


def made(opened: list[Kind]) -> Devices:
    def make(settings: DeviceSettings) -> Reader:
        opened.append(settings.kind)
        return Reader()

    return Devices(SETTINGS, make)


def test_a_camera_that_is_called_before_it_has_opened_answers_when_it_has() -> None:
    opened: list[Kind] = []

    async def run() -> None:
        devices = made(opened)
        devices.start(cameras_after=0.2)
        try:
            assert await devices.call(Kind.PERSON_CAMERA, "read", seconds=60.0) == "first person"
            await until(lambda: devices.ready(Kind.ID_CARD_READER))
        finally:
            await devices.close()

    asyncio.run(run())
    assert sorted(opened) == sorted([Kind.ID_CARD_READER, Kind.PERSON_CAMERA])


def test_a_terminal_that_closes_before_its_cameras_open_answers_whoever_waits_for_one() -> None:
    opened: list[Kind] = []

    async def run() -> None:
        devices = made(opened)
        devices.start(cameras_after=3600.0)
        await until(lambda: devices.ready(Kind.ID_CARD_READER))
        waiting = asyncio.ensure_future(devices.call(Kind.PERSON_CAMERA, "read", seconds=60.0))
        await asyncio.sleep(0)
        await devices.close()
        with pytest.raises(DeviceError, match="device_offline"):
            await waiting

    asyncio.run(run())
    assert opened == [Kind.ID_CARD_READER]
