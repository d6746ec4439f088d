"""What a person at the virtual receipt printer sees and does, and the status bytes that tell it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Condition:
    """What a person at the printer sees and does."""

    plugged: bool = True
    paper_low: bool = False
    paper_out: bool = False
    cover_open: bool = False
    cutter_error: bool = False

    @property
    def stopped(self) -> bool:
        return self.paper_out or self.cover_open or self.cutter_error

    def asb(self) -> bytes:
        first = 0x10 | (0x08 if self.stopped else 0) | (0x20 if self.cover_open else 0)
        second = 0x08 if self.cutter_error else 0
        third = (0x03 if self.paper_low or self.paper_out else 0) | (0x0C if self.paper_out else 0)
        return bytes((first, second, third, 0))

    def realtime(self, request: int) -> int:
        if request == 1:
            return 0x12 | (0x08 if self.stopped else 0)
        if request == 2:
            cover, ended = (0x04 if self.cover_open else 0), (0x20 if self.paper_out else 0)
            return 0x12 | cover | ended | (0x40 if self.cutter_error else 0)
        if request == 3:
            return 0x12 | (0x08 if self.cutter_error else 0)
        return 0x12 | (0x0C if self.paper_low or self.paper_out else 0) | (0x60 if self.paper_out else 0)


# What a hand does → what is then so.
HANDS: dict[str, dict[str, bool]] = {
    "paper_low": {"paper_low": True},
    "paper_out": {"paper_out": True, "paper_low": True},
    "refill": {"paper_out": False, "paper_low": False},
    "open_cover": {"cover_open": True},
    # closing the cover resets the cutter, as the technician's remedy says
    "close_cover": {"cover_open": False, "cutter_error": False},
    "cutter_error": {"cutter_error": True},
    "clear_cutter": {"cutter_error": False},
}


def full_status(now: Condition, in_mouth: bool) -> bytes:
    """The answer of a printer with a presenter to `DLE EOT 20` (Custom: full status)."""
    paper = (0x01 if now.paper_out else 0) | (0x04 if now.paper_low or now.paper_out else 0)
    user = 0x02 if now.cover_open else 0
    recoverable = 0
    unrecoverable = 0x01 if now.cutter_error else 0
    return bytes((0x10, 0x0F, paper | (0x20 if in_mouth else 0), user, recoverable, unrecoverable))


# `GS I n` → what a printer says of itself: one byte, or a block of text.
_NAMES = {1: b"\x20", 2: b"\x02", 3: b"\x01", 65: b"1.0", 66: b"BENCH", 67: b"VIRTUAL-80", 68: b"V0001"}


def name(which: int) -> bytes:
    """The answer to `GS I which`; empty for a question that it does not know."""
    told = _NAMES.get(which, b"")
    return b"\x5f" + told + b"\x00" if which >= 65 and told else told
