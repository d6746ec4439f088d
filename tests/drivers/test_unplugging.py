"""Every driver, verb and mishap of a wire: a coded error in time or the right answer, and back again.

Given a device that works, when its cable is pulled or what it says is spoilt, then the verb raises a coded
error within its time-out, or the answer is right all the same; never another's. When the cable is in again,
the supervisor brings the device back by itself. The devices and their verbs stand in `rigs.py`.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path

import pytest

from config.faults import faults
from drivers import registry
from drivers.device import DeviceError
from kiosk.devices.devices import Devices
from tests.drivers.meddler import MISHAPS
from tests.drivers.rig import Call, Rig, Verb
from tests.drivers.rigs import RIGS

SLACK = 60.0  # seconds: two busy cores; a driver that hangs does so for ever
BACK_SECONDS = 150.0  # on a USB bus each try is a program that starts
NO_WIRE = {  # driver → why no wire of it can be cut
    "speaker_espeak": "it speaks through programs: test_speaker.py",
    "code_scanner_keyboard": "its keys come through the window",
}


def test_every_driver_of_the_table_is_tried_here() -> None:
    tried = {name.partition(",")[0] for name in RIGS}  # a driver may have several wires
    assert tried | set(NO_WIRE) == set(registry.BUILT_IN)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("driver", RIGS)
def test_a_mishap_is_told_in_time_and_mended_without_a_restart(
    driver: str, mishap: str, tmp_path: Path
) -> None:
    with RIGS[driver](tmp_path) as rig:
        asyncio.run(all_verbs(rig, mishap))


async def all_verbs(rig: Rig, mishap: str) -> None:
    devices = Devices({"it": rig.settings}, rig.make)
    devices.start()
    try:
        call = partial(devices.call, rig.settings.kind)
        for name, verb in rig.verbs.items():
            await _one_verb(devices, rig, f"{name}, {mishap}", verb, mishap, call)
    finally:
        await devices.close()


async def _one_verb(devices: Devices, rig: Rig, which: str, verb: Verb, mishap: str, call: Call) -> None:
    await _right_again(devices, rig, verb, call)
    before = rig.meddler.spoilt
    for _ in range(3):  # a busy machine may answer when the driver has given up: then nothing was spoilt
        verb.prepare()
        rig.meddler.spoil(mishap)
        began = time.monotonic()
        try:
            await verb.play(call)
            assert mishap not in ("unplugged before", "silent"), f"{which}: an answer out of nothing"
        except DeviceError as error:
            assert error.code in set(faults()) - {"terminal_internal"}, f"{which}: {error}"
        took = time.monotonic() - began
        assert took < verb.seconds + SLACK, f"{which}: nothing for {took:.1f} s"
        rig.meddler.heal()
        await _right_again(devices, rig, verb, call)
        if rig.meddler.spoilt > before:
            return
    raise AssertionError(f"{which}: nothing was spoilt")


async def _right_again(devices: Devices, rig: Rig, verb: Verb, call: Call) -> None:
    """The verb gives what is right, as soon as the supervisor has the device back."""
    end = time.monotonic() + BACK_SECONDS
    while True:
        left = end - time.monotonic()
        assert await devices.becomes_ready(rig.settings.kind, max(left, 0.0)), devices.states()
        verb.prepare()
        try:
            return await verb.play(call)
        except DeviceError as error:
            assert time.monotonic() < end, f"it never came back: {error}"
            await asyncio.sleep(0.05)
