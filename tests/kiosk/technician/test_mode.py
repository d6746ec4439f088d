"""The mode as a whole: who waits meanwhile, how it ends, and what a mistake in it costs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from structlog.testing import capture_logs

from config.settings import RemoteSettings
from kiosk.prompts import Filled, Home, WorkSheet
from kiosk.stage import GoBack, GoHome
from kiosk.technician import machine_pages, menu, power
from mqtt.messages import TechnicianActed
from tests.kiosk.technician.room import NUMBER, Hands, acted, choose, key, play, receive_until_over, terminal


def test_while_a_citizen_is_served_the_gesture_does_nothing(tmp_path: Path) -> None:
    stage = Hands()

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:
            with one.health.session():
                stage.knock()
                assert not one.shop.knocked.is_set()
            stage.knock()
            assert one.shop.knocked.is_set()

    asyncio.run(run())


def test_while_he_is_there_the_halls_commands_wait_and_then_they_go_on(tmp_path: Path) -> None:
    stage = Hands()
    there: list[tuple[bool, bool]] = []

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:
            one.shop.changed = lambda: there.append((one.shop.there.technician, one.health.serving))

            def look(prompt: Any) -> Any:
                assert one.shop.there.first(("citizen", "technician")) == "technician"
                return choose("leave")[0]

            stage.ways += [key, look]
            await receive_until_over(one, stage)
            assert one.shop.there.first(("citizen", "technician")) is None

    asyncio.run(run())
    assert there == [(True, False), (False, False)], "the hall hears of both"


def test_given_it_is_killed_in_the_middle_then_citizens_are_served_again_and_he_is_said_to_have_left(
    tmp_path: Path,
) -> None:
    command = [sys.executable, "-m", "tests.kiosk.technician.inside_child", str(tmp_path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    with child.stdout as told:
        assert any(line.strip() == "inside" for line in told)
        child.kill()
    child.wait(60)
    seen = play(tmp_path, GoHome())
    assert isinstance(seen.shown[0], Home)
    assert acted(tmp_path)[:2] == [
        (NUMBER, "entered", "", "", "code"),
        (NUMBER, "left", "", "", "restarted"),
    ]


def test_given_the_terminal_ends_with_him_inside_then_he_has_left(tmp_path: Path) -> None:
    stage = Hands(ways=[key])

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:

            def ends(prompt: Any) -> None:
                stage.over.set()

            stage.ways.append(ends)
            await receive_until_over(one, stage)
            assert not one.shop.there.technician

    asyncio.run(run())
    assert acted(tmp_path)[-1] == (NUMBER, "left", "", "", "ended")


def test_given_his_leaving_could_not_be_told_then_it_is_before_the_next_enters(tmp_path: Path) -> None:
    stage = Hands(ways=[GoHome()])

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:
            inside = msgspec.structs.replace(one.shop.memory(), inside="77")
            await one.shop.keep(inside, TechnicianActed("77", "entered"))
            await receive_until_over(one, stage)

    asyncio.run(run())
    assert [(actor, act) for actor, act, *_ in acted(tmp_path)] == [("77", "entered"), ("77", "left")]


def test_an_answer_that_chooses_nothing_ends_nothing(tmp_path: Path) -> None:
    seen = play(tmp_path, key, Filled({}), *choose("leave"))
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "WorkList", "Home"]
    assert acted(tmp_path)[-1] == (NUMBER, "left", "", "", "asked")


def test_a_program_error_ends_its_act_and_nothing_else_and_its_text_is_not_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(shift: Any) -> None:
        raise RuntimeError("330106199003078888")

    parts = tuple(replace(one, act=broken) if one.value == "versions" else one for one in menu.PARTS)
    monkeypatch.setattr(menu, "PARTS", parts)
    with capture_logs() as logged:
        seen = play(tmp_path, key, *choose("versions", "back", "leave"))
    assert "terminal_internal" in str(seen.shown) and "330106199003078888" not in str(seen.shown)
    assert "330106199003078888" not in str(logged)
    assert [one["error"] for one in logged if one["event"] == "an act failed"] == ["RuntimeError"]


@pytest.mark.parametrize("part", [one.value for one in menu.PARTS if one.value != "touch"])
def test_home_leads_from_every_page_to_the_list_and_so_does_back(tmp_path: Path, part: str) -> None:
    ways = [*choose(part), GoBack(), *choose(part), GoHome(), *choose("leave")]
    seen = play(tmp_path, key, *ways)
    assert seen.pages()[-2:] == ["WorkList", "Home"]
    places = zip(seen.placed, seen.pages(), strict=True)
    assert all(place.back and not place.home for place, page in places if page == "WorkSheet")


def test_back_leads_one_page_back_and_not_out(tmp_path: Path) -> None:
    seen = play(tmp_path, key, *choose("notice", "repair"), GoBack(), *choose("power"), GoBack(), GoHome())
    asked = [page for page in seen.pages() if page.startswith("Work")]
    assert asked == ["WorkList", "WorkSheet", "WorkSheet", "WorkList", "WorkSheet", "WorkList"]


def test_the_machines_pages_tell_what_is_known(tmp_path: Path) -> None:
    ways = choose("network", "back", "versions", "back", "log", "back", "journal", "back", "leave")
    seen = play(tmp_path, key, *ways)
    told = [one for one in seen.shown if isinstance(one, WorkSheet)]
    assert "330100/demo/K001" in str(told[0].rows)
    assert "内置，" in str(told[1].rows), "which catalogue is said in words"
    assert "已核对条数" in str(told[-1].rows)
    assert ("journal_checked", "") in [(act, outcome) for _, act, _, outcome, _ in acted(tmp_path)]


def test_the_log_is_told_in_the_time_of_the_hall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    try:
        line = machine_pages._log_line(
            '{"time": "2026-11-22T19:11:37.000Z", "event": "ready", "level": "info"}'
        )
    finally:
        monkeypatch.undo()
        time.tzset()
    assert line.name.zh == "11-23 03:11:37 ready"
    assert machine_pages._log_line('{"time": "soon", "event": "ready"}').name.zh.endswith("ready")


def test_starting_the_program_again_is_asked_first_and_told(tmp_path: Path) -> None:
    stage = Hands(ways=[key, *choose("power", "restart", "back", "power", "restart", "restart")])
    restarted: list[bool] = []

    async def run() -> None:
        async with terminal(tmp_path, stage) as one:

            def restart() -> None:
                restarted.append(True)
                stage.over.set()

            one.shop.restart = restart
            await receive_until_over(one, stage)

    asyncio.run(run())
    assert restarted == [True]
    assert (NUMBER, "restarted", "", "", "begun") in acted(tmp_path)


@pytest.mark.parametrize(
    ("program", "detail"),
    [(("false",), "exit 1"), (("/nowhere",), "FileNotFoundError"), (("true",), "still up")],
)
def test_a_computer_that_does_not_restart_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: tuple[str, ...], detail: str
) -> None:
    monkeypatch.setattr(power, "GOING_SECONDS", 0.1)
    ways = choose("power", "reboot", "reboot", "back", "leave")
    play(tmp_path, key, *ways, remote=RemoteSettings(reboot=program))
    assert (NUMBER, "rebooted", "", "command_failed", detail) in acted(tmp_path)
