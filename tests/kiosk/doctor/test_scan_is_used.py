"""What `doctor --scan` proposes at a whole bench is taken over as it is, and the doctor finds it ready."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import scan_looks
from drivers.scan import proposal, scan
from drivers.scan_finds import Find, Note
from kiosk import doctor
from tests.kiosk.doctor.bench import Stand, stand

_FOUND = {
    Kind.ID_CARD_READER,
    Kind.IO_BOARD,
    Kind.LOCKER,
    Kind.PERSON_CAMERA,
    Kind.DOCUMENT_CAMERA,
    Kind.RECEIPT_PRINTER,
    Kind.A4_PRINTER,
}


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Stand]:
    with stand(tmp_path) as made:
        yield made


def test_the_whole_bench_is_found_and_the_proposal_is_ready_as_it_is(at: Stand) -> None:
    devices = at.settings.devices
    lines = ("id_card_reader", "io_board", "locker", "code_scanner")
    ask = [devices[name].port for name in lines]
    a4 = devices["a4_printer"].port.removeprefix("ipp://").removesuffix("/ipp/print")
    hosts = [f"tcp:{devices['receipt_printer'].port}", a4]
    hosts += [devices[name].port for name in ("person_camera", "document_camera")]
    text = proposal(scan(ask, hosts))
    proposed = {name: DeviceSettings(**one) for name, one in tomllib.loads(text)["devices"].items()}
    own = {
        name: one for name, one in proposed.items() if one.port in {each.port for each in devices.values()}
    }
    assert {one.kind for one in own.values()} == _FOUND
    assert f'# port = "{devices["code_scanner"].port}"' in text, "a scanner that waits says nothing"
    settings = at.settings.model_copy(update={"devices": own})
    findings = list(doctor.examine(settings, only=tuple(own)))
    assert [one for one in findings if not one.ready] == []
    assert at.bench.receipts.paper() == [] and at.bench.a4.paper() == [], "looking prints nothing"


def test_a_receipt_printer_on_a_serial_line_is_known_by_its_answers(tmp_path: Path) -> None:
    from drivers.virtual.receipt_printer import VirtualReceiptPrinter

    printer = VirtualReceiptPrinter(link=tmp_path / "line", real_time=False)
    printer.start()
    try:
        found = [one for one in scan_looks.serial_ports([str(tmp_path / "line")]) if isinstance(one, Find)]
    finally:
        printer.stop()
    mine = [one for one in found if one.port == str(tmp_path / "line")]
    assert [(one.kind, one.driver, one.sure) for one in mine] == [
        (Kind.RECEIPT_PRINTER, "receipt_printer_serial", True)
    ]
    assert printer.paper() == [], "nothing was printed"


def test_sound_cards_are_named_as_alsa_wants_them(tmp_path: Path) -> None:
    aplay = tmp_path / "aplay"
    aplay.write_text(
        "#!/bin/sh\necho '**** List of PLAYBACK Hardware Devices ****'\n"
        "echo 'card 0: PCH [HDA Intel PCH], device 0: ALC887-VD Analog [ALC887-VD Analog]'\n"
        "echo '  Subdevices: 1/1'\n"
        "echo 'card 1: Device [USB Audio Device], device 0: USB Audio [USB Audio]'\n",
        encoding="utf-8",
    )
    aplay.chmod(0o700)
    found = [one for one in scan_looks.speakers(str(aplay)) if isinstance(one, Find)]
    assert [(one.port, one.sure) for one in found] == [
        ("plughw:CARD=PCH,DEV=0", True),
        ("plughw:CARD=Device,DEV=0", False),
    ]
    (none,) = scan_looks.speakers(str(tmp_path / "missing"))
    assert isinstance(none, Note) and "alsa-utils" in none.text
