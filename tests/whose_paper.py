"""Whose paper is it? A piece off the receipt roll, dot for dot beside what was sent to be printed.

A negative is what the driver was given for one print. A piece of paper belongs to a print when it is the
beginning of its negative and white behind, or the mark that it is void; a piece on which two prints stand is
nobody's. It is whole when all rows lie before the cut, and no such mark.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from PIL import Image

from drivers.raster import RasterImage, raster, without_realtime_commands
from kiosk.printing.roll import void_mark

ROW = 72  # bytes across the paper
KNIFE_ROWS = 96  # of the virtual printer, from the head to the cut
Negatives = Mapping[str, bytes]  # by the name of the print


@dataclass(frozen=True)
class Owned:
    """A piece, the prints whose beginning it can be (none: it is mixed), and whether it is all of it."""

    prints: frozenset[str]
    whole: bool
    blank: bool = False


def negative(image: RasterImage) -> bytes:
    """What a picture leaves on the paper, row by row."""
    sent = without_realtime_commands(image)
    across = sent.row_bytes
    rows = (sent.bits[at : at + across] for at in range(0, len(sent.bits), across))
    return b"".join(row.ljust(ROW, b"\0") for row in rows)


def owned(png: bytes, negatives: Negatives, spoilt_rows: int = 0) -> Owned:
    """Whose the piece of paper in this picture is.

    `spoilt_rows`: how many rows behind the beginning a simple model may burn of what it is asked, when a band
    was cut short and swallows the question.
    """
    with Image.open(io.BytesIO(png)) as picture:
        bits = raster(picture).bits
    burnt = _without_white(bits)
    void = burnt.endswith(_void())
    if void:
        burnt = _without_white(burnt.removesuffix(_void()))
    if not burnt:
        return Owned(frozenset(), whole=False, blank=True)
    room = len(bits) - KNIFE_ROWS * ROW  # above the knife
    whole = (
        set()
        if void
        else {name for name, sent in negatives.items() if sent == bits[: len(sent)] and len(sent) <= room}
    )
    part = {name for name, sent in negatives.items() if len(burnt) - _alike(sent, burnt) <= spoilt_rows * ROW}
    return Owned(frozenset(whole or part), whole=bool(whole))


@cache
def _void() -> bytes:
    """What the terminal prints on a receipt that was not finished, up to its last black row."""
    return _without_white(negative(void_mark())).lstrip(b"\0")


def _alike(sent: bytes, burnt: bytes) -> int:
    """How many bytes of whole rows both begin with."""
    rows = 0
    while (rows + 1) * ROW <= min(len(sent), len(burnt)) and (
        sent[rows * ROW : (rows + 1) * ROW] == burnt[rows * ROW : (rows + 1) * ROW]
    ):
        rows += 1
    return rows * ROW


def _without_white(bits: bytes) -> bytes:
    """The rows up to the last that is not white."""
    rows = -(-len(bits.rstrip(b"\0")) // ROW)
    return bits[: rows * ROW]
