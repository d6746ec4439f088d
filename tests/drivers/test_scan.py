"""`doctor --scan`: what is plugged in stands in the proposal, spelt so that it outlasts a replug."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
import tomllib
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

import main
from config.devices import Kind
from config.settings import DeviceSettings
from drivers import registry, scan_looks
from drivers.scan import bounded, proposal
from drivers.scan_finds import Find, Note
from drivers.usb_place import Found
from drivers.virtual.a4_printer import VirtualA4Printer
from drivers.virtual.demo_settings import choose_ports
from drivers.virtual.id_card_reader import VirtualIdCardReader
from drivers.virtual.receipt_printer import VirtualReceiptPrinter
from tests.drivers.test_camera_places import plug
from tests.peers.cups import cups
from tests.peers.pcscd import pcscd
from tests.peers.usb_peer import CARD_READER, RECEIPT_PRINTER, UsbDevice, usb_bus


def sections(text: str) -> dict[str, DeviceSettings]:
    """The proposal as the settings read it; each driver must exist and take what is proposed."""
    found = {name: DeviceSettings(**one) for name, one in tomllib.loads(text).get("devices", {}).items()}
    for one in found.values():
        registry.make(one)
    return found


def scanned(*arguments: str) -> str:
    with redirect_stdout(StringIO()) as said:
        assert main.main(["doctor", "--scan", *arguments]) == 0
    return said.getvalue()


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Path]:
    virtual = VirtualIdCardReader(tmp_path / "line")
    virtual.start()
    yield tmp_path / "line"
    virtual.stop()


def test_a_line_that_answers_as_a_card_reader_is_proposed_and_can_be_used(reader: Path) -> None:
    found = sections(scanned("--ask", str(reader)))
    one = found["id_card_reader"]
    assert (one.driver, one.port) == ("id_card_reader_serial", str(reader))
    device = registry.make(one)
    device.open()
    assert device.status().ready
    device.close()


def test_a_line_that_says_nothing_or_nonsense_is_a_comment_with_what_it_said(tmp_path: Path) -> None:
    master, slave = os.openpty()
    os.symlink(os.ttyname(slave), tmp_path / "silent")
    heard: list[bytes] = []

    def chatter() -> None:
        heard.append(os.read(master, 100))
        os.write(master, b"6901234567892\r" * 40)

    thread = threading.Thread(target=chatter)
    thread.start()
    text = scanned("--ask", str(tmp_path / "silent"), str(tmp_path / "nowhere"))
    thread.join(5)
    os.close(master)
    os.close(slave)
    assert len(heard[0]) == 10 and heard[0].endswith(b"\x11\xff\xed"), "one status frame, and nothing else"
    assert sections(text) == {}
    assert f'# port = "{tmp_path}/silent"' in text
    assert "No such file" in text


def test_without_ask_no_byte_goes_to_any_line(reader: Path) -> None:
    assert str(reader) not in scanned()


def test_what_is_on_the_bus_is_found_by_what_it_is(reader: Path, tmp_path: Path) -> None:
    """libusb and pyusb, on a bus of umockdev's; the office printer is not taken for a receipt printer."""
    printer = VirtualReceiptPrinter(real_time=False)
    printer.start()
    office = UsbDevice("office", 0x03F0, 0x1234, interface_class=7, socket="1-3", address=4)
    with usb_bus() as bus, bus.process() as remote:
        for device in (CARD_READER, RECEIPT_PRINTER, office):
            bus.plug(device, far=str(reader) if device is CARD_READER else f"127.0.0.1:{printer.port}")
        text = remote.run("tests.drivers.test_scan:usb_proposal")
    printer.stop()
    found = sections(text)
    assert found["id_card_reader"].port == "usb:0400:C35A:RD-0001"
    assert found["id_card_reader"].driver == "id_card_reader_usb"
    assert found["receipt_printer"].port == "usb:04B8:0202:PR-0001"
    assert len(found) == 2
    assert '# port = "usb:03F0:1234"' in text


def usb_proposal() -> str:
    """In the process that sees the bus."""
    return proposal(list(scan_looks.usb_devices()))


def test_adapters_are_spelt_by_what_tells_them_apart() -> None:
    with usb_bus() as bus, bus.process() as remote:
        bus.serial_adapter("ttyUSB0", "1a86", "7523", socket="1-3")
        bus.serial_adapter("ttyUSB1", "0403", "6001", number="FT-7", socket="1-4")
        bus.serial_adapter("ttyUSB2", "0c2e", "0b61", socket="1-5")
        text = remote.run("tests.drivers.test_scan:serial_proposal")
    assert '# port = "serial:1A86:7523"' in text
    assert '# port = "serial:0403:6001:FT-7"' in text
    found = sections(text)
    assert {name: one.port for name, one in found.items()} == {"code_scanner": "serial:0C2E:0B61"}


def serial_proposal() -> str:
    """In the process that sees the bus."""
    return proposal(list(scan_looks.serial_ports(None)))


NUMBERS = some.sampled_from(["", "A", "B"])
BUS = some.lists(some.tuples(some.sampled_from([0x1A86, 0x0403]), NUMBERS), min_size=1, max_size=5)


@given(BUS)
def test_a_spelling_means_one_device_and_the_right_one(bus: list[tuple[int, str]]) -> None:
    there = [Found(vendor, 0x7523, f"1-{place + 1}", number) for place, (vendor, number) in enumerate(bus)]
    from drivers.usb_place import fits, place_of

    for one in there:
        port = scan_looks.stable("serial", one, there)
        assert [other for other in there if fits(place_of(port), other)] == [one]


def test_readers_of_the_card_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pcscd(tmp_path / "pcscd") as daemon:
        for name, value in daemon.environment.items():
            monkeypatch.setenv(name, value)
        found = sections(proposal(list(scan_looks.pcsc_readers())))
    assert {one.port for one in found.values()} == {"Virtual PCD 00 00", "Virtual PCD 00 01"}
    assert {one.kind for one in found.values()} == {Kind.SOCIAL_CARD_READER}
    (said,) = scan_looks.pcsc_readers()
    assert isinstance(said, Note) and "pcscd" in said.text, "the daemon is gone: a line, not a crash"


def test_printers_on_the_network_and_queues_of_cups(tmp_path: Path) -> None:
    office = VirtualA4Printer(choose_ports(0).a4, tmp_path, page_seconds=0.1)
    receipt = VirtualReceiptPrinter(real_time=False)
    office.start()
    receipt.start()
    try:
        hosts = (f"127.0.0.1:{office.port}", f"127.0.0.1:{receipt.port}", "127.0.0.1:9")
        text = scanned(*(word for host in hosts for word in ("--host", host)))
        found = sections(text)
        address = f"ipp://127.0.0.1:{office.port}/ipp/print"
        assert (found["a4_printer"].driver, found["a4_printer"].port) == ("a4_printer_ipp", address)
        assert found["receipt_printer"].port == f"127.0.0.1:{receipt.port}"
        assert "127.0.0.1:9: answers neither" in text
        with cups() as server:
            (none,) = scan_looks.cups_queues(f"127.0.0.1:{server.port}")
            assert isinstance(none, Note) and "no queue" in none.text
            queue = server.queue("KioskA4", address)
            printer = sections(proposal(list(scan_looks.cups_queues(f"127.0.0.1:{server.port}"))))[
                "a4_printer"
            ]
        assert (printer.driver, printer.port) == ("a4_printer_cups", queue)
        assert printer.options["device"] == address
    finally:
        office.stop()
        receipt.stop()


def test_cameras_by_the_name_that_outlasts_a_replug(tmp_path: Path) -> None:
    for number, name in enumerate(("A", "B")):
        plug(tmp_path, number, f"Cam {name}", by_id=f"usb-Maker_Cam_{name}-video-index0")
    found = sections(proposal(list(scan_looks.cameras(tmp_path / "dev", tmp_path / "sys"))))
    by_id = tmp_path / "dev/v4l/by-id"
    assert found["person_camera"].port == str(by_id / "usb-Maker_Cam_A-video-index0")
    assert found["document_camera"].port == str(by_id / "usb-Maker_Cam_B-video-index0")
    assert len(found) == 2


def test_a_look_that_hangs_or_fails_is_told_and_the_others_go_on() -> None:
    def hangs() -> list[Find | Note]:
        time.sleep(30)
        return []

    def fails() -> list[Find | Note]:
        raise ImportError("no module named usb")

    assert bounded("USB", hangs, 0.05) == [Note("USB: no answer in 0.05 s")]
    (said,) = bounded("USB", fails, 5.0)
    assert isinstance(said, Note) and "no module named usb" in said.text


def test_a_server_that_listens_and_says_nothing_costs_seconds_and_no_more() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        (found,) = scan_looks.host(f"127.0.0.1:{port}")
    assert isinstance(found, Find) and found.kind is Kind.RECEIPT_PRINTER


@given(some.text(min_size=1), some.text())
def test_whatever_a_device_says_of_itself_the_proposal_is_toml(port: str, why: str) -> None:
    finds = [Find(Kind.LOCKER, "locker", port, why, sure) for sure in (True, True, False)]
    told: dict[str, Any] = tomllib.loads(proposal([*finds, Note(why)]))
    assert {name: one["port"] for name, one in told["devices"].items()} == {"locker": port, "locker_2": port}


def test_a_file_is_written_once_and_never_over_another(tmp_path: Path) -> None:
    file = tmp_path / "found.toml"
    with redirect_stdout(StringIO()) as told:
        assert main.main(["doctor", "--scan", "--write", str(file)]) == 0
    assert re.search(r"found\.toml: \d+ proposed; copy what is right into", told.getvalue())
    first = file.read_text(encoding="utf-8")
    assert tomllib.loads(first) is not None
    with redirect_stderr(StringIO()) as said:
        assert main.main(["doctor", "--scan", "--write", str(file)]) == 2
    assert "nothing was written" in said.getvalue()
    assert file.read_text(encoding="utf-8") == first
