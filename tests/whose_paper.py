"""Whose paper is it? A piece off the receipt roll, dot for dot beside what was sent to be printed.

A negative is what the driver was given for one print. A piece of paper belongs to a print when it is the
beginning of its negative and white behind; a piece on which two prints stand is nobody's.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from drivers.raster import RasterImage, raster, without_realtime_commands

ROW = 72  # bytes across the paper
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


def owned(png: bytes, negatives: Negatives) -> Owned:
    """Whose the piece of paper in this picture is."""
    with Image.open(io.BytesIO(png)) as picture:
        bits = raster(picture).bits
    burnt = _without_white(bits)
    if not burnt:
        return Owned(frozenset(), whole=False, blank=True)
    whole = {name for name, sent in negatives.items() if _without_white(sent) == burnt}
    part = {name for name, sent in negatives.items() if _begins(sent, bits, len(burnt))}
    return Owned(frozenset(whole or part), whole=bool(whole))


def _begins(sent: bytes, bits: bytes, burnt: int) -> bool:
    """Whether the paper is the beginning of what was sent, as far as anything is burnt."""
    return len(sent) >= burnt and sent[:burnt] == bits[:burnt]


def _without_white(bits: bytes) -> bytes:
    """The rows up to the last that is not white."""
    at = len(bits.rstrip(b"\0"))
    return bits[: -(-at // ROW) * ROW].ljust(-(-at // ROW) * ROW, b"\0")
