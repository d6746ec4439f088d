"""Why a service cannot start now: told before anybody identifies himself."""

from __future__ import annotations

from datetime import datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.devices import Availability, DeviceState, Kind, Media, Supply
from config.faults import fault
from config.service import Service
from config.settings import DeviceSettings
from kiosk.availability import open_at, why_not
from kiosk.devices.devices import Devices
from tests.kiosk.small_visit import service

NOON = datetime(2026, 11, 22, 12, 0)
MINUTES = some.integers(0, 24 * 60 - 1)


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


@given(MINUTES, some.integers(0, 24 * 60), MINUTES)
def test_a_hall_is_open_in_exactly_the_minutes_between_opening_and_closing(
    start: int, end: int, now: int
) -> None:
    """Walked through minute by minute, past midnight if need be."""
    minutes = set()
    at = start
    while at != end:
        minutes.add(at)
        at = at + 1 if at + 1 != 24 * 60 or end == 24 * 60 else 0
    assert open_at(f"{clock(start)}-{clock(end)}", time(now // 60, now % 60)) == (now in minutes)


@pytest.mark.parametrize(
    ("hours", "at", "is_open"),
    [
        ("00:00-24:00", time(3, 0), True),
        ("00:00-24:00", time(23, 59, 59), True),
        ("09:00-17:00", time(8, 59, 59), False),
        ("09:00-17:00", time(9, 0), True),
        ("09:00-17:00", time(16, 59, 59), True),
        ("09:00-17:00", time(17, 0), False),
        ("22:00-06:00", time(23, 0), True),
        ("22:00-06:00", time(5, 59), True),
        ("22:00-06:00", time(6, 0), False),
        ("09:00-09:00", time(9, 0), False),
    ],
)
def test_the_edges_of_a_day(hours: str, at: time, is_open: bool) -> None:
    assert open_at(hours, at) == is_open


def devices(**states: DeviceState) -> Devices:
    """Devices of these kinds as they were last seen."""
    found = Devices({kind: DeviceSettings(kind=Kind(kind), driver="of the test") for kind in states})
    for name, state in states.items():
        found._workers[name].state = state
    return found


READY = DeviceState(Availability.ONLINE)
OUT = DeviceState(Availability.ONLINE, supplies={"paper": Supply.OUT}, faults=("a4_paper_out",))
GONE = DeviceState(Availability.OFFLINE, faults=("device_offline",))


@pytest.fixture
def proof() -> Service:
    return service("SB01")


def test_given_all_that_it_needs_then_a_service_can_start(proof: Service) -> None:
    assert why_not(proof, devices(id_card_reader=READY, a4_printer=READY), NOON) is None


def test_without_the_card_reader_a_service_goes_on_for_whoever_is_known_otherwise(proof: Service) -> None:
    for other in ("code_scanner", "social_card_reader"):
        states = {"id_card_reader": GONE, "a4_printer": READY, other: READY}
        assert why_not(proof, devices(**states), NOON) is None
        states["id_card_reader"] = DeviceState()
        assert why_not(proof, devices(**states), NOON), "one that is just being opened is waited for"
    cards_only = proof.model_copy(update={"cards": ("resident",)})
    there = devices(id_card_reader=GONE, a4_printer=READY, code_scanner=READY, social_card_reader=READY)
    assert why_not(cards_only, there, NOON) == fault("device_offline").citizen


def test_a_device_that_only_helps_is_not_missed(proof: Service) -> None:
    there = devices(id_card_reader=READY, a4_printer=READY, receipt_printer=GONE, person_camera=GONE)
    assert why_not(proof, there, NOON) is None


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (devices(id_card_reader=READY, a4_printer=OUT), "a4_paper_out"),
        (devices(id_card_reader=GONE, a4_printer=READY), "device_offline"),
        (devices(id_card_reader=READY), "device_absent"),
        (devices(id_card_reader=READY, a4_printer=DeviceState()), "device_offline"),  # still opening
        (
            devices(
                id_card_reader=READY,
                a4_printer=DeviceState(Availability.ONLINE, Media.JAMMED, faults=("a4_jam",)),
            ),
            "a4_jam",
        ),
    ],
)
def test_what_is_missing_is_said_in_the_citizens_words(proof: Service, there: Devices, code: str) -> None:
    assert why_not(proof, there, NOON) == fault(code).citizen


def test_outside_its_hours_the_hours_are_told(proof: Service) -> None:
    early = proof.model_copy(update={"hours": "13:00-17:00"})
    said = why_not(early, devices(id_card_reader=READY, a4_printer=READY), NOON)
    assert said is not None
    assert "13:00–17:00" in said.zh
    assert "13:00–17:00" in said.en


def test_with_the_platform_down_only_what_needs_no_identity_can_start(proof: Service) -> None:
    there = devices(id_card_reader=READY, a4_printer=READY, receipt_printer=READY)
    assert why_not(proof, there, NOON, platform_open=False) == fault("platform_down").citizen
    assert why_not(service("ZH03"), there, NOON, platform_open=False) is None
