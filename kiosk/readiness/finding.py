"""One line of the readiness report: what was tried, what was found, what to do about it.

Whoever examines something yields these; paper, screen, command line and hall show the same ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.faults import Severity, any_fault
from config.words import Words


@dataclass(frozen=True)
class Finding:
    """A device of the settings by its name, or a part of the machine: `disk`, `time`, `network` …

    `found` is short and technical; figures, addresses and a device's own words are alike in every language.
    Nothing personal.
    """

    name: str
    title: Words  # how people call it
    tried: Words
    found: Words
    ready: bool
    codes: tuple[str, ...] = ()  # of config/faults.toml; of a ready part these are notices
    untried: Words | None = None  # what was left out, and why

    @property
    def remedies(self) -> tuple[Words, ...]:
        """What the technician does, one for each code."""
        return tuple(any_fault(code).technician for code in self.codes)


def harmless(codes: Iterable[str]) -> bool:
    """Whether nobody need come today for any of these codes: all are notices."""
    return all(any_fault(code).severity is Severity.NOTICE for code in codes)


def worst_first(findings: Iterable[Finding]) -> list[Finding]:
    """What is not ready, then what somebody must see to this week, then the rest; each in its own order."""
    return sorted(findings, key=lambda one: (one.ready, not one.codes))
