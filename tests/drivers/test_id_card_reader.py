"""The identity card reader over a real PTY: cards laid and taken, its module, single damages, handles.

What must hold on every wire alike is in test_id_card_reader_wires.py.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Availability, Kind
from config.people import person
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import DeviceError
from drivers.id_card_reader import IdCardReader
from drivers.virtual.id_card_reader import DAMAGES, VirtualIdCardReader, card_of
from tests.drivers.card_benches import LATE, TIMEOUT, failing
from tests.leftovers import nothing_left


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualIdCardReader]:
    reader = VirtualIdCardReader(tmp_path / "bench" / "id-card-reader", wire_time=False, late_seconds=LATE)
    reader.start()
    yield reader
    reader.stop()


@pytest.fixture
def reader(bench: VirtualIdCardReader) -> Iterator[IdCardReader]:
    driver = IdCardReader(port=str(bench.state()["link"]), timeout=TIMEOUT)
    driver.open()
    yield driver
    driver.close()


# ── cards ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("key", ["zhang", "wang", "li", "chen", "zhou", "xu", "sun"])
def test_every_citizens_card_arrives_whole(
    bench: VirtualIdCardReader, reader: IdCardReader, key: str
) -> None:
    bench.act("put", person=key)
    assert reader.read_card() == card_of(person(key))


def test_a_card_laid_down_while_the_terminal_waits_is_read(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    laying = threading.Timer(0.05, bench.act, ["put"], {"person": "li"})
    laying.start()
    assert reader.read_card(timeout=30).name == "李若澜"
    laying.join()


def test_with_no_card_the_citizen_is_asked_for_one(reader: IdCardReader) -> None:
    assert failing(lambda: reader.read_card(timeout=0.05)).code == "id_no_card"


def test_a_card_that_stays_is_not_read_twice_and_the_next_one_is(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    bench.act("put", person="zhang")
    reader.read_card()
    assert failing(lambda: reader.read_card(timeout=0.05)).code == "id_no_card"
    bench.act("take")
    bench.act("put", person="li")
    assert reader.read_card().name == "李若澜"


def test_nobody_waits_for_a_card_that_was_never_read(reader: IdCardReader) -> None:
    assert reader.wait_removed(timeout=30)


# ── the module ──────────────────────────────────────────────────────────────
def test_the_module_tells_its_state_and_number(bench: VirtualIdCardReader, reader: IdCardReader) -> None:
    assert reader.status().availability is Availability.ONLINE
    assert reader.sam_id() == "05.01-20260101-0000000001-0000000002"
    bench.act("fail_self_test")
    state = reader.status()
    assert (state.availability, state.faults) == (Availability.FAULT, ("id_module_failed",))
    bench.act("put", person="li")
    assert failing(reader.read_card).code == "id_module_failed"
    bench.act("repair")
    assert reader.status().ready
    assert reader.read_card().name == "李若澜"


def test_two_terminals_cannot_hold_one_reader(bench: VirtualIdCardReader, reader: IdCardReader) -> None:
    second = IdCardReader(port=str(bench.state()["link"]))
    assert failing(second.open).code == "device_absent"
    second.close()


def test_a_baud_rate_that_does_not_exist_is_a_mistake_of_the_settings(bench: VirtualIdCardReader) -> None:
    link = str(bench.state()["link"])
    assert failing(lambda: IdCardReader(port=link, baud=-1)).code == "device_misconfigured"


# ── damage ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("verb", "how"),
    [
        *(("status", how) for how in DAMAGES),
        ("sam_id", "silent"),
        ("find_card", "checksum"),
        ("reset", "late"),
    ],
)
def test_damage_to_any_other_answer_costs_that_verb_only(
    bench: VirtualIdCardReader, reader: IdCardReader, verb: str, how: str
) -> None:
    reader.status()  # the line is sure, so that the damage meets the verb itself
    bench.act("damage_next", how=how, of="any")
    arguments = {"timeout": 0.05} if verb == "find_card" else {}
    assert failing(lambda: getattr(reader, verb)(**arguments)).code in ("device_timeout", "device_garbled")
    time.sleep(LATE if how == "late" else 0)
    assert reader.status().ready


def test_a_late_answer_is_not_taken_for_the_next_persons(
    bench: VirtualIdCardReader, reader: IdCardReader
) -> None:
    bench.act("put", person="zhang")
    bench.act("damage_next", how="late")
    assert failing(reader.read_card).code == "device_timeout"
    bench.act("take")  # he gives up and goes; his data is still on its way
    bench.act("put", person="li")
    while True:  # as the supervisor does: no verb before a reset has succeeded
        try:
            reader.reset()
            break
        except DeviceError as error:
            assert error.code == "device_timeout"
    assert reader.read_card(timeout=30).name == "李若澜"


# ── cables and handles ──────────────────────────────────────────────────────
@pytest.mark.parametrize("verb", ["find_card", "wait_removed"])
def test_a_cable_pulled_while_a_verb_waits_ends_it_at_once(
    bench: VirtualIdCardReader, reader: IdCardReader, verb: str
) -> None:
    if verb == "wait_removed":
        bench.act("put", person="zhang")
        reader.read_card()
    pulling = threading.Timer(0.05, bench.act, ["unplug"])
    pulling.start()
    assert failing(lambda: getattr(reader, verb)(timeout=30)).lost
    pulling.join()


def test_a_cable_pulled_in_the_middle_of_the_card_loses_the_card(tmp_path: Path) -> None:
    bench = VirtualIdCardReader(tmp_path / "reader", baud=2400)  # 5 s for a card
    bench.start()
    driver = IdCardReader(port=str(tmp_path / "reader"), baud=2400, timeout=30)
    driver.open()
    bench.act("put", person="zhang")
    pulling = threading.Timer(0.3, bench.act, ["unplug"])
    pulling.start()
    error = failing(driver.read_card)
    pulling.join()
    driver.close()
    assert (error.code, error.lost) == ("device_offline", True)


def test_before_opening_and_after_closing_every_verb_says_so(reader: IdCardReader) -> None:
    reader.close()
    reader.close()
    for verb in (reader.status, reader.sam_id, reader.reset):
        assert failing(verb).lost


def test_many_openings_leave_no_handle_and_no_thread(bench: VirtualIdCardReader) -> None:
    driver = IdCardReader(port=str(bench.state()["link"]), timeout=TIMEOUT)
    with nothing_left():
        for _ in range(25):
            driver.open()
            driver.status()
            driver.close()
        for _ in range(20):
            bench.act("unplug")
            bench.act("plug")


def test_the_settings_make_this_reader(bench: VirtualIdCardReader) -> None:
    told = DeviceSettings(
        kind=Kind.ID_CARD_READER,
        driver="id_card_reader_serial",
        port=str(bench.state()["link"]),
        options={"baud": 115200, "timeout": TIMEOUT},
    )
    device = registry.make(told)
    device.open()
    assert device.status().ready
    device.close()


def test_the_three_names_of_the_settings_make_one_reader_and_usb_needs_no_port() -> None:
    for name in ("id_card_reader_serial", "id_card_reader_usb", "id_card_reader_tcp"):
        told = DeviceSettings(kind=Kind.ID_CARD_READER, driver=name, port="10.0.0.5:4001")
        assert isinstance(registry.make(told), IdCardReader)
    told = DeviceSettings(kind=Kind.ID_CARD_READER, driver="id_card_reader_usb")
    error = failing(registry.make(told).open)
    assert (error.code, "usb:0400:C35A" in error.detail) == ("device_absent", True)


@pytest.mark.parametrize("port", ["usb:04:C3", "ttyS0", ""])
def test_a_port_that_spells_no_wire_is_a_mistake_of_the_settings(port: str) -> None:
    assert failing(lambda: IdCardReader(port=port)).code == "device_misconfigured"
