"""What a simulated fleet shall do, and which terminals it has."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from mqtt.topics import TerminalPath

TERMINALS_OF_A_HALL = 20


@dataclass(frozen=True)
class Plan:
    """One process's share: terminals `first` to `first + terminals - 1`. Times are seconds."""

    host: str
    port: int
    first: int
    terminals: int
    seconds: float
    boot: int
    area: str = "sim"
    health_seconds: float = 60.0
    transactions_per_day: float = 200.0
    keepalive_seconds: int = 60
    connects_per_second: float = 200.0
    storm_after: float = 0.0  # 0: none
    patience: float = 60.0  # for what is not acknowledged at the end
    tls: Path | None = None
    source: str = ""  # the address to connect from


def path(plan: Plan, number: int) -> TerminalPath:
    """The terminal of this number; TERMINALS_OF_A_HALL stand in one hall."""
    return TerminalPath(plan.area, f"h{number // TERMINALS_OF_A_HALL:04d}", f"S{number:06d}")


def is_loopback(host: str) -> bool:
    """Whether nobody else's machine is there."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host == "localhost"
    return address.is_loopback
