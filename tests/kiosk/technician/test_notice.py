"""The notice and the hours: what the hall set and what the technician set never fight unseen."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.words import Words, words
from kiosk.prompts import Filled, OutOfService, WorkSheet
from kiosk.remote.configuration import HoursHere
from kiosk.stage import GoHome
from tests.kiosk.technician.room import NUMBER, Hands, acted, choose, key, play, receive_until_over, terminal

REPAIR = words("technician.notice_repair")
OF_HALL = Words("大厅停电", "No power in the hall")


def closed(seen: Hands) -> list[OutOfService]:
    return [one for one in seen.shown if isinstance(one, OutOfService)]


def test_a_notice_stands_after_he_has_left_and_after_a_restart_until_he_takes_it_down(tmp_path: Path) -> None:
    seen = play(tmp_path, key, *choose("notice", "repair", "back", "leave"))
    assert [one.note for one in closed(seen)] == [REPAIR]
    seen = play(tmp_path, GoHome())
    assert [one.note for one in closed(seen)] == [REPAIR, REPAIR], "the gesture is heard there too"
    told = [one[1:] for one in acted(tmp_path) if one[1] == "notice_set"]
    assert told == [
        ("notice_set", "technician", "", "begun"),
        ("notice_set", "technician", "", "repair"),
    ]


def test_the_hall_cannot_take_his_notice_down_and_he_takes_the_halls_only_when_he_is_sure(
    tmp_path: Path,
) -> None:
    stage = Hands(ways=[key])

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:
            await one.doors.lock(OF_HALL)

            async def unlocked(prompt: Any) -> Any:
                await one.doors.unlock("hall")
                page = one.doors.closed()
                assert page is not None and page.note == REPAIR, "his own still stands"
                await one.doors.lock(OF_HALL)
                return choose("take_down")[0]

            def only_the_halls(prompt: Any) -> Any:
                assert isinstance(prompt, WorkSheet)
                assert OF_HALL in [row.value for row in prompt.rows], "it is shown whose stands"
                return choose("lift_hall")[0]

            stage.ways += [*choose("notice", "repair"), unlocked, only_the_halls, *choose("lift_hall")]
            stage.ways += choose("back", "leave")
            await receive_until_over(one, stage)
            assert one.doors.closed() is None

    asyncio.run(run())
    assert [one[2] for one in acted(tmp_path) if one[1] == "notice_lifted" and one[4] != "begun"] == [
        "technician",
        "hall",
    ]


def test_hours_that_he_sets_hold_today_and_the_hall_sees_that_its_own_do_not(tmp_path: Path) -> None:
    stage = Hands(ways=[key])

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:
            stage.ways += [*choose("hours", "hours_today"), Filled({"begin": "06:30", "end": "22:00"})]
            stage.ways += choose("back", "leave")
            await receive_until_over(one, stage)
            configuration = one.shop.configuration
            assert configuration.hours == "06:30-22:00" and configuration.hours_of_the_hall == "always"

    asyncio.run(run())
    told = [one for one in acted(tmp_path) if one[1] == "hours_set"]
    assert told[-1] == (NUMBER, "hours_set", "hours", "", "06:30-22:00")


@pytest.mark.parametrize(("days", "holds"), [(1, True), (-1, False)])
def test_hours_set_here_are_kept_over_a_restart_and_gone_when_their_day_is_over(
    tmp_path: Path, days: int, holds: bool
) -> None:
    until = (date.today() + timedelta(days)).isoformat()  # not today: midnight may come meanwhile

    async def run() -> str:
        async with terminal(tmp_path, Hands()) as one:
            await one.shop.configuration.set_hours_here(HoursHere("01:00-02:00", until))
        async with terminal(tmp_path, Hands()) as one:
            return one.shop.configuration.hours

    assert asyncio.run(run()) == ("01:00-02:00" if holds else "always")


def test_the_report_to_the_hall_says_which_hours_hold_and_why(tmp_path: Path) -> None:
    async def run() -> tuple[Any, Any]:
        async with terminal(tmp_path, Hands()) as one:
            desired = json.dumps({"version": 3, "values": {"hours": "09:00-17:00"}})
            await one.parts.ledger.remember("configuration", desired)
        async with terminal(tmp_path, Hands()) as one:
            configuration = one.shop.configuration
            before = configuration._reported
            until = (date.today() + timedelta(1)).isoformat()
            await configuration.set_hours_here(HoursHere("00:00-23:59", until))
            await configuration._turn()
            return before, configuration._reported

    before, after = asyncio.run(run())
    assert before.values["hours"] == "09:00-17:00" and "hours" not in before.refused
    assert after.values["hours"] == "00:00-23:59" and "at the terminal" in after.refused["hours"]
