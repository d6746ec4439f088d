"""What comes out of a virtual A4 printer, sheet by sheet."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_PAGES = re.compile(rb"^Pages:\s+(\d+)", re.MULTILINE)
_ONE_SIDE = "one-sided"


@dataclass(frozen=True)
class Page:
    """One job as it lies in the tray: `sheets` of its `of` are out."""

    number: int
    job_name: str
    pdf: bytes
    at: datetime
    sheets: int = 1
    of: int = 1
    sides: str = _ONE_SIDE
    copies: int = 1
    media: str = ""


@dataclass(frozen=True)
class Work:
    """A job as it came: what it asks for, and how many impressions one copy has."""

    job: int
    name: str
    pdf: bytes
    sides: str
    copies: int
    media: str
    pages: int

    @property
    def sheets(self) -> int:
        """Of all copies."""
        return self.copies * (self.pages if self.sides == _ONE_SIDE else (self.pages + 1) // 2)

    def impressions(self, sheets: int) -> int:
        """How many pages stand on the first so many sheets."""
        whole, rest = divmod(sheets, max(1, self.sheets // self.copies))
        return whole * self.pages + min(self.pages, rest * (1 if self.sides == _ONE_SIDE else 2))


def work(head: Mapping[str, Any], pdf: bytes, default_sides: str) -> Work:
    """The job that the print command brings. What it does not ask for is as the printer is set."""
    return Work(
        head["job"],
        head["name"],
        pdf,
        head["sides"] or default_sides,
        max(1, head["copies"]),
        head["media"],
        _pages(pdf),
    )


def _pages(pdf: bytes) -> int:
    """By Debian's pdfinfo, which is not what the driver counts with; one for what is no whole PDF."""
    try:
        told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return 1
    found = _PAGES.search(told)
    return int(found[1]) if found else 1
