"""Ratings and cases reach the city's platform, once each, on its scale, whatever the line does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError
from sqlalchemy import Engine, select

from hall.data import desk_tables, store, tables
from hall.scheduler import uplink
from hall.settings import HallSettings, UplinkSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.peers.city_platform import City, city_platform

NOON = datetime(2026, 11, 22, 4, 0, 0, tzinfo=UTC)
NOW = int(NOON.timestamp() * 1000)
HOUR = 3_600_000


@pytest.fixture
def city() -> Iterator[City]:
    with city_platform() as running:
        yield running


@pytest.fixture
def settings(tmp_path: Path, city: City, engine: Engine) -> HallSettings:
    return HallSettings(
        data=tmp_path,
        area="330100",
        hall="demo",
        database=engine.url.render_as_string(hide_password=False),
        uplink=_to(city),
    )


def _to(city: City, **more: object) -> UplinkSettings:
    told = {"url": city.url, "token": city.token, "area_code": "330100", "department_code": "RSJ"}
    return UplinkSettings.model_validate(told | {"timeout_seconds": 60.0} | more)


def _visit(speaker: Speaker, stars: int, case_no: str = "330100-1", state: str = "accepted") -> None:
    session = f"s-{case_no}"
    filed = m.CaseFiled(session, "SB01", f"k-{case_no}", state, case_no if state == "accepted" else "")  # type: ignore[arg-type]
    speaker.say(filed, m.RatingGiven(session, "SB01", case_no, stars, ["510", "515"]), at=NOON)


def _errands(engine: Engine) -> list[tuple[str, str, int]]:
    u = desk_tables.uplink.c
    with engine.connect() as tx:
        return [tuple(row) for row in tx.execute(select(u.kind, u.state, u.attempts).order_by(u.n))]


@pytest.mark.parametrize(("best", "told"), [(1, {5: "1", 4: "2", 3: "3", 1: "5"}), (5, {5: "5", 1: "1"})])
def test_given_our_stars_then_the_city_reads_them_on_its_own_scale(
    engine: Engine, settings: HallSettings, city: City, best: int, told: dict[int, str]
) -> None:
    there = settings.model_copy(update={"uplink": _to(city, best=best, tasks={"SB01": "330100RSJ00101"})})
    speaker = Speaker(engine, "330100/demo/K001")
    for stars in told:
        _visit(speaker, stars, f"330100-{stars}")
    uplink.forward(engine, there, NOW)
    ratings = {record["projectNo"]: record for record in city.of("/ratings")}
    assert {int(number[-1]): record["satisfaction"] for number, record in ratings.items()} == told
    record = ratings["330100-5"]
    assert record["evalDetail"] == "510,515"
    assert record["pf"] == "5", "a self-service terminal"
    assert record["assessTime"] == "2026-11-22 12:00:00", "the hall's clock, not UTC"
    assert (record["taskCode"], record["taskName"]) == ("330100RSJ00101", "个人参保证明打印")
    assert len(city.of("/cases")) == len(told)


def test_given_a_case_rated_at_two_terminals_then_the_city_hears_of_one_first_rating_and_one_follow_up(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    for kiosk, stars in (("K001", 1), ("K002", 5)):  # as when the platform could not be asked
        Speaker(engine, f"330100/demo/{kiosk}").say(
            m.RatingGiven(f"s-{kiosk}", "SB01", "330100-1", stars, []),
            m.RatingGiven(f"t-{kiosk}", "SB01", "330100-1", 4, [], number=2),
            m.RatingGiven(f"v-{kiosk}", "ZH02", "", 5, []),
            at=NOON,
        )
    uplink.forward(engine, settings, NOW)
    told = sorted((one["projectNo"], one["assessNumber"], one["satisfaction"]) for one in city.of("/ratings"))
    visits = [("v-K001", "1", "1"), ("v-K002", "1", "1")]
    assert told == [("330100-1", "1", "5"), ("330100-1", "2", "2"), *visits]


def test_given_a_platform_that_is_down_then_all_waits_and_is_told_once_when_it_is_back(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    for number in range(3):
        _visit(Speaker(engine, f"330100/demo/K00{number}"), 4, f"330100-{number}")
    city.trouble = "down"
    uplink.forward(engine, settings, NOW)
    assert len(city.posts) == 2, "one question of each kind tells that it is down; the others need not ask"
    uplink.forward(engine, settings, NOW + 1000)
    assert all(state == "waiting" for _, state, _ in _errands(engine))
    city.trouble = ""
    uplink.forward(engine, settings, NOW + HOUR)
    assert all(state == "sent" for _, state, _ in _errands(engine))
    assert (len(city.of("/ratings")), len(city.of("/cases"))) == (3, 3)


def test_given_a_platform_that_takes_no_cases_then_ratings_are_not_held_up(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    speaker = Speaker(engine, "330100/demo/K001")
    for number in range(4):
        speaker.say(m.CaseFiled("s", "SB01", f"k{number}", "accepted", f"330100-{number}"), at=NOON)
    city.trouble = "/cases"
    uplink.forward(engine, settings, NOW)
    speaker.say(m.RatingGiven("s", "SB01", "330100-1", 5), at=NOON)
    uplink.forward(engine, settings, NOW + 1000)
    assert (len(city.of("/ratings")), len(city.of("/cases"))) == (1, 0)


def test_given_a_token_that_has_changed_then_nothing_is_taken_for_refused(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    _visit(Speaker(engine, "330100/demo/K001"), 5)
    city.token = "new"
    uplink.forward(engine, settings, NOW)
    assert {state for _, state, _ in _errands(engine)} == {"waiting"}
    uplink.forward(engine, settings.model_copy(update={"uplink": _to(city)}), NOW + HOUR)
    assert len(city.records) == 2


def test_given_a_record_that_the_platform_always_breaks_at_then_the_others_are_told_before_it(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    _visit(Speaker(engine, "330100/demo/K001"), 5)
    city.trouble = "down"
    for hours in range(uplink.TRIED + 1):
        uplink.forward(engine, settings, NOW + 2 * hours * HOUR)
    _visit(Speaker(engine, "330100/demo/K002"), 5, "330100-2")
    uplink.forward(engine, settings, NOW + 20 * HOUR)
    city.trouble = ""
    uplink.forward(engine, settings, NOW + 40 * HOUR)
    told = [record["projectNo"] for record in city.of("/cases")]
    assert told == ["330100-2", "330100-1"]


def test_given_a_clock_that_was_a_year_ahead_then_what_it_put_off_goes_when_it_is_right(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    _visit(Speaker(engine, "330100/demo/K001"), 5)
    city.trouble = "down"
    uplink.forward(engine, settings, NOW + 365 * 24 * HOUR)
    city.trouble = ""
    uplink.forward(engine, settings, NOW)
    assert len(city.records) == 2


def test_given_two_services_in_one_visit_without_a_case_then_both_ratings_are_told(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    Speaker(engine, "330100/demo/K001").say(
        m.RatingGiven("s", "ZH02", "", 5), m.RatingGiven("s", "ZH03", "", 1), at=NOON
    )
    uplink.forward(engine, settings, NOW)
    assert sorted(record["taskCode"] for record in city.of("/ratings")) == ["ZH02", "ZH03"]


def test_given_an_answer_that_is_lost_then_the_second_telling_changes_nothing(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    _visit(Speaker(engine, "330100/demo/K001"), 5)
    city.trouble = "deaf"
    uplink.forward(engine, settings, NOW)
    assert ("rating", "waiting", 1) in _errands(engine)
    city.trouble = ""
    uplink.forward(engine, settings, NOW + HOUR)
    assert sorted(_errands(engine)) == [("case", "sent", 1), ("rating", "sent", 2)]
    assert len(city.records) == 2


KILLED = """
import os, sys
from pathlib import Path
from hall.data import store
from hall.scheduler import uplink
from hall.settings import HallSettings, UplinkSettings
settings = HallSettings.model_validate_json(sys.argv[1])
uplink._note = lambda *_, **__: os._exit(9)
uplink.forward(store.open_store(settings), settings, int(sys.argv[2]))
"""


def test_given_a_kill_between_the_answer_and_our_note_then_the_city_still_has_it_once(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    _visit(Speaker(engine, "330100/demo/K001"), 5)
    url = engine.url.render_as_string(hide_password=False)
    own = settings.model_copy(update={"database": url}).model_dump_json()
    died = subprocess.run([sys.executable, "-c", KILLED, own, str(NOW)], timeout=60, check=False)
    assert died.returncode == 9 and len(city.records) == 1
    uplink.forward(engine, settings, NOW + 1)
    assert all(state == "sent" for _, state, _ in _errands(engine))
    assert len(city.records) == 2 and len(city.posts) == 3


def test_given_a_case_that_was_unknown_then_it_is_told_when_it_is_accepted_and_never_before(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    speaker = Speaker(engine, "330100/demo/K001")
    speaker.say(m.CaseFiled("s", "SB01", "k", "unknown"), at=NOON)
    speaker.say(m.CaseFiled("s", "SB01", "k2", "refused", code="platform_refused"), at=NOON)
    uplink.forward(engine, settings, NOW)
    assert city.posts == []
    speaker.say(m.CaseFiled("s", "SB01", "k", "accepted", "330100-7"), at=NOON + timedelta(minutes=5))
    uplink.forward(engine, settings, NOW)
    assert [case["projectNo"] for case in city.of("/cases")] == ["330100-7"]


def test_given_a_record_that_the_city_will_never_take_then_it_is_kept_and_the_next_one_goes(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    speaker = Speaker(engine, "330100/demo/K001")
    _visit(speaker, 5, "x" * 60)  # longer than 办件编号 may be
    _visit(speaker, 4, "330100-2")
    uplink.forward(engine, settings, NOW)
    assert sorted(_errands(engine)) == [
        ("case", "refused", 1),
        ("case", "sent", 1),
        ("rating", "refused", 1),
        ("rating", "sent", 1),
    ]
    uplink.forward(engine, settings, NOW + HOUR)
    assert len(city.posts) == 4, "what was refused for good is not said again"


def test_given_a_rating_and_its_follow_up_then_both_are_told(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    speaker = Speaker(engine, "330100/demo/K001")
    speaker.say(
        m.RatingGiven("s", "SB01", "330100-1", 2), m.RatingGiven("s", "SB01", "330100-1", 4, number=2)
    )
    uplink.forward(engine, settings, NOW)
    assert [(r["assessNumber"], r["satisfaction"]) for r in city.of("/ratings")] == [("1", "4"), ("2", "2")]


def test_given_no_uplink_then_nothing_is_queued_and_what_was_before_it_is_never_told(
    engine: Engine, settings: HallSettings, city: City
) -> None:
    speaker = Speaker(engine, "330100/demo/K001")
    _visit(speaker, 5)
    alone = settings.model_copy(update={"uplink": UplinkSettings()})
    uplink.forward(engine, alone, NOW)
    assert _errands(engine) == []
    with engine.connect() as tx:
        assert tx.scalar(select(tables.ratings.c.uplinked)) == uplink.LEFT
    _visit(speaker, 4, "330100-2")
    uplink.forward(engine, settings, NOW)
    assert [r["projectNo"] for r in city.of("/ratings")] == ["330100-2"]


def test_given_an_uplink_without_a_department_then_the_settings_say_so(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match=r"uplink\.department_code"):
        HallSettings.model_validate(
            {"data": tmp_path, "area": "a", "hall": "h", "uplink": {"url": "http://city"}}
        )
    store.migrate(HallSettings(data=tmp_path, area="a", hall="h"))  # without an uplink all is well
