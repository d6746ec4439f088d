"""How a document lies on its paper: what its template says, and every printer is told.

The words are IPP's (RFC 8011, 5.2; PWG 5101.1 for media), so that they reach a printer unchanged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

A4 = "iso_a4_210x297mm"

Sides = Literal["one-sided", "two-sided-long-edge", "two-sided-short-edge"]


@dataclass(frozen=True)
class PrintLayout:
    """Sides, media (a PWG self-describing name) and how many copies of one job."""

    sides: Sides = "one-sided"
    media: str = A4
    copies: int = 1


PLAIN = PrintLayout()  # one sheet of A4, printed on one side
