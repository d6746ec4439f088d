"""The looks of `drivers/scan.py`: one function for each way in which a device can be connected.

Each yields what it finds; a library or daemon that is missing is a note. Nothing is opened that another
program may be using, but serial lines with `--ask`, which are taken exclusively.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any, cast

from config.addresses import without_secrets
from config.devices import Kind
from drivers import scan_serial
from drivers.camera_places import find_cameras
from drivers.device import Deadline, DeviceError
from drivers.scan_finds import Find, Note
from drivers.usb_place import Found, fits, place_of

PCSC_SECONDS = 5.0
SOUND_SECONDS = 5.0
TABLE_WIDTH = 1200  # pixels of a picture that are rather a document camera's
CUPS = "127.0.0.1:631"
_NOT_FOUND = 0x0406


class _Cups(IntEnum):
    """An operation of CUPS's own."""

    GET_PRINTERS = 0x4002


_CARD = re.compile(  # of `aplay -l`
    r"^card \d+: (?P<card>\S+) \[(?P<name>[^\]]*)\], device (?P<device>\d+): .*?\[(?P<what>[^\]]*)\]",
    re.MULTILINE,
)

# USB devices that are what they are, by vendor and product.
_READERS = {(0x0400, 0xC35A): "the usual ID card module", (0x0400, 0xC36C): "an ID card module"}
_PRINTER, _IPP_USB = 7, 4  # interface class, and its protocol for IPP over USB
_SCANNER_MAKERS = {0x0C2E: "Honeywell", 0x05E0: "Zebra", 0x1EAB: "Newland", 0x05F9: "Datalogic"}
_PRINTER_MAKERS = {0x04B8: "Epson", 0x0519: "Star", 0x0DD4: "Custom", 0x1504: "Bixolon", 0x0FE6: "a kiosk's"}


_PCSC_WORDS = {
    "device_misconfigured": "pyscard is not installed: the extra [cards], only where cards are read",
    "device_timeout": "the daemon does not answer: restart pcscd",
}


# ── serial ──────────────────────────────────────────────────────────────────
def serial_ports(ask: Sequence[str] | None) -> Iterator[Find | Note]:
    """USB adapters with their stable spelling. With `ask`, each is asked what it is."""
    from serial.tools import list_ports

    ttys = [tty for tty in sorted(list_ports.comports()) if tty.vid is not None and tty.pid is not None]
    there = [Found(t.vid, t.pid, (t.location or "").partition(":")[0], t.serial_number or "") for t in ttys]
    for tty, one in zip(ttys, there, strict=True):
        port = stable("serial", one, there) or tty.device
        said = f"A serial line at {tty.device}: {tty.description or 'USB adapter'} ({one})."
        yield _serial(port, said, one.vendor, ask is not None)
    for port in ask or ():
        yield _serial(port, f"A serial line at {port}.", 0, True)
    if not ttys and not ask:
        yield Note("No serial adapter on USB. A line of the board itself is asked with --ask /dev/ttyS0.")


def _serial(port: str, said: str, vendor: int, ask: bool) -> Find:
    answer = scan_serial.ask(port) if ask else ""
    if isinstance(answer, Find):
        return replace(answer, why=f"{said} {answer.why}")
    if maker := _SCANNER_MAKERS.get(vendor):
        why = f"{said} {maker} makes code scanners."
        return Find(Kind.CODE_SCANNER, "code_scanner_serial", port, why)
    heard = f"It was asked what it is: {answer}." if ask else "--ask asks it what it is."
    why = f"{said} What is behind it is not known. {heard}\nIf it is a code scanner:"
    return Find(Kind.CODE_SCANNER, "code_scanner_serial", port, why, sure=False)


# ── USB ─────────────────────────────────────────────────────────────────────
def usb_devices() -> Iterator[Find | Note]:
    """Devices that need no kernel driver: known card readers, and printers by their interface's class."""
    try:
        import usb.core
        from usb.backend import libusb1
    except ImportError as error:
        yield Note(f"USB: {error}; pyusb belongs to the terminal's packages")
        return
    backend = libusb1.get_backend()
    if backend is None:
        yield Note("USB: libusb is not installed: package libusb-1.0-0")
        return
    devices = sorted(usb.core.find(find_all=True, backend=backend) or (), key=_socket)
    there, count = [_found(device) for device in devices], 0
    for device, one in zip(devices, there, strict=True):
        port = stable("usb", one, there) or f"usb@{one.socket}"
        if known := _READERS.get((one.vendor, one.product)):
            yield Find(Kind.ID_CARD_READER, "id_card_reader_usb", port, f"USB {one}: {known}.")
        elif (protocols := _printer_protocols(device)) is not None:
            yield _usb_printer(port, one, protocols)
        else:
            continue
        count += 1
    if not count:
        yield Note(f"USB: no card reader and no printer among {len(devices)} devices")


def _found(device: Any) -> Found:
    number = ""
    device.default_timeout = 400
    with suppress(Exception):  # not for this user, or it does not tell; pyusb raises many kinds
        number = device.serial_number or ""
    return Found(device.idVendor, device.idProduct, _socket(device), number)


def _socket(device: Any) -> str:
    return f"{device.bus}-{'.'.join(map(str, device.port_numbers or ()))}"


def _printer_protocols(device: Any) -> set[int] | None:
    """Protocols of its printer interfaces; None when it has none."""
    with suppress(Exception):
        found = {i.bInterfaceProtocol for c in device for i in c if i.bInterfaceClass == _PRINTER}
        return found or None
    return None


def _usb_printer(port: str, one: Found, protocols: set[int]) -> Find | Note:
    if _IPP_USB in protocols:
        return Note(f"USB {one}: a printer that speaks IPP over USB. Make it a queue of CUPS (ipp-usb).")
    maker = _PRINTER_MAKERS.get(one.vendor)
    why = f"USB {one}: a printer" + (f" of {maker} make." if maker else "; an office printer goes to CUPS.")
    return Find(Kind.RECEIPT_PRINTER, "receipt_printer_usb", port, why, sure=maker is not None)


def stable(scheme: str, one: Found, there: Sequence[Found]) -> str:
    """The shortest spelling that means this one and will after a replug; empty when there is none."""
    kind = f"{scheme}:{one.vendor:04X}:{one.product:04X}"
    spellings = [f"{kind}:{one.number}"] if one.number else []
    spellings += [kind, f"{scheme}@{one.socket}"]
    for port in spellings:
        with suppress(DeviceError):
            if sum(fits(place_of(port), other) for other in there) == 1:
                return port
    return ""


# ── PC/SC ───────────────────────────────────────────────────────────────────
def pcsc_readers() -> Iterator[Find | Note]:
    """Readers of the card daemon."""
    from drivers.pcsc_wire import PcscWire

    wire = PcscWire("", PCSC_SECONDS)
    try:
        names = wire.readers()
    except DeviceError as error:
        yield Note(f"PC/SC: {_PCSC_WORDS.get(error.code, 'no daemon: package pcscd')}")
        return
    finally:
        wire.close()
    if not names:
        yield Note("PC/SC: the daemon runs and sees no reader")
    for name in names:
        why = f"PC/SC reader {name}. Use id_card_reader_pcsc where it reads identity cards."
        yield Find(Kind.SOCIAL_CARD_READER, "social_card_reader_pcsc", name, why)


# ── cameras ─────────────────────────────────────────────────────────────────
def cameras(dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> Iterator[Find | Note]:
    """V4L2 cameras by the name that outlasts a replug."""
    found = find_cameras(dev, sys)
    if not found:
        yield Note("No camera: the kernel has none (/sys/class/video4linux)")
    for place, camera in enumerate(found):
        if place == 0:
            why = f"The camera {camera.name}. Whether it looks at the person or at the table, it cannot tell."
            yield Find(Kind.PERSON_CAMERA, "camera", camera.port, why)
        else:
            why = f"Another camera, {camera.name}. If it looks at the table:"
            yield Find(Kind.DOCUMENT_CAMERA, "document_camera", camera.port, why, sure=place == 1)


# ── printers on the network ─────────────────────────────────────────────────
def cups_queues(server: str = CUPS) -> Iterator[Find | Note]:
    """Queues of the print server on this computer."""
    from drivers.ipp_wire import IppWire

    if not _listens(*server.rsplit(":", 1)):
        yield Note(f"CUPS: nothing listens at {server}")
        return
    wire, get_printers = IppWire(f"ipp://{server}/"), cast(Any, _Cups.GET_PRINTERS)
    wire.open()
    try:
        queues = [one for one in wire.ask(get_printers, [], Deadline(5.0)) if "printer-name" in one]
    except DeviceError as error:
        queues = []
        if getattr(error, "status", 0) != _NOT_FOUND:  # so it says that it has no queue
            yield Note(f"CUPS at {server}: {error}")
            return
    finally:
        wire.close()
    if not queues:
        yield Note(f"CUPS runs at {server} and has no queue")
    for queue in queues:
        name, model = queue["printer-name"], queue.get("printer-make-and-model", "")
        options = {"device": d} if str(d := queue.get("device-uri", "")).startswith("ipp") else {}
        why = f"The CUPS queue {name}: {model}."
        port = f"ipp://{server}/printers/{name}"
        yield Find(Kind.A4_PRINTER, "a4_printer_cups", port, why, options=options)


def host(address: str) -> Iterator[Find | Note]:
    """A device on the network: an IPP printer, else something that takes bytes at 9100, to which none go.

    `address` is a host, `host:port` of an IPP printer that listens elsewhere, `tcp:host:port` of something
    that takes bytes, or the whole address of a camera's stream.
    """
    if "://" in address:
        yield _stream(address)
        return
    raw = address.startswith("tcp:")  # to such a one no question goes: it would print it
    name, _, number = address.removeprefix("tcp:").partition(":")
    if not raw and (model := _ipp_model(port := f"ipp://{name}:{number or 631}/ipp/print")):
        yield Find(Kind.A4_PRINTER, "a4_printer_ipp", port, f"An IPP printer: {model}.")
    elif _listens(name, number or "9100"):
        why = f"{name} listens at {number or 9100}, where printers take bytes. No byte was sent to it.\n"
        why += "If it prints on certificate blanks: special_printer, with special_printer_escpos."
        yield Find(Kind.RECEIPT_PRINTER, "receipt_printer_tcp", f"{name}:{number or 9100}", why)
    else:
        yield Note(f"{address}: answers neither as an IPP printer nor at 9100")


def _stream(address: str) -> Find | Note:
    """A camera by its address: a wide picture is rather that of a table. A password in it is not told."""
    from drivers.camera import Camera

    shown = without_secrets(address)
    camera = Camera(port=address)
    try:
        camera.open()
        size = camera.status().detail
    except DeviceError as error:
        return Note(f"{shown}: no picture ({error.code})")
    finally:
        camera.close()
    why = f"A camera's stream, {size}. Whether it looks at the person or at the table, it cannot tell."
    if int(size.partition("x")[0]) >= TABLE_WIDTH:
        return Find(Kind.DOCUMENT_CAMERA, "document_camera", address, why)
    return Find(Kind.PERSON_CAMERA, "camera", address, why)


# ── sound ───────────────────────────────────────────────────────────────────
def speakers(aplay: str = "aplay") -> Iterator[Find | Note]:
    """Sound cards as ALSA names them; each plays, none is played on."""
    try:
        done = subprocess.run(
            [aplay, "-l"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SOUND_SECONDS,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError:
        yield Note("Sound: aplay is not installed: package alsa-utils")
        return
    except (OSError, subprocess.TimeoutExpired) as error:
        yield Note(f"Sound: aplay does not answer ({type(error).__name__})")
        return
    found = list(_CARD.finditer(done.stdout))
    if not found:
        yield Note("Sound: no sound card")
    for place, card in enumerate(found):
        port = f"plughw:CARD={card['card']},DEV={card['device']}"
        why = f"The sound card {card['name']}: {card['what']}. `[screen] speak = true` reads pages aloud."
        yield Find(Kind.SPEAKER, "speaker_espeak", port, why, sure=place == 0)


def _ipp_model(port: str) -> str:
    from drivers.a4_printer import A4Printer

    printer = A4Printer(port=port, timeout=3.0)
    try:
        printer.open()
        return printer.status().detail or "without a name"
    except DeviceError:
        return ""
    finally:
        printer.close()


def _listens(name: str, port: str) -> bool:
    try:
        socket.create_connection((name, int(port)), 2.0).close()
        return True
    except (OSError, ValueError):
        return False
