"""One line of the readiness report: what was tried, what was found, what to do about it.

Whoever examines something yields these; paper, screen, command line and hall show the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from config.faults import any_fault
from config.words import Words


@dataclass(frozen=True)
class Finding:
    """A device of the settings by its name, or a part of the machine: `disk`, `time`, `network` …

    `found` is technical and the same in every language: a figure, an address, a state. Nothing personal.
    """

    name: str
    title: Words  # how people call it
    tried: Words
    found: str
    ready: bool
    codes: tuple[str, ...] = ()  # of config/faults.toml; of a ready part these are notices

    @property
    def remedies(self) -> tuple[Words, ...]:
        """What the technician does, one for each code."""
        return tuple(any_fault(code).technician for code in self.codes)
