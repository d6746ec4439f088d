"""The topic tree `kt/1/{area}/{hall}/{kiosk}/…`, built and taken apart in one place."""

from __future__ import annotations

from dataclasses import dataclass

ROOT = "kt/1"


@dataclass(frozen=True)
class TerminalPath:
    """Which terminal: area, hall and kiosk, as in the topic."""

    area: str
    hall: str
    kiosk: str

    def __str__(self) -> str:
        return f"{self.area}/{self.hall}/{self.kiosk}"

    def topic(self, leaf: str) -> str:
        """The terminal's topic for `leaf`: state, health, evt, tx, ack, cmd/NAME, res, cfg/desired …"""
        return f"{ROOT}/{self}/{leaf}"

    @property
    def source(self) -> str:
        """The CloudEvents source of what the terminal says."""
        return f"{ROOT}/{self}"

    @property
    def host_state(self) -> str:
        """Where the hall's server says that it is there (retained)."""
        return f"{ROOT}/{self.area}/{self.hall}/$srv/state"


def parse(topic: str) -> tuple[TerminalPath, str]:
    """The terminal and leaf of a topic. ValueError when it is none of this tree."""
    parts = topic.split("/")
    if len(parts) < 6 or parts[:2] != ["kt", "1"] or not all(parts):
        raise ValueError("not a topic of this tree")
    return TerminalPath(*parts[2:5]), "/".join(parts[5:])
