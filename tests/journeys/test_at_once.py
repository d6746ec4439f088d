"""秒办: what is decided at once and asks nothing that is not known is had in three touches."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hall.platform.demo_seal import open_seal
from kiosk import prompts as p
from kiosk.prompts import Prompt
from tests.journeys.counter import Counter, open_counter
from tests.journeys.counter_stage import Customer, Row

# Services that are decided at once, and a citizen of whom the offices know all that they ask for.
AT_ONCE = [
    ("SB02", "zhang"),
    ("SB03", "zhang"),
    ("SB07", "wu"),
    ("SW01", "zheng"),
    ("GA06", "hu"),
    ("BD02", "feng"),
    ("YB01", "li"),
    ("YB03", "zhao"),
    ("ZH02", "zhang"),
]
TOUCHED = (p.FillForm, p.Materials, p.Preview, p.ShowTable, p.Confirm, p.Sign, p.Pay, p.ChooseOne, p.ShowCode)
WHO = (p.PlaceCard, p.HoldCode, p.EnterCode, p.EnterPin, p.StaffCheck, p.Consent, p.LookAtCamera)


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    folder = tmp_path_factory.mktemp("at-once")
    authority = folder / "authority"
    authority.mkdir()
    open_seal(authority)
    with open_counter(folder, authority) as counter:
        yield counter


def touches(trail: list[Prompt]) -> list[str]:
    """The pages touched after it is known who it is, until what was wanted is there."""
    known = max(n for n, prompt in enumerate(trail) if isinstance(prompt, WHO)) + 1
    pages: list[str] = []
    for prompt in trail[known:]:
        if isinstance(prompt, p.TakePaper | p.ShowResult):
            break
        name = type(prompt).__name__
        if isinstance(prompt, TOUCHED) and pages[-1:] != [name]:
            pages.append(name)
    return pages


@pytest.mark.parametrize(("service", "who"), AT_ONCE)
def test_three_touches_and_it_is_done(counter: Counter, service: str, who: str) -> None:
    told = counter.parts.catalogue.services[service]
    assert told.item.handling == "instant" and not told.signed

    def leave_as_it_is(customer: Customer, prompt: p.FillForm) -> p.Answer:
        """Nothing is typed: what is required must stand there already."""
        empty = [
            field.key for field in prompt.fields if field.required and not field.value and not field.only_if
        ]
        assert not empty, f"{service} asks {who} for {empty}"
        return p.Filled({field.key: field.value for field in prompt.fields if not field.locked})

    seen = counter.serve(Row(service, who, ways={p.FillForm: leave_as_it_is}))
    assert "Trouble" not in [type(prompt).__name__ for prompt in seen.trail]
    assert len(touches(seen.trail)) <= 3, touches(seen.trail)
    assert seen.outcome in ("completed", "consulted", "referred")
