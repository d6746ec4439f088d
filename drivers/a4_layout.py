"""What a document wants of its paper, against what the printer can do: asked once, and refused before a byte.

A printer's own defaults are never trusted. One that is set to two sides by default must still print one side,
and one that cannot print two sides must not quietly make two sheets of what belongs on one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ippx import Attribute, Tag

from config.print_layout import PrintLayout
from drivers.device import DeviceError
from drivers.ipp_wire import all_of

ABILITIES = [
    "sides-supported",
    "media-supported",
    "copies-supported",
    "print-scaling-supported",
    "multiple-document-handling-supported",
]
_UNSCALED = "none"
_COLLATED = "separate-documents-collated-copies"


@dataclass(frozen=True)
class Abilities:
    """What Get-Printer-Attributes told; an empty tuple where the printer does not say."""

    sides: tuple[str, ...] = ()
    media: tuple[str, ...] = ()
    copies: int = 1  # the most of one job
    counts_copies: bool = False  # it knows the attribute
    unscaled: bool = False
    collates: bool = False


def abilities(told: Mapping[str, Any]) -> Abilities:
    """The attributes `ABILITIES` of a printer."""
    copies = told.get("copies-supported")
    most = copies[1] if isinstance(copies, tuple) and len(copies) == 2 else copies
    return Abilities(
        sides=tuple(map(str, all_of(told.get("sides-supported")))),
        media=tuple(map(str, all_of(told.get("media-supported")))),
        copies=most if isinstance(most, int) and most > 0 else 1,
        counts_copies=isinstance(most, int),
        unscaled=_UNSCALED in all_of(told.get("print-scaling-supported")),
        collates=_COLLATED in all_of(told.get("multiple-document-handling-supported")),
    )


def job_attributes(layout: PrintLayout, can: Abilities) -> list[Attribute]:
    """The job's own attributes. DeviceError `a4_layout` for what this printer cannot do.

    A printer that says nothing of its media is given the name all the same, and may refuse it; one that says
    nothing of its sides has one.
    """
    if layout.sides not in (can.sides or ("one-sided",)):
        raise DeviceError("a4_layout", f"the printer does not print {layout.sides}")
    if can.media and layout.media not in can.media:
        raise DeviceError("a4_layout", f"the printer takes no {layout.media}")
    if not 1 <= layout.copies <= can.copies:
        raise DeviceError("a4_layout", f"{layout.copies} copies, and the printer makes up to {can.copies}")
    wanted = [Attribute("media", Tag.KEYWORD, [layout.media])]
    if can.sides:
        wanted.append(Attribute("sides", Tag.KEYWORD, [layout.sides]))
    if can.counts_copies:
        wanted.append(Attribute("copies", Tag.INTEGER, [layout.copies]))
    if layout.copies > 1 and can.collates:
        wanted.append(Attribute("multiple-document-handling", Tag.KEYWORD, [_COLLATED]))
    if can.unscaled:  # a sealed page is printed as it is, not fitted between margins
        wanted.append(Attribute("print-scaling", Tag.KEYWORD, [_UNSCALED]))
    return wanted


def sheets(pages: int, layout: PrintLayout) -> int:
    """How many sheets of paper so many pages make."""
    one = pages if layout.sides == "one-sided" else (pages + 1) // 2
    return one * layout.copies
