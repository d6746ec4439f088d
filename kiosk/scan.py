"""What is held before the code scanner, and what the codes on our own papers mean."""

from __future__ import annotations

import asyncio

from config.devices import Kind
from drivers.device import DeviceError
from kiosk.devices.devices import Devices

SLICE_SECONDS = 1.0  # of one wait: whoever needs the scanner next does not wait longer for it
AGAIN_SECONDS = 0.5  # after an error, until the scanner is asked anew


async def next_code(devices: Devices) -> str:
    """Waits for a code that is scanned from now on, however long, through whatever befalls the scanner.

    DeviceError `code_unreadable` when one was scanned and could not be read.
    """
    fresh = True
    while True:
        try:
            code = await devices.call(Kind.CODE_SCANNER, "read_code", SLICE_SECONDS, fresh)
            fresh = False
        except DeviceError as error:
            if error.code == "code_unreadable":
                raise
            fresh = True
            await asyncio.sleep(AGAIN_SECONDS)
            continue
        if code is not None:
            return str(code)


def certificate_code(public: str, number: str) -> str:
    """What the QR code of a receipt says: where the public checks the certificate of that number."""
    return f"{public}/v/{number}"


def rating_code(public: str, case_no: str) -> str:
    """What the other code of a receipt says: where the public rates that case later."""
    return f"{public}/r/{case_no}"


def phone_code(public: str, code: str) -> str:
    """What the QR code on a phone says: where what was begun there is handed over."""
    return f"{public}/h/{code}"


def number_in(public: str, code: str) -> str:
    """The number that a scanned code means: of one of our own papers, else the code as it is."""
    number = code.strip()
    for address in (certificate_code(public, ""), rating_code(public, ""), phone_code(public, "")):
        number = number.removeprefix(address)
    return number
