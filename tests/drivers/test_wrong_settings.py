"""A technician has written something wrong: he reads what, where, and what would be right."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import Any, NoReturn

import pytest
import serial

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import pcsc_wire, registry
from drivers.device import DeviceError


def told(kind: Kind, driver: str, port: str = "", **options: object) -> str:
    """What is told when a device is made and opened that cannot be: code and words."""
    settings = DeviceSettings(kind=kind, driver=driver, port=port, options=options)
    with pytest.raises(DeviceError) as raised:
        registry.check_kind(settings)
        device = registry.make(settings)
        try:
            device.open()
        finally:
            device.close()
    return str(raised.value)


@pytest.mark.parametrize(
    ("kind", "driver", "port", "options", "words"),
    [
        (Kind.PERSON_CAMERA, "camera", "", {"fps": "fast"}, "option fps: Input should be a valid integer"),
        (Kind.ID_CARD_READER, "id_card_reader_serial", "/dev/ttyS9", {"timeout": "2"}, "option timeout"),
        (
            Kind.ID_CARD_READER,
            "id_card_reader_serial",
            "/dev/ttyS9",
            {"photo_order": "x"},
            "'bottom_up' or 'backwards'",
        ),
        (Kind.RECEIPT_PRINTER, "receipt_printer_tcp", "127.0.0.1:9", {"width": "wide"}, "option width"),
        (Kind.RECEIPT_PRINTER, "receipt_printer_tcp", "127.0.0.1:9", {"text": 1}, "option text"),
        (Kind.CODE_SCANNER, "code_scanner_serial", "/dev/ttyS9", {"terminator": 13}, "option terminator"),
        (Kind.IO_BOARD, "io_board_modbus", "/dev/ttyS9", {"lights": ["a"]}, "option lights"),
        (Kind.IO_BOARD, "io_board_modbus", "/dev/ttyS9", {"lights": {"a": "x"}}, "option lights.a"),
        (Kind.LOCKER, "locker_8a", "/dev/ttyS9", {"locks": 24}, "option locks"),
        (
            Kind.A4_PRINTER,
            "a4_printer_ipp",
            "ipps://127.0.0.1/x",
            {"fingerprint": "zz"},
            "64 hexadecimal digits",
        ),
        (Kind.A4_PRINTER, "camera", "", {}, "camera serves person_camera, and the kind says a4_printer"),
        (Kind.RECEIPT_PRINTER, "a4_printer_ipp", "ipp://h/x", {}, "a4_printer_ipp serves a4_printer"),
    ],
)
def test_an_option_that_does_not_fit_is_named_with_what_would(
    kind: Kind, driver: str, port: str, options: dict[str, object], words: str
) -> None:
    said = told(kind, driver, port, **options)
    assert said.startswith("device_misconfigured: ")
    assert words in said


def test_whole_numbers_do_for_seconds() -> None:
    options = {"timeout": 2, "photo_timeout": 4}
    made = DeviceSettings(
        kind=Kind.ID_CARD_READER, driver="id_card_reader_serial", port="/dev/ttyS9", options=options
    )
    registry.make(made)


@pytest.mark.parametrize("driver", sorted(registry.BUILT_IN))
def test_each_driver_of_ours_serves_one_kind(driver: str) -> None:
    serves = set()
    for kind in Kind:
        try:
            registry.check_kind(DeviceSettings(kind=kind, driver=driver))
            serves.add(kind)
        except DeviceError:
            continue
    assert len(serves) == 1


def test_a_printer_that_is_not_there_is_told_with_its_address_and_the_systems_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = f"ipp://127.0.0.1:{server.getsockname()[1]}/ipp/print"
    assert told(Kind.A4_PRINTER, "a4_printer_ipp", port) == f"device_absent: {port}: Connection refused"


def test_a_camera_that_is_not_there_is_told_in_the_systems_words(tmp_path: Path) -> None:
    said = told(Kind.PERSON_CAMERA, "camera", str(tmp_path / "film.mp4"))
    assert said == "device_absent: file: No such file or directory"


def test_a_line_that_this_user_may_not_open_is_told_with_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> NoReturn:  # root, who runs tests in containers, is refused nothing
        raise serial.SerialException(errno.EACCES, "could not open port")

    monkeypatch.setattr(serial, "Serial", refuse)
    said = told(Kind.LOCKER, "locker_8a", "/dev/ttyS9")
    assert said.startswith("device_misconfigured: /dev/ttyS9: not permitted")
    assert "group dialout" in said


@pytest.mark.parametrize(
    ("code", "next_step"),
    [(0x8010001D, "install or start pcscd"), (0x8010002E, "no reader is plugged in"), (0x8010006A, "polkit")],
)
def test_a_card_daemon_that_is_not_there_or_refuses_is_told(code: int, next_step: str) -> None:
    assert next_step in pcsc_wire.error_of(code, "SCardEstablishContext").detail


def test_the_place_that_is_looked_at_is_told_also_when_the_settings_name_none() -> None:
    def place(driver: str, port: str = "") -> str:
        return registry.port_of(DeviceSettings(kind=Kind.LOCKER, driver=driver, port=port))

    assert place("id_card_reader_usb") == "usb:0400:C35A"
    assert place("speaker_espeak") == "default"
    assert place("locker_8a") == ""
    assert place("no_such_driver") == ""
    assert place("locker_8a", "/dev/ttyS9") == "/dev/ttyS9"
