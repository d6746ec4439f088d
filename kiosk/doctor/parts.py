"""A finding about a part of the machine: its words stand in `config/locale/doctor.toml`."""

from __future__ import annotations

from config.words import Words, same, words
from kiosk.readiness.finding import Finding, harmless


def part(name: str, found: Words, *codes: str, **values: object) -> Finding:
    """What was found of the part `name`; ready when no code needs anybody today.

    `values` fill the words of what was tried. Codes that are empty count for nothing.
    """
    spelled = {key: same(str(value)) for key, value in values.items()}
    told = tuple(dict.fromkeys(code for code in codes if code))
    tried = words(f"doctor.tried_{name}", **spelled)
    return Finding(name, words(f"doctor.part_{name}"), tried, found, harmless(told), told)
