"""The secret number of a social security card: VERIFY (ISO/IEC 7816-4, 11.6.6), over any transmitter.

Six digits, packed two a byte, against the reference of the application (P2 = 00). The card counts the tries
itself and blocks; nobody else may count for it. The packing is that of the bank cards' standard, which the
social security card follows; it is unverified on hardware.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from drivers.apdu import OK, exchange
from drivers.device import DeviceError
from drivers.social_card import SELECT_APPLICATION

DIGITS = 6
_VERIFY = bytes((0x00, 0x20, 0x00, 0x00, DIGITS // 2))
_BLOCKED = frozenset({0x6983, 0x6984})
_NONE = frozenset({0x6A81, 0x6A82, 0x6A86, 0x6A88, 0x6D00})  # there is no such reference, or no such command


@dataclass(frozen=True)
class PinVerdict:
    """What the card said of a number; `tries_left` after a wrong one."""

    right: bool
    tries_left: int = 0


def verify(transmit: Callable[[bytes], bytes], pin: str) -> PinVerdict:
    """Has the card compare the number. One try.

    DeviceError `card_refused`: no social security card; `card_pin_blocked`: no tries left, also after this
    one; `card_pin_none`: the card has no such number; `card_unreadable`; and whatever `transmit` raises.
    ValueError when `pin` is not six digits.
    """
    if not re.fullmatch(f"[0-9]{{{DIGITS}}}", pin):
        raise ValueError(f"a PIN has {DIGITS} digits")
    answer = exchange(transmit, SELECT_APPLICATION)
    if answer.status != OK:
        raise DeviceError("card_refused", f"no social security application: {answer}")
    return verdict(exchange(transmit, _VERIFY + bytes.fromhex(pin)).status)


def verdict(status: int) -> PinVerdict:
    """What a status word means. DeviceError as of `verify`."""
    if status == OK:
        return PinVerdict(True)
    if status in _BLOCKED or status == 0x63C0:
        raise DeviceError("card_pin_blocked", f"{status:04X}")
    if status & 0xFFF0 == 0x63C0:
        return PinVerdict(False, status & 0xF)
    if status in _NONE:
        raise DeviceError("card_pin_none", f"{status:04X}")
    raise DeviceError("card_unreadable", f"VERIFY: {status:04X}")
