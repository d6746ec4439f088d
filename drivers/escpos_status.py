"""What an ESC/POS printer says about itself: reply bytes taken apart, and put together as a DeviceState.

Four sorts of reply share one line without a header of their own, told apart by
fixed bits (Epson ESC/POS command reference, `DLE EOT`, `GS a`, `GS r`, `GS ( H`):

    realtime  1 byte   b & 93h == 12h        answer to DLE EOT n; which n is known by who asked
    ASB       4 bytes  b & 93h == 10h, then three with b & 90h == 00h     sent on every change
    GS r      1 byte   b & 90h == 00h        queued, so it comes when all before it was processed
    block     37h … 00h                      37 22 d1–d4 00 fence; 37 25 00 buffer cleared;
              5Fh digits 00h                 a maintenance counter, the answer to GS g 2
    full      6 bytes  10h 0Fh …             answer to DLE EOT 20 of kiosk printers with a presenter

The last begins like an ASB and is looked for only when it was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from config.devices import Availability, DeviceState, Media, Supply

_LONGEST_BLOCK = 80
_BLOCK_HEADS = frozenset((0x37, 0x3B, 0x3D, 0x5F))


@dataclass(frozen=True)
class Realtime:
    """The byte that answers `DLE EOT n`."""

    byte: int


@dataclass(frozen=True)
class Asb:
    """Automatic status: four bytes."""

    data: bytes


@dataclass(frozen=True)
class Transmitted:
    """The byte that answers `GS r 1` (or 2, 4)."""

    byte: int


@dataclass(frozen=True)
class Fence:
    """The process id of a `GS ( H` whose predecessors have been printed."""

    id: bytes


@dataclass(frozen=True)
class Cleared:
    """The buffers were emptied by `DLE DC4 8`."""


@dataclass(frozen=True)
class Block:
    """Another block (printer name, say): head and content without the closing NUL."""

    data: bytes


@dataclass(frozen=True)
class Full:
    """Full status of a kiosk printer: paper, user, recoverable and unrecoverable errors, one byte each."""

    data: bytes


Reply = Realtime | Asb | Transmitted | Fence | Cleared | Block | Full


class Demultiplexer:
    """Reply bytes in, whole replies out. Fed in any pieces; garbage is skipped, half replies wait."""

    def __init__(self) -> None:
        self._held = bytearray()  # the beginning of an ASB, a block or a full status
        self._full_expected = False

    def reset(self) -> None:
        """Forgets a half reply, as after a time-out."""
        self._held.clear()
        self._full_expected = False

    def expect_full(self) -> None:
        """The full status has been asked for: 10h 0Fh is its beginning from here on, until it has come."""
        self._full_expected = True

    def feed(self, data: bytes) -> list[Reply]:
        """The replies that end in `data`, in order."""
        replies: list[Reply] = []
        for byte in data:
            replies += self._byte(byte)
        return replies

    def _byte(self, byte: int) -> list[Reply]:
        held = self._held
        if held and held[0] in _BLOCK_HEADS:
            return self._in_block(byte)
        if self._full_expected and bytes((*held, byte))[:2] == b"\x10\x0f":
            return self._in_full(byte)
        if held and byte & 0x90 == 0x00:
            held.append(byte)
            return [Asb(self._take())] if len(held) == 4 else []
        held.clear()  # an ASB was cut short; this byte begins something else
        if byte in _BLOCK_HEADS or byte & 0x93 == 0x10:
            held.append(byte)
            return []
        if byte & 0x93 == 0x12:
            return [Realtime(byte)]
        return [Transmitted(byte)] if byte & 0x90 == 0x00 else []

    def _in_block(self, byte: int) -> list[Reply]:
        held = self._held
        if byte == 0:
            return [_block(self._take())]
        if byte < 0x20:  # none stands in a block: it was garbage, and must not swallow the replies behind it
            held.clear()
            return self._byte(byte)
        held.append(byte)
        if len(held) > _LONGEST_BLOCK:
            held.clear()
        return []

    def _in_full(self, byte: int) -> list[Reply]:
        self._held.append(byte)
        if len(self._held) < 6:
            return []
        self._full_expected = False
        return [Full(self._take()[2:])]

    def _take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def count_of(reply: Reply) -> int | None:
    """The number in an answer to `GS g 2`: 5Fh, one to ten digits; None for any other reply."""
    if not isinstance(reply, Block) or reply.data[:1] != b"\x5f":
        return None
    digits = reply.data[1:]
    return int(digits) if 0 < len(digits) <= 10 and digits.isdigit() else None


def _block(data: bytes) -> Reply:
    if len(data) == 6 and data[:2] == b"\x37\x22":
        return Fence(data[2:])
    return Cleared() if data == b"\x37\x25" else Block(data)


@dataclass(frozen=True)
class RawStatus:
    """The printer's own bits, from whichever reply told them last."""

    offline: bool = False
    cover_open: bool = False
    feeding: bool = False  # somebody holds the feed button
    paper_near_end: bool = False
    paper_end: bool = False
    cutter: bool = False
    unrecoverable: bool = False
    recovering: bool = False  # automatically recoverable: head or voltage out of range, passes by itself


def with_asb(asb: Asb) -> RawStatus:
    """The status in four ASB bytes (`GS a`); they hold all of it."""
    first, second, third, _ = asb.data
    return RawStatus(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        feeding=bool(first & 0x40),
        cutter=bool(second & 0x08),
        unrecoverable=bool(second & 0x20),
        recovering=bool(second & 0x40),
        paper_near_end=bool(third & 0x03),
        paper_end=bool(third & 0x0C),
    )


def with_realtime(raw: RawStatus, request: int, byte: int) -> RawStatus:
    """`raw` with the answer to `DLE EOT request` (1 printer, 2 offline, 3 error, 4 paper) put in."""
    if request == 1:
        return replace(raw, offline=bool(byte & 0x08))
    if request == 2:
        return replace(raw, cover_open=bool(byte & 0x04), feeding=bool(byte & 0x08))
    if request == 3:
        return replace(
            raw,
            cutter=bool(byte & 0x08),
            unrecoverable=bool(byte & 0x20),
            recovering=bool(byte & 0x40),
        )
    return replace(raw, paper_near_end=bool(byte & 0x0C), paper_end=bool(byte & 0x60))


def with_transmitted(raw: RawStatus, byte: int) -> RawStatus:
    """`raw` with the paper bits of a `GS r 1` answer."""
    return replace(raw, paper_near_end=bool(byte & 0x03), paper_end=bool(byte & 0x0C))


def device_state(
    raw: RawStatus, *, uncleared: bool = False, mouth: Media = Media.NOT_SUPPORTED, detail: str = ""
) -> DeviceState:
    """The summary of `raw` on all axes.

    `uncleared` says that a job was left in the printer's buffer, `mouth` whether paper waits in a presenter.
    """
    faults = [
        code
        for code, is_so in (
            ("receipt_failed", raw.unrecoverable),
            ("receipt_cover_open", raw.cover_open),
            ("receipt_paper_out", raw.paper_end),
            ("receipt_cutter", raw.cutter),
            ("receipt_unfinished", uncleared),
        )
        if is_so
    ]
    if faults:
        availability = Availability.FAULT
    elif raw.recovering or raw.feeding:
        availability = Availability.BUSY
    elif raw.offline:
        availability = Availability.OFFLINE
        faults.append("device_offline")
    else:
        availability = Availability.ONLINE
    if raw.paper_near_end and not raw.paper_end:
        faults.append("receipt_paper_low")
    paper = Supply.OUT if raw.paper_end else Supply.LOW if raw.paper_near_end else Supply.FULL
    return DeviceState(availability, mouth, {"paper": paper}, tuple(faults), detail)


def stopping_fault(raw: RawStatus) -> str | None:
    """The fault code for which a print in progress is given up; None while it may go on."""
    state = device_state(raw)
    return state.faults[0] if state.availability in (Availability.FAULT, Availability.OFFLINE) else None
