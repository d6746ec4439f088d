"""The table of faults: code → severity, the citizen's words, the technician's remedy."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import tomli

from config.words import Words


class Severity(StrEnum):
    """How soon somebody must come."""

    NOTICE = "notice"  # a supply runs low: this week
    WARNING = "warning"  # a service is impaired: today
    STOP = "stop"  # the terminal or a whole kind of service is out: now


@dataclass(frozen=True)
class Fault:
    """One coded problem. `citizen` is what the screen says, `technician` the remedy.

    `closes`: nobody is received while it stands as the terminal's own (docs/decisions/124).
    """

    code: str
    severity: Severity
    citizen: Words
    technician: Words
    closes: bool = False


@cache
def faults() -> dict[str, Fault]:
    """Every fault of `faults.toml`, by code."""
    with (Path(__file__).parent / "faults.toml").open("rb") as file:
        rows = tomli.load(file)
    return {
        code: Fault(
            code,
            Severity(row["severity"]),
            Words(**row["citizen"]),
            Words(**row["technician"]),
            row.get("closes", False),
        )
        for code, row in rows.items()
    }


def fault(code: str) -> Fault:
    """The fault with this code; KeyError when the table lacks it."""
    return faults()[code]


def any_fault(code: str) -> Fault:
    """The fault with this code; for one that the table lacks (an outside driver's own) a general one.

    That keeps the code for the technician, and for the citizen has words that are never wrong.
    """
    known = faults().get(code)
    if known is not None:
        return known
    general = fault("device_other")
    technician = Words(f"{code}：{general.technician.zh}", f"{code}: {general.technician.en}")
    return Fault(code, general.severity, general.citizen, technician)
