"""Appointments: two people never get the last place, and nobody is sent on a day off."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hall.platform import slots
from hall.platform.clock import CHINA
from hall.platform.refusals import Refused
from hall.platform.store import Store

SUNDAY = datetime(2026, 11, 22, 9, 30, tzinfo=CHINA)
MONDAY = "2026-11-23"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(tmp_path / "platform.db")) as store:
        yield store


def test_given_a_sunday_the_days_offered_begin_on_monday_and_leave_out_the_weekend() -> None:
    offered = slots.days("general", SUNDAY.date())
    assert [f"{day:%m-%d}" for day in offered] == ["11-23", "11-24", "11-25", "11-26", "11-27"]


def test_new_years_day_is_nobodys_day() -> None:
    assert date(2027, 1, 1) not in slots.days("general", date(2026, 12, 29))
    assert date(2027, 1, 4) in slots.days("general", date(2026, 12, 29))


@given(some.sampled_from(sorted(slots.offices())), some.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_an_appointment_is_always_later_than_today_and_on_a_day_of_the_office(
    office: str, today: date
) -> None:
    offered = slots.days(office, today)
    assert len(set(offered)) == slots.offices()[office].ahead
    assert all(day > today and day.isoweekday() in slots.offices()[office].weekdays for day in offered)


def test_a_day_has_half_hours_from_each_spans_first_to_the_one_before_its_end() -> None:
    assert slots.offices()["notary"].slots[:2] == ("09:00", "09:30")
    assert slots.offices()["notary"].slots[-1] == "16:00"


def test_given_one_place_when_two_citizens_take_it_at_once_then_one_has_it_and_the_other_is_told(
    store: Store,
) -> None:
    together, got, told = threading.Barrier(2), list[slots.Place](), list[Refused]()

    def citizen(case: str) -> None:
        together.wait(60)
        try:
            with store.transaction() as transaction:
                got.append(slots.take(transaction, "notary", MONDAY, "09:00", case, SUNDAY))
        except Refused as refused:
            told.append(refused)

    threads = [threading.Thread(target=citizen, args=(f"case-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [place.words.zh for place in got] == ["11月23日 周一 09:00"]
    (refused,) = told
    assert (refused.code, refused.status) == ("slot_full", 409)
    assert "09:30、10:00" in refused.body().message.zh and "09:00、" not in refused.body().message.zh


def test_given_a_case_that_fails_then_its_place_is_free_again(store: Store) -> None:
    with pytest.raises(RuntimeError), store.transaction() as transaction:
        slots.take(transaction, "notary", MONDAY, "09:00", "case", SUNDAY)
        raise RuntimeError("the case was not filed after all")
    with store.reading() as connection:
        assert slots.free(connection, "notary", date(2026, 11, 23))["09:00"] == 1


def test_a_half_hour_is_offered_only_on_the_days_that_have_a_place(store: Store) -> None:
    with store.transaction() as transaction:
        slots.take(transaction, "notary", MONDAY, "09:00", "case", SUNDAY)
        told = slots.options(transaction, "notary", SUNDAY.date())
    (nine,) = [option for option in told["slot"] if option.value == "09:00"]
    assert (
        nine.only_if is not None and MONDAY not in nine.only_if.is_in and "2026-11-24" in nine.only_if.is_in
    )
    monday, tuesday = told["day"][:2]
    assert (monday.name.zh, tuesday.name.zh) == ("11月23日 周一（余 9）", "11月24日 周二（余 10）")


@pytest.mark.parametrize(
    ("day", "slot"),
    [
        ("2026-11-22", "09:00"),
        ("2026-11-28", "09:00"),
        ("2026-12", "09:00"),
        ("2026-11-24", "12:00"),
        (f"{SUNDAY + timedelta(days=60):%Y-%m-%d}", "09:00"),
        ("soon", "09:00"),
    ],
)
def test_a_time_at_which_nobody_is_received_is_refused(store: Store, day: str, slot: str) -> None:
    with pytest.raises(Refused) as told, store.transaction() as transaction:
        slots.take(transaction, "notary", day, slot, "case", SUNDAY)
    assert told.value.code == "slot_unknown"
