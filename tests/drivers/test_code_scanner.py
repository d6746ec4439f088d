"""A serial scanner on its line, and one that types: what was scanned is read once, by whoever asked."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Availability, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.code_scanner import KeyboardCodeScanner, SerialCodeScanner
from drivers.device import DeviceError
from drivers.virtual.code_scanner import VirtualCodeScanner
from tests.drivers.receipts import when

CODE = "330100SB0120260101000001"
TRIGGER = "16 54 0D"  # what the scanner is told when a code is waited for


@pytest.fixture
def hand(tmp_path: Path) -> Iterator[VirtualCodeScanner]:
    virtual = VirtualCodeScanner(tmp_path / "scanner")
    virtual.start()
    yield virtual
    virtual.stop()


@pytest.fixture
def scanner(hand: VirtualCodeScanner, tmp_path: Path) -> Iterator[SerialCodeScanner]:
    driver = SerialCodeScanner(port=str(tmp_path / "scanner"), trigger=TRIGGER, pause=0.05)
    driver.open()
    yield driver
    driver.close()


def soon(hand: VirtualCodeScanner, *acts: tuple[str, dict[str, object]], question: int = 1) -> None:
    """The hand moves when the terminal has begun to wait; `question`: for the so-many-th time."""

    def waits() -> bool:
        return str(hand.state()["told"]).count(TRIGGER.lower()) >= question

    def move() -> None:
        for action, more in acts:
            hand.act(action, **more)

    when(waits, move)


def test_a_code_held_before_the_scanner_is_read(scanner: SerialCodeScanner, hand: VirtualCodeScanner) -> None:
    soon(hand, ("scan", {"text": CODE}))
    assert scanner.read_code(30.0) == CODE
    assert scanner.counts() == {"codes": 1}


def test_what_was_scanned_before_the_question_belongs_to_nobody(
    scanner: SerialCodeScanner, hand: VirtualCodeScanner
) -> None:
    hand.act("scan", text="SOMEBODY-ELSES")
    assert scanner.read_code(0.15) is None
    hand.act("scan", text="SOMEBODY-ELSES")
    assert scanner.status().availability is Availability.ONLINE  # which has heard it
    assert scanner.read_code(0.15) is None
    hand.act("half", text="SOMEBODY-ELSES")
    soon(hand, ("scan", {"text": CODE}), question=3)
    assert scanner.read_code(30.0) == CODE


def test_a_wait_in_slices_misses_nothing_between_them(
    scanner: SerialCodeScanner, hand: VirtualCodeScanner
) -> None:
    assert scanner.read_code(0.02) is None
    hand.act("scan", text=CODE)
    scanner.status()
    assert scanner.read_code(30.0, fresh=False) == CODE
    assert scanner.read_code(0.02, fresh=False) is None


def test_noise_is_told_and_the_next_code_is_read(
    scanner: SerialCodeScanner, hand: VirtualCodeScanner
) -> None:
    soon(hand, ("garbage", {}), ("scan", {"text": CODE}))
    with pytest.raises(DeviceError, match="code_unreadable"):
        scanner.read_code(30.0)
    assert scanner.read_code(30.0, fresh=False) == CODE


def test_reset_forgets(scanner: SerialCodeScanner, hand: VirtualCodeScanner) -> None:
    hand.act("scan", text="SOMEBODY-ELSES")
    scanner.reset()
    assert scanner.read_code(0.1, fresh=False) is None


def test_a_pulled_cable_is_told_while_waiting_and_a_replugged_one_is_taken_again(
    scanner: SerialCodeScanner, hand: VirtualCodeScanner
) -> None:
    soon(hand, ("half", {"text": CODE}), ("unplug", {}))
    with pytest.raises(DeviceError) as raised:
        scanner.read_code(30.0)
    assert (raised.value.code, raised.value.lost) == ("device_offline", True)
    with pytest.raises(DeviceError, match="device_offline"):
        scanner.status()
    with pytest.raises(DeviceError, match="device_absent"):
        scanner.open()
    hand.act("plug")
    scanner.open()
    soon(hand, ("scan", {"text": CODE}), question=2)
    assert scanner.read_code(30.0) == CODE


def test_a_triggered_scanner_is_told_to_read_and_to_stop(hand: VirtualCodeScanner, tmp_path: Path) -> None:
    driver = SerialCodeScanner(
        port=str(tmp_path / "scanner"), trigger=TRIGGER, untrigger="16 55 0D", pause=0.05
    )
    driver.open()
    assert driver.read_code(0.05) is None
    end = time.monotonic() + 60
    while hand.state()["told"] != "16 54 0d 16 55 0d":
        assert time.monotonic() < end, hand.state()
        time.sleep(0.01)
    driver.close()


@pytest.mark.parametrize(
    "options", [{"terminator": ""}, {"trigger": "GO"}, {"pause": 0}, {"longest": 0}, {"port": "scanner"}]
)
def test_options_that_do_not_fit_are_told(options: dict[str, object]) -> None:
    port = str(options.pop("port", "/dev/ttyS0"))
    told = DeviceSettings(kind=Kind.CODE_SCANNER, driver="code_scanner_serial", port=port, options=options)
    with pytest.raises(DeviceError, match="device_misconfigured"):
        registry.make(told)


# ── a scanner that types ─────────────────────────────────────────────────────


def test_a_typed_code_reaches_whoever_waits() -> None:
    scanner = KeyboardCodeScanner()
    scanner.open()
    scanner.take("SOMEBODY-ELSES")
    when(lambda: not scanner._scanned, lambda: scanner.take(CODE))  # what was there has been forgotten
    assert scanner.read_code(30.0) == CODE
    assert scanner.read_code(0.01, fresh=False) is None
    assert scanner.counts() == {"codes": 1}


def test_a_typed_code_is_forgotten_by_reset_and_told_when_too_long() -> None:
    scanner = KeyboardCodeScanner(longest=4)
    scanner.take("1234")
    scanner.reset()
    assert scanner.read_code(0.01, fresh=False) is None
    scanner.take("12345")
    with pytest.raises(DeviceError, match="code_unreadable"):
        scanner.read_code(0.01, fresh=False)
