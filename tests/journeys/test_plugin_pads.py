"""Given a plug-in's pads on the counter, when a citizen uses them or the screen, then one answer counts."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kiosk.prompts import Rate, Rated, Sign
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall, until
from tests.journeys.paid_service import SIGNED, cases, offer
from tests.journeys.test_journeys import told
from tests.plugin.installed import installed
from tests.plugin.virtual_pads import VirtualPad


@pytest.fixture(scope="module", autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with installed(tmp_path_factory.mktemp("plugin")):
        yield


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[VirtualPad]:
    pad = VirtualPad(tmp_path / "pad")
    pad.start()
    yield pad
    pad.stop()


def device(kind: str, pad: VirtualPad) -> dict[str, Any]:
    return {"kind": kind, "driver": f"counter_{kind}", "port": str(pad.link), "poll_seconds": 0.2}


def stars(hall: Hall, kiosk: str) -> int:
    told(hall, kiosk, "hall.rating.given")
    (row,) = hall.rows(hall.hall_database, "SELECT stars FROM ratings WHERE terminal LIKE ?", f"%/{kiosk}")
    return int(row["stars"])


def test_a_rating_on_the_counters_pad_is_the_rating(
    hall: Hall, play: Play, kiosk: str, pad: VirtualPad
) -> None:
    async def touch_the_pad(citizen: Citizen, prompt: Rate) -> None:
        await asyncio.to_thread(pad.lit.wait, 60)
        pad.touch(4)

    citizen = Citizen(hall, service="ZH03", ways={Rate: touch_the_pad})
    play(citizen, after=lambda: stars(hall, kiosk), devices__rating_pad=device("rating_pad", pad))
    assert stars(hall, kiosk) == 4
    assert pad.dark


def test_who_rates_on_the_screen_leaves_the_pad_dark(
    hall: Hall, play: Play, kiosk: str, pad: VirtualPad
) -> None:
    async def touch_the_screen(citizen: Citizen, prompt: Rate) -> Rated:
        await asyncio.to_thread(pad.lit.wait, 60)
        return Rated(2)

    def dark() -> None:
        assert stars(hall, kiosk) == 2
        until(lambda: pad.dark, why="the pad asks on though nobody waits")

    citizen = Citizen(hall, service="ZH03", ways={Rate: touch_the_screen})
    play(citizen, after=dark, devices__rating_pad=device("rating_pad", pad))


def test_with_the_pads_cable_out_the_screen_asks(hall: Hall, play: Play, kiosk: str, pad: VirtualPad) -> None:
    async def pull(citizen: Citizen, prompt: Rate) -> Rated:
        await asyncio.to_thread(pad.lit.wait, 60)
        await asyncio.to_thread(pad.stop)
        await asyncio.sleep(0.5)  # the driver notices
        return Rated(5)

    citizen = Citizen(hall, service="ZH03", ways={Rate: pull})
    play(citizen, after=lambda: stars(hall, kiosk), devices__rating_pad=device("rating_pad", pad))
    assert stars(hall, kiosk) == 5
    assert citizen.troubles() == []


def test_a_signature_on_the_pad_is_the_signature(hall: Hall, play: Play, kiosk: str, pad: VirtualPad) -> None:
    offer(hall)

    async def write_on_the_pad(citizen: Citizen, prompt: Sign) -> None:
        await asyncio.to_thread(pad.lit.wait, 60)
        pad.write("100,100,0;900,400,300|500,50,700;500,450,900")

    citizen = Citizen(hall, service=SIGNED, ways={Sign: write_on_the_pad})
    play(
        citizen,
        after=lambda: told(hall, kiosk, "hall.session.ended"),
        devices__signature_pad=device("signature_pad", pad),
    )
    (case,) = cases(hall, kiosk)
    assert json.loads(case["submission"])["signature"] == "M100 100L900 400M500 50L500 450"
