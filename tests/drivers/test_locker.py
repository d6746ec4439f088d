"""A locker at the bench: doors open when asked, tell how they stand, and no late answer is another's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import DeviceError
from drivers.locker import Door, Locker
from drivers.virtual.locker import LOCKS, VirtualLocker


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualLocker]:
    virtual = VirtualLocker(tmp_path / "locker", pulse=0.02)
    virtual.start()
    yield virtual
    virtual.stop()


@pytest.fixture
def locker(bench: VirtualLocker, tmp_path: Path) -> Iterator[Locker]:
    driver = Locker(port=str(tmp_path / "locker"), locks=[LOCKS], timeout=1.0, open_timeout=1.0)
    driver.open()
    yield driver
    driver.close()


def test_a_door_opens_and_is_seen_open_until_a_hand_shuts_it(locker: Locker, bench: VirtualLocker) -> None:
    assert locker.status().ready
    locker.open_door(7)
    assert locker.door_state(7) is Door.OPEN
    assert locker.all_states() == {n: Door.OPEN if n == 7 else Door.CLOSED for n in range(1, LOCKS + 1)}
    bench.act("close", door=7)
    assert locker.door_state(7) is Door.CLOSED
    assert locker.counts() == {"pulses": 1}
    assert bench.state()["openings"] == 1


def test_a_jammed_door_is_told(locker: Locker, bench: VirtualLocker) -> None:
    bench.act("jam", door=3)
    with pytest.raises(DeviceError, match="locker_not_opened"):
        locker.open_door(3)
    bench.act("free", door=3)
    locker.open_door(3)
    assert locker.counts() == {"pulses": 1}


def test_the_vendors_check_is_understood(locker: Locker, bench: VirtualLocker) -> None:
    bench.act("wrong_check")
    locker.open_door(5)
    assert locker.door_state(5) is Door.OPEN
    assert locker.all_states()[5] is Door.OPEN


def test_contacts_that_are_wired_the_other_way_round(bench: VirtualLocker, tmp_path: Path) -> None:
    driver = Locker(port=str(tmp_path / "locker"), locks=[LOCKS], closed_is=0)
    driver.open()
    assert driver.door_state(1) is Door.OPEN
    driver.close()


def test_a_silent_board_is_coded_and_comes_back(locker: Locker, bench: VirtualLocker) -> None:
    bench.act("silence")
    for verb, arguments in ((locker.open_door, (1,)), (locker.door_state, (1,)), (locker.all_states, ())):
        with pytest.raises(DeviceError, match="device_timeout"):
            verb(*arguments)
    bench.act("repair")
    assert locker.door_state(1) is Door.CLOSED


def test_a_late_answer_is_not_taken_for_the_next_questions(tmp_path: Path) -> None:
    """Given a lock whose pulse outlasts our patience, when the door is asked for, then the door answers."""
    slow = VirtualLocker(tmp_path / "slow", pulse=1.0)
    slow.start()
    driver = Locker(port=str(tmp_path / "slow"), locks=[LOCKS], timeout=5.0, open_timeout=0.1)
    driver.open()
    driver.status()
    slow.act("jam", door=2)
    with pytest.raises(DeviceError, match="device_timeout"):
        driver.open_door(2)
    slow.act("free", door=2)
    slow.act("open", door=2)
    assert driver.door_state(2) is Door.OPEN
    driver.close()
    slow.stop()


def test_a_pulled_cable_is_told_and_a_replugged_one_taken_again(locker: Locker, bench: VirtualLocker) -> None:
    bench.act("unplug")
    with pytest.raises(DeviceError) as raised:
        locker.door_state(1)
    assert (raised.value.code, raised.value.lost) == ("device_offline", True)
    with pytest.raises(DeviceError, match="device_absent"):
        locker.open()
    bench.act("plug")
    locker.open()
    assert locker.door_state(1) is Door.CLOSED


def test_compartments_are_counted_through_the_boards() -> None:
    driver = Locker(port="/dev/ttyS9", locks=[24, 12])
    assert [driver._place(n) for n in (1, 24, 25, 36)] == [(1, 1), (1, 24), (2, 1), (2, 12)]
    for n in (0, 37, -1):
        with pytest.raises(DeviceError, match="device_misconfigured"):
            driver.door_state(n)


@pytest.mark.parametrize(
    "options", [{"locks": []}, {"locks": [51]}, {"locks": [1]}, {"closed_is": 1}, {"timeout": 0}]
)
def test_options_that_do_not_fit_are_told(options: dict[str, Any]) -> None:
    told = DeviceSettings(kind=Kind.LOCKER, driver="locker_8a", port="/dev/ttyS1", options=options)
    with pytest.raises(DeviceError, match="device_misconfigured"):
        registry.make(told)


def test_at_the_bench_what_cannot_be_done_is_told(bench: VirtualLocker) -> None:
    bench.act("jam", door=1)
    for action, more in (("open", {"door": 99}), ("open", {"door": 1}), ("fly", {}), ("open", {})):
        with pytest.raises(ValueError, match=r"door|knows"):
            bench.act(action, **more)
