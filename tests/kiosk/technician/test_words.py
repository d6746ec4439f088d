"""Whatever a technician does has its words at the hall's desk, and what he reads agrees with itself."""

from __future__ import annotations

import asyncio
from pathlib import Path

from config.devices import Availability, DeviceState, Kind
from config.faults import fault
from config.words import LANGUAGES, words
from kiosk.prompts import Condition, WorkList
from tests.config.test_words import calls, rows, texts
from tests.kiosk.technician.room import Gadget, Hands, choose, key, receive_until_over, terminal

SAID = {"does": 0, "tell": 0, "TechnicianActed": 1}  # which argument names the act


def test_each_act_has_its_words_at_the_desk() -> None:
    acts = {
        text
        for where, function, call in calls("kiosk")
        if where.startswith("kiosk/technician/") and len(call.args) > SAID.get(function, 99)
        for text in texts(call.args[SAID[function]])
        if text
    } | {"rebooted", "switched_off"}
    assert acts >= {"entered", "refused", "left", "supply_changed", "notice_set"}, "the search has broken"
    assert sorted(act for act in acts if f"technician_{act}" not in rows("desk")) == []


def test_no_state_of_a_device_is_called_as_its_readiness_is() -> None:
    """*Normal* beside *not ready* is what nobody understands."""
    for language in LANGUAGES:
        stands = {
            words(f"screen.condition_{one}")[language] for one in Condition if one is not Condition.PLAIN
        }
        states = {words(f"technician.availability_{one}")[language] for one in Availability}
        assert stands.isdisjoint(states)


def test_a_fault_that_others_found_of_a_device_that_answers_stands_in_the_list_by_its_name(
    tmp_path: Path,
) -> None:
    stage = Hands(ways=[key, *choose("leave")])

    async def run() -> None:
        async with terminal(
            tmp_path, stage, {Kind.A4_PRINTER: Gadget(DeviceState(Availability.ONLINE))}
        ) as one:
            one.health.set_fault("paper_left", True, str(Kind.A4_PRINTER))
            await receive_until_over(one, stage)

    asyncio.run(run())
    (page,) = [one for one in stage.shown if isinstance(one, WorkList)]
    (line,) = [one for one in page.lines if one.value == f"device:{Kind.A4_PRINTER}"]
    assert line.condition is Condition.NOT_READY
    for language in LANGUAGES:
        assert line.told[language].endswith(fault("paper_left").name[language])
        assert "paper_left" not in line.told[language]
        assert words("screen.condition_ready")[language] not in line.told[language]
