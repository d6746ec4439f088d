"""What moves a cut receipt out to a hand, draws it back, and tells whether it was taken.

The bytes differ by maker; the table has those whose manuals agree, the settings can give others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config.devices import Media
from drivers.device import DeviceError
from drivers.escpos_status import Full


@dataclass(frozen=True)
class Presenter:
    """One maker's commands. `ask` is empty where the printer cannot tell whether paper is in its mouth."""

    present: bytes
    retract: bytes
    ask: bytes = b""  # answered by a full status (`escpos_status.Full`)
    present_bit: int = 0x20  # of its paper byte: a receipt is in the mouth


_FULL_STATUS = b"\x10\x04\x14"  # DLE EOT 20
TABLE = {
    # GS e 3 m, GS e 2, DLE EOT 20: Custom VKP80II, KPM216H (command reference, "Ejector"), Pyramid Reliance
    # (paper movement commands). 12 steps of 7.3 mm are 88 mm. Drawing back must be allowed in the printer's
    # own set-up.
    "custom": Presenter(present=b"\x1d\x65\x03\x0c", retract=b"\x1d\x65\x02", ask=_FULL_STATUS),
}


def presenter_of(option: str | Mapping[str, object]) -> Presenter | None:
    """The presenter that the settings name, or spell in hexadecimal: `{ present = "1D65030C", retract = …,
    ask = …, bit = 32 }`; None for an empty option.

    DeviceError `device_misconfigured` for a name that is not in the table, or bytes that are none.
    """
    if not option:
        return None
    if isinstance(option, str):
        if option not in TABLE:
            raise DeviceError("device_misconfigured", f"no presenter {option!r}; there is {', '.join(TABLE)}")
        return TABLE[option]
    if unknown := set(option) - {"present", "retract", "ask", "bit"}:
        raise DeviceError("device_misconfigured", f"a presenter has no {', '.join(sorted(unknown))}")
    bit = option.get("bit", 0x20)
    if not isinstance(bit, int) or not 0 < bit < 0x100:
        raise DeviceError("device_misconfigured", "presenter bit is not 1 to 255")
    present, retract, ask = (_bytes(option, name) for name in ("present", "retract", "ask"))
    if not present or not retract:
        raise DeviceError("device_misconfigured", "a presenter needs the bytes of present and retract")
    return Presenter(present, retract, ask, bit)


def mouth_of(presenter: Presenter, answer: Full | None) -> Media:
    """Whether a receipt is in the mouth, by the printer's answer; unknown without one."""
    if answer is None:
        return Media.UNKNOWN
    return Media.PRESENT if answer.data[0] & presenter.present_bit else Media.NONE


def _bytes(option: Mapping[str, object], name: str) -> bytes:
    try:
        return bytes.fromhex(str(option.get(name, "")))
    except ValueError:
        raise DeviceError(
            "device_misconfigured", f"presenter {name} is no row of hexadecimal bytes"
        ) from None
