"""Wherever a device is shown to people, its kind has words, and those of no other."""

from __future__ import annotations

import tomllib
from pathlib import Path

from config.devices import Kind
from config.faults import fault
from config.words import LANGUAGES

REPO = Path(__file__).resolve().parents[2]
DESK = tomllib.loads((REPO / "config" / "locale" / "desk.toml").read_text("utf-8"))


def test_the_desk_has_words_for_every_kind_and_for_nothing_else() -> None:
    rows = {name.removeprefix("kind_"): row for name, row in DESK.items() if name.startswith("kind_")}
    assert set(rows) == {str(kind) for kind in Kind}
    for language in LANGUAGES:
        told = [row[language] for row in rows.values()]
        assert all(told)
        assert len(set(told)) == len(told), "two kinds that read alike"


def test_what_is_told_of_a_missing_device_does_not_name_another_kind() -> None:
    """`device_absent` and its like are said of every kind."""
    for code in ("device_absent", "device_offline", "device_timeout", "device_misconfigured", "device_stuck"):
        said = fault(code).citizen.en.lower() + fault(code).technician.en.lower()
        assert not [kind for kind in Kind if kind.replace("_", " ") in said], code
