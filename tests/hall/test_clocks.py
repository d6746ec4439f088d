"""Clocks that jump, at a terminal and at the hall: nothing is lost by it, and nothing stands for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hall.data import reading, tables
from hall.intake.letters import Arrival, open_letter
from hall.scheduler import attention, incidents, retention
from hall.settings import DeskSettings, HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health
from tests.hall.intake.test_order import file, report

NOW = datetime.now(UTC)
NOW_MS = int(NOW.timestamp() * 1000)
SETTINGS = HallSettings(data=Path("unused"), area="a", hall="h")
WEEK = timedelta(days=7)


def says(engine: Engine, speaker: Speaker, data: m.Data, at: datetime) -> None:
    """By the terminal's clock then, and heard now."""
    file(engine, [Arrival(0, *speaker.letter(data, at), NOW_MS)])


def open_faults(engine: Engine) -> list[str]:
    with engine.connect() as tx:
        return [row["code"] for row in reading.open_faults(tx)]


@pytest.mark.parametrize("told_by_event", [True, False])
def test_given_a_clock_that_was_a_week_ahead_and_is_set_right_then_what_is_mended_is_mended(
    engine: Engine, told_by_event: bool
) -> None:
    speaker = Speaker(engine, "a/h/k")
    says(engine, speaker, m.TerminalState(True, 1, connection=1), NOW + WEEK)
    says(engine, speaker, m.FaultRaised("a4_jam", "a4"), NOW + WEEK)
    says(engine, speaker, report(1, 1, "full", "a4_jam"), NOW + WEEK)
    assert open_faults(engine) == ["a4_jam"]
    if told_by_event:
        says(engine, speaker, m.FaultCleared("a4_jam", "a4"), NOW)
    says(engine, speaker, report(2, 1, "full"), NOW + timedelta(seconds=1))
    assert open_faults(engine) == []
    says(engine, speaker, m.FaultRaised("a4_jam", "a4"), NOW + timedelta(seconds=9))
    assert open_faults(engine) == ["a4_jam"]


def test_given_a_terminal_whose_clock_has_no_battery_then_its_cases_are_kept(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    says(engine, speaker, m.CaseFiled("s", "SB01", "key", "accepted", "1"), datetime(1970, 1, 2, tzinfo=UTC))
    retention.prune(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert tx.scalars(select(tables.cases.c.at)).all() == [NOW_MS]


def test_given_a_year_that_no_calendar_has_then_the_hall_takes_its_own() -> None:
    topic, payload = Speaker(None, "a/h/k").letter(m.SessionStarted("s"))  # type: ignore[arg-type]
    time = m.decode(payload).time
    payload = payload.replace(time.encode(), b"9999-12-31T23:59:59-12:00")
    assert open_letter(Arrival(0, topic, payload, NOW_MS)).at == NOW_MS


def test_given_an_age_beyond_all_reckoning_then_the_others_are_still_looked_at(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(m.TerminalState(True, 1, connection=1), health(screen_age=1e308), at=NOW)
    with engine.connect() as tx:
        found = attention.matters(reading.terminals(tx), [], DeskSettings(), NOW_MS)
    assert [matter.code for matter in found] == ["terminal_screen_hung"]


def test_given_a_hall_whose_clock_is_set_back_then_who_falls_silent_is_still_missed(engine: Engine) -> None:
    desk = DeskSettings()
    Speaker(engine, "a/h/k").say(m.TerminalState(True, 1, connection=1), health(), at=NOW + WEEK)
    with engine.connect() as tx:
        (row,) = reading.terminals(tx)
    week_ahead = NOW_MS + 7 * retention.DAY_MS
    assert not attention.silent(row, desk, week_ahead)
    assert attention.silent(row, desk, NOW_MS)
    assert not attention.silent(row, desk, week_ahead - 2000), "two servers' clocks may differ by seconds"


def test_given_a_hall_whose_clock_was_ahead_when_it_looked_then_nobody_is_told_that_it_looked_just_now(
    engine: Engine,
) -> None:
    incidents.evaluate(engine, SETTINGS, NOW_MS + 7 * retention.DAY_MS)
    with engine.connect() as tx:
        assert incidents.stale(tx, NOW_MS)
    incidents.evaluate(engine, SETTINGS, NOW_MS)
    with engine.connect() as tx:
        assert not incidents.stale(tx, NOW_MS + 1000)


def test_given_a_hall_whose_clock_jumps_a_year_then_a_day_is_deleted_and_not_the_year(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    for days in (400.5, 399.5, 398.5, 200, 1):
        moment = NOW - timedelta(days=days)
        made = int(moment.timestamp() * 1000)
        file(engine, [Arrival(0, *speaker.letter(m.SessionStarted(f"{days}"), moment), made)])
    retention.prune(engine, SETTINGS, NOW_MS)
    retention.prune(engine, SETTINGS, NOW_MS + 365 * retention.DAY_MS)
    retention.prune(engine, SETTINGS, NOW_MS + retention.DAY_MS)
    with engine.connect() as tx:
        assert tx.scalars(select(tables.messages.c.seq).order_by(tables.messages.c.n)).all() == [3, 4, 5]
