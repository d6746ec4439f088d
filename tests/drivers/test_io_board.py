"""The I/O board: its driver against pymodbus's server, and the bench's own board."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from config.devices import Availability, Kind
from config.settings import DeviceSettings
from drivers import registry
from drivers.device import DeviceError
from drivers.io_board import IoBoard
from drivers.virtual.io_board import INPUTS, LIGHTS, STRIKES, VirtualIoBoard
from tests.drivers.receipts import when
from tests.peers.modbus import LATE_SECONDS, MODES, Board, modbus_board

DOOR = 8  # the coil of the strike
PLACES: dict[str, Any] = {"inputs": INPUTS, "lights": LIGHTS, "strikes": STRIKES}


@pytest.fixture(scope="module")
def pymodbus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    with modbus_board(tmp_path_factory.mktemp("modbus")) as running:
        yield running


@pytest.fixture
def peer(pymodbus: Board) -> Board:
    """The server with all contacts open and nothing spoilt."""
    pymodbus.set_inputs(*[False] * 16)
    pymodbus.spoil("right", 0)
    return pymodbus


def opened(port: Path, **more: Any) -> IoBoard:
    """A driver that a late answer comes too late for; a busy computer is given a second."""
    driver = IoBoard(port=str(port), timeout=LATE_SECONDS / 2, **{**PLACES, **more})
    driver.open()
    return driver


@pytest.fixture
def board(peer: Board) -> Iterator[IoBoard]:
    driver = opened(peer.link)
    yield driver
    driver.close()


def lit(peer: Board) -> set[str]:
    coils = peer.coils()
    return {name for name, coil in {**LIGHTS, **STRIKES}.items() if coils[coil]}


# ── against pymodbus ─────────────────────────────────────────────────────────


def test_contacts_are_read_by_name_and_an_open_cabinet_is_a_fault_of_a_working_board(
    board: IoBoard, peer: Board
) -> None:
    assert board.status().faults == ()
    peer.set_inputs(True, True, False, True)
    assert board.inputs() == {"cabinet_door": True, "presence": True, "tray": False, "metal_detector": True}
    state = board.status()
    assert state.ready
    assert state.faults == ("io_cabinet_open", "io_metal_detected")


def test_a_contact_that_opens_is_turned_round(peer: Board) -> None:
    board = opened(peer.link, normally_closed=["cabinet_door"])
    assert board.status().faults == ("io_cabinet_open",)
    peer.set_inputs(True)
    assert board.status().faults == ()
    board.close()


def test_one_light_leads_and_all_go_dark_without_touching_the_doors(board: IoBoard, peer: Board) -> None:
    board.light("id_card_reader", True)
    board.light("a4_printer", True)
    assert lit(peer) == {"id_card_reader", "a4_printer"}
    board.light_only("receipt_printer")
    assert lit(peer) == {"receipt_printer"}
    board.light_only("document_camera")
    assert lit(peer) == set()
    board.light("a4_printer", True)
    board.all_dark()
    assert lit(peer) == set()
    assert not any(frame[1:2] == b"\x0f" and frame[2:4] != b"\x00\x00" for frame in peer.asked())


def test_a_door_opens_for_its_time_and_is_shut_again(board: IoBoard, peer: Board) -> None:
    board.status()
    before = len(peer.asked())
    board.open_strike("hall_door", 0.5)
    assert [frame[4:6] for frame in peer.asked()[before:] if frame[1] == 5] == [b"\xff\x00", b"\x00\x00"]
    assert lit(peer) == set()
    assert board.counts() == {"pulses": 1}


@pytest.mark.parametrize("mode", [mode for mode in MODES if mode != "right"])
def test_a_door_is_shut_again_though_the_board_is_not_understood(
    board: IoBoard, peer: Board, mode: str
) -> None:
    board.status()
    peer.spoil(mode, 1)  # the answer to *on*
    if mode == "garbage around":
        board.open_strike("hall_door", 0.05)
    else:
        with pytest.raises(DeviceError, match="device_"):
            board.open_strike("hall_door", 0.05)
    assert lit(peer) == set()


def test_a_door_whose_off_is_not_confirmed_is_told_and_shut_at_the_next_question(
    board: IoBoard, peer: Board
) -> None:
    board.status()

    before = peer.answered()  # two more: is the line clear, and to *on*
    hand = when(lambda: peer.answered() == before + 2, lambda: peer.spoil("silent", 3))
    with pytest.raises(DeviceError) as raised:
        board.open_strike("hall_door", 3.0)
    hand.join()
    assert raised.value.code == "io_strike_on"
    board.status()
    assert lit(peer) == set()


def test_a_door_that_was_left_open_by_a_killed_program_is_shut_first(peer: Board) -> None:
    before = opened(peer.link)
    before._switch(DOOR, True)  # killed here
    before.close()
    assert lit(peer) == {"hall_door"}
    after = opened(peer.link)
    after.status()
    assert lit(peer) == set()
    after.close()


def test_where_the_board_ends_the_pulse_it_is_told_for_how_long(peer: Board) -> None:
    board = opened(peer.link, board_ends_pulse=True)
    with pytest.raises(DeviceError, match="io_refused"):  # pymodbus knows no such coil
        board.open_strike("hall_door", 1.5)
    assert any(frame[:6] == bytes.fromhex("01 05 02 08 00 0F") for frame in peer.asked())
    assert lit(peer) == set()
    board.close()


@pytest.mark.parametrize(
    ("mode", "code"),
    [
        ("wrong check", "device_garbled"),
        ("silent", "device_timeout"),
        ("other unit", "device_garbled"),
        ("half", "device_garbled"),
        ("late", "device_timeout"),
    ],
)
def test_a_bad_answer_is_coded_and_a_late_one_never_taken_for_the_next(
    board: IoBoard, peer: Board, mode: str, code: str
) -> None:
    board.status()
    peer.spoil(mode, 1)
    with pytest.raises(DeviceError) as raised:
        board.inputs()
    assert raised.value.code == code
    peer.set_inputs(True)  # after the question whose answer is still on its way
    end = time.monotonic() + 60
    while True:
        try:
            assert board.inputs()["cabinet_door"], "the answer of before"
            break
        except DeviceError as error:
            assert error.code in ("device_timeout", "device_garbled")
            assert time.monotonic() < end


def test_garbage_around_an_answer_does_not_matter(board: IoBoard, peer: Board) -> None:
    board.status()
    peer.set_inputs(False, True)
    peer.spoil("garbage around", 1)
    assert board.inputs()["presence"]


def test_an_address_that_the_board_lacks_is_told(peer: Board) -> None:
    board = opened(peer.link, inputs={"tray": 400})
    with pytest.raises(DeviceError, match=r"io_refused.*no such address"):
        board.status()
    board.close()


def test_a_board_with_nothing_to_read_is_asked_all_the_same(peer: Board) -> None:
    board = opened(peer.link, inputs={}, strikes={})
    assert board.status().availability is Availability.ONLINE
    assert board.inputs() == {}
    peer.spoil("silent", 1)
    with pytest.raises(DeviceError, match="device_timeout"):
        board.status()
    board.close()


def test_what_has_no_address_is_refused_without_asking(board: IoBoard, peer: Board) -> None:
    before = len(peer.asked())
    for verb, arguments in (
        (board.light, ("cellar", True)),
        (board.open_strike, ("cellar", 1.0)),
        (board.open_strike, ("hall_door", 60.0)),
        (board.open_strike, ("hall_door", 0.0)),
    ):
        with pytest.raises(DeviceError, match="device_misconfigured"):
            verb(*arguments)
    assert len(peer.asked()) == before


@pytest.mark.parametrize(
    "options",
    [
        {"inputs": {"tray": -1}},
        {"inputs": {"tray": "two"}},
        {"lights": {"a": 1}, "strikes": {"b": 1}},
        {"lights": {"a": 0x200}},
        {"normally_closed": ["tray"]},
        {"unit": 0},
        {"timeout": 0},
    ],
)
def test_options_that_do_not_fit_are_told(options: dict[str, Any]) -> None:
    told = DeviceSettings(kind=Kind.IO_BOARD, driver="io_board_modbus", port="/dev/ttyS1", options=options)
    with pytest.raises(DeviceError, match="device_misconfigured"):
        registry.make(told)


# ── the bench's board ────────────────────────────────────────────────────────


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[VirtualIoBoard]:
    virtual = VirtualIoBoard(tmp_path / "io-board")
    virtual.start()
    yield virtual
    virtual.stop()


def test_at_the_bench_hands_move_contacts_and_lights_are_seen(bench: VirtualIoBoard, tmp_path: Path) -> None:
    board = opened(tmp_path / "io-board", board_ends_pulse=True)
    bench.act("on", input="cabinet_door")
    assert board.status().faults == ("io_cabinet_open",)
    board.light_only("a4_printer")
    assert bench.state()["lights"] == {name: name == "a4_printer" for name in LIGHTS}
    board.open_strike("hall_door", 3.0)
    assert bench.state()["strikes"] == {"hall_door": True}
    end = time.monotonic() + 60
    while bench.state()["strikes"] != {"hall_door": False}:
        assert time.monotonic() < end
        time.sleep(0.02)
    bench.act("silence")
    with pytest.raises(DeviceError, match="device_timeout"):
        board.inputs()
    bench.act("repair")
    bench.act("off", input="cabinet_door")
    assert board.status().faults == ()
    bench.act("unplug")
    with pytest.raises(DeviceError) as raised:
        board.status()
    assert (raised.value.code, raised.value.lost) == ("device_offline", True)
    bench.act("plug")
    board.open()
    assert board.status().ready
    board.close()


def test_at_the_bench_what_cannot_be_done_is_told(bench: VirtualIoBoard) -> None:
    for action, more in (("on", {"input": "cellar"}), ("fly", {}), ("on", {})):
        with pytest.raises(ValueError, match=r"input|knows"):
            bench.act(action, **more)
