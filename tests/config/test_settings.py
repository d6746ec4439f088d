"""The settings of a terminal: what is left out has a sensible value, what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config import settings
from config.devices import Kind
from config.toml_file import ConfigError
from tests import small_settings

SMALL = f"""{small_settings.TEXT}
[devices.receipt]
kind = "receipt_printer"
driver = "receipt_printer_tcp"
port = "127.0.0.1:9100"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "terminal.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_given_only_what_must_be_said_then_the_rest_has_its_value(tmp_path: Path) -> None:
    found = settings.load(written(tmp_path, SMALL))
    assert found.data == tmp_path.resolve() / "data"
    assert found.devices["receipt"].kind is Kind.RECEIPT_PRINTER
    assert found.session.warn_seconds >= 20  # WCAG 2.2.1
    assert found.session.idle_seconds > found.session.warn_seconds
    assert 0 < found.face.again < found.face.accept < 1
    assert found.screen.language == "zh"
    assert not found.screen.outline_socket
    assert not found.face.enrol_on_camera


def test_the_demo_profile_loads_as_it_lies_there() -> None:
    demo = settings.load(settings.PROFILES / "demo.toml")
    assert {device.kind for device in demo.devices.values()} == {
        Kind.ID_CARD_READER, Kind.CODE_SCANNER, Kind.IO_BOARD, Kind.PERSON_CAMERA, Kind.DOCUMENT_CAMERA,
        Kind.RECEIPT_PRINTER, Kind.A4_PRINTER, Kind.SPECIAL_PRINTER,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ('port = "127.0.0.1:9100"', "port = 9100", "devices.receipt.port: Input should be a valid "
         "string, line 18"),
        ('"receipt_printer"', '"printer"', "devices.receipt.kind: Input should be 'id_card_reader', "),
        ('driver = "receipt', 'drivers = "receipt', "devices.receipt.driver: is missing, line 15"),
        ('kiosk = "K001"', 'kiosk = "K/1"', "identity.kiosk: must be 1–36 letters, digits, - or _, since "
         "it is part of a topic, line 6"),
        ('kiosk = "K001"', 'kiosk = ""', "identity.kiosk: must be 1–36 letters"),
        ('kiosk = "K001"', 'kiosk = "K+"', "identity.kiosk: must be 1–36 letters"),
        ("[platform]", "[platform]\ntimeout_seconds = 0", "platform.timeout_seconds: Input should be greater "
         "than 0, line 11"),
        ("[platform]", "[link]\nport = 70000\n[platform]", "link.port: Input should be less than "
         "65536, line 11"),
        ("[platform]", "[session]\nwarn_seconds = 10\n[platform]", "session.warn_seconds: Input should be "
         "greater than or equal to 20, line 11"),
        ("[platform]", "[session]\nidle_seconds = 30\nwarn_seconds = 30\n[platform]", "session: warn_seconds "
         "must be less than idle_seconds, line 10"),
        ("[platform]", "[colour]\nblue = 1\n[platform]", "colour: there is no such key here"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_key_and_line(tmp_path: Path, right: str, wrong: str, said: str) -> None:
    assert SMALL.count(right) == 1
    path = written(tmp_path, SMALL.replace(right, wrong))
    with pytest.raises(ConfigError) as told:
        settings.load(path)
    assert any(problem.startswith(said) for problem in told.value.problems), told.value.problems


TLS = """
[link.tls]
authority = "{here}/identity/authority.pem"
certificate = "{here}/identity/certificate.pem"
key = "{here}/identity/key.pem"
"""


def test_an_enrolled_terminal_refuses_a_virtual_device(tmp_path: Path) -> None:
    text = SMALL.replace('help_phone = "12345"', 'help_phone = "12345"\nenrolled = true') + TLS
    settings.load(written(tmp_path, text))
    with pytest.raises(ConfigError, match="device receipt is virtual, which an enrolled terminal refuses"):
        settings.load(written(tmp_path, text.replace('"receipt_printer_tcp"', '"virtual_printer"')))


def test_an_enrolled_terminal_encrypts(tmp_path: Path) -> None:
    text = SMALL.replace('help_phone = "12345"', 'help_phone = "12345"\nenrolled = true')
    with pytest.raises(ConfigError, match=r"needs \[link.tls\]: remove `enrolled`"):
        settings.load(written(tmp_path, text))
