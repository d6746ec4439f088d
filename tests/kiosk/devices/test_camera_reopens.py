"""The supervisor and a camera whose stream is cut: it is told, and seen again, without a restart."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from tests.leftovers import nothing_left
from tests.peers import streams
from tests.peers.streams import Stream

Server = Callable[[Path], AbstractContextManager[Stream]]
CYCLES = 3


async def told(devices: Devices) -> str:
    """The code in which looking ends."""
    while True:
        try:
            await devices.call(Kind.PERSON_CAMERA, "latest", seconds=30)
        except DeviceError as error:
            return error.code
        await asyncio.sleep(0.02)


async def seen_again(devices: Devices, since: float) -> None:
    """Returns once a picture has come that was taken after `since`."""
    while True:
        try:
            frame = await devices.call(Kind.PERSON_CAMERA, "latest", seconds=30)
            if frame is not None and frame.at > since:
                return
        except DeviceError:
            pass
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("server", [streams.mjpeg, streams.rtsp], ids=["MJPEG", "RTSP"])
def test_three_times_cut_is_three_times_told_and_seen_again(server: Server, tmp_path: Path) -> None:
    async def run(stream: Stream) -> None:
        settings = DeviceSettings(
            kind=Kind.PERSON_CAMERA,
            driver="camera",
            port=stream.url,
            options={"open_timeout": 20.0, "read_timeout": 10.0, "rest_seconds": 60.0},
            poll_seconds=0.2,
        )
        devices = Devices({"camera": settings})
        devices.start()
        try:
            await seen_again(devices, 0.0)
            for _ in range(CYCLES):
                stream.cut()
                async with asyncio.timeout(60):
                    assert await told(devices) in ("device_offline", "device_absent")
                stream.start()
                await seen_again(devices, time.monotonic())
            assert devices.ready(Kind.PERSON_CAMERA)
        finally:
            await devices.close()

    with server(tmp_path) as stream:
        with nothing_left():
            asyncio.run(run(stream))
