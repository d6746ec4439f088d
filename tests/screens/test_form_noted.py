"""A form that is left in the middle: each touch is told at once, so *back* and home lose nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kiosk.prompts import Chosen, Value, Way
from tests.screens import prompts as p
from tests.screens.glass import Glass
from tests.screens.test_pages import show

WAYS = (
    Way("phone", p.W("转到手机办", "Go on by phone"), "mobile-screen"),
    Way("keep", p.W("先保存，改天再办", "Keep it for another day"), "floppy-disk"),
)


def test_what_is_touched_is_noted_before_the_form_is_sent(glass: Glass) -> None:
    noted: dict[str, Value] = {}

    def note(values: Mapping[str, Value]) -> None:
        noted.update(values)

    show(glass, replace(p.FORM, noted=note), p.at(4))
    assert set(noted) == {"insurances", "from", "to", "purpose"}, "only what may be changed"
    glass.touch("option:insurances:unemployment")
    assert "unemployment" in noted["insurances"]
    glass.touch("back")
    assert glass.answer() is not None and "unemployment" in noted["insurances"]


@pytest.mark.parametrize("value", ["phone", "keep"])
def test_a_form_leads_on_elsewhere(glass: Glass, value: str) -> None:
    show(glass, replace(p.FORM, ways=WAYS), p.at(4))
    glass.touch(f"way:{value}")
    assert glass.answer() == Chosen(value)
