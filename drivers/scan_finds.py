"""What a look for devices brings: a device, or something to tell the technician."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from config.devices import Kind


@dataclass(frozen=True)
class Find:
    """One device. `why` tells what it was known by; an unsure one is proposed as a comment only."""

    kind: Kind
    driver: str
    port: str
    why: str
    sure: bool = True
    options: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Something to tell the technician: what was not there, what could not be looked at."""

    text: str
