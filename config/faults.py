"""The table of faults: code → name, severity, the citizen's words, the technician's remedy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import tomli

from config.toml_file import ConfigError
from config.words import LANGUAGES, Words, same

TABLE = Path(__file__).with_name("faults.toml")
LONGEST_NAME = {"zh": 14, "en": 40}  # characters: what fits one line of the desk's tables and a heading


class Severity(StrEnum):
    """How soon somebody must come."""

    NOTICE = "notice"  # a supply runs low: this week
    WARNING = "warning"  # a service is impaired: today
    STOP = "stop"  # the terminal or a whole kind of service is out: now


@dataclass(frozen=True)
class Fault:
    """One coded problem. `citizen` is what the screen says, `technician` the remedy.

    `name` is what is wrong, as officers and technicians read it in lists and headings (docs/decisions/132).
    `closes`: nobody is received while it stands as the terminal's own (docs/decisions/124).
    """

    code: str
    name: Words
    severity: Severity
    citizen: Words
    technician: Words
    closes: bool = False


@cache
def faults() -> dict[str, Fault]:
    """Every fault of `faults.toml`, by code."""
    return loaded(TABLE)


def loaded(path: Path) -> dict[str, Fault]:
    """The faults of such a file, by code. ConfigError when one has no name, an unfit one, or another's."""
    with path.open("rb") as file:
        rows: dict[str, dict[str, Any]] = tomli.load(file)
    if problems := _names_wrong(rows):
        raise ConfigError(path, problems)
    return {
        code: Fault(
            code,
            Words(**row["name"]),
            Severity(row["severity"]),
            Words(**row["citizen"]),
            Words(**row["technician"]),
            row.get("closes", False),
        )
        for code, row in rows.items()
    }


def _names_wrong(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What is wrong with the names, one line each: two rows must never be mistaken for each other."""
    problems: list[str] = []
    taken: dict[tuple[str, str], str] = {}
    for code, row in rows.items():
        said = row.get("name")
        names = said if isinstance(said, dict) else {}
        for language in LANGUAGES:
            name, longest = str(names.get(language, "")), LONGEST_NAME[language]
            first = taken.setdefault((language, name.casefold()), code)
            if not name.strip():
                problems.append(f'{code}.name: say what is wrong, name = {{ zh = "…", en = "…" }}')
            elif len(name) > longest or name != name.strip() or name.endswith(("。", ".")):
                problems.append(f"{code}.name.{language}: at most {longest} characters, without a full stop")
            elif first != code:
                problems.append(f"{code}.name.{language}: {first} is called so already")
    return problems


def fault(code: str) -> Fault:
    """The fault with this code; KeyError when the table lacks it."""
    return faults()[code]


def any_fault(code: str) -> Fault:
    """The fault with this code; for one that the table lacks (an outside driver's own) a general one.

    That keeps the code for officer and technician, and for the citizen has words that are never wrong.
    """
    known = faults().get(code)
    if known is not None:
        return known
    general = fault("device_other")
    technician = Words(f"{code}：{general.technician.zh}", f"{code}: {general.technician.en}")
    return replace(general, code=code, name=same(code), technician=technician)
