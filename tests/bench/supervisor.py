"""What ten devices cost that nobody uses: real drivers on virtual devices that live in another process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.settings import DeviceSettings
from kiosk.devices.devices import Devices
from tests.bench.table import Row

ROOT = Path(__file__).parents[2]
SECONDS = 62.0  # a sleeping person camera is looked through once a minute: that belongs to it
SETTLE = 12.0  # until they are open and the cameras have fallen asleep


def run() -> list[Row]:
    """Processor time of this process, in per cent of one core."""
    with ten_devices() as settings:
        idle = asyncio.run(_idle(settings))
    return [Row("supervisor idle with ten devices", idle, "% of a core", at_most=0.5)]


@contextmanager
def ten_devices() -> Iterator[Mapping[str, DeviceSettings]]:
    """The settings of ten virtual devices, for as long as the block runs."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.bench.ten_devices", folder]
        with subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdin is not None and child.stdout is not None
            told = json.loads(child.stdout.readline())
            yield {name: DeviceSettings(**one) for name, one in told.items()}
            child.stdin.close()


async def _idle(settings: Mapping[str, DeviceSettings]) -> float:
    devices = Devices(settings)
    devices.start()
    try:
        await asyncio.sleep(SETTLE)
        asleep = [name for name, (_, state) in devices.states().items() if not state.ready]
        assert not asleep, f"not ready: {', '.join(asleep)}"
        began, used = time.monotonic(), time.process_time()
        await asyncio.sleep(SECONDS)
        return (time.process_time() - used) / (time.monotonic() - began) * 100
    finally:
        await devices.close()
