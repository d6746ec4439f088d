"""Months that were paid, people who wait, days that end a month, cells of a clock."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from config.people import people, person
from hall.platform.clock import CHINA, months_later
from hall.platform.insurance import paid
from hall.platform.windows import SERVING, unserved

KINDS = ("pension", "unemployment", "injury")
MORNING = datetime(2026, 11, 22, 9, 0, tzinfo=CHINA)


def test_the_whole_record_counts_as_many_months_as_it_says() -> None:
    for who in people().values():
        found = {row.kind: row.months for row in paid(who, KINDS, "1900-01", "2999-12")}
        assert found == {record.kind: record.months_paid for record in who.insurance}


def test_a_period_without_gaps_counts_each_month() -> None:
    (row,) = paid(person("zhang"), ("pension",), "2025-11", "2026-10")
    assert (row.first, row.last, row.months) == ("2025-11", "2026-10", 12)


def test_a_period_reaches_no_further_than_the_record() -> None:
    (row,) = paid(person("zhang"), ("pension",), "2009-01", "2010-09")
    assert (row.first, row.last, row.months) == ("2010-07", "2010-09", 3)


@given(some.dates(date(1998, 1, 1), date(2026, 10, 1)))
def test_two_parts_of_a_record_make_the_whole(day: date) -> None:
    wang = person("wang")
    before, after = f"{day:%Y-%m}", f"{months_later(day.replace(day=1), 1):%Y-%m}"
    halves = (*paid(wang, ("pension",), "1998-01", before), *paid(wang, ("pension",), after, "2026-10"))
    assert sum(row.months for row in halves) == 262


@given(some.dates(date(1900, 1, 1), date(2200, 1, 1)), some.integers(0, 36))
def test_months_later_is_that_month_and_never_a_later_day(day: date, months: int) -> None:
    later = months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or ((later + timedelta(days=1)).day == 1 and later.day < day.day)


@given(some.lists(some.integers(0, 600), max_size=40), some.integers(0, 900))
def test_a_queue_serves_one_after_another(minutes: list[int], at: int) -> None:
    taken = [MORNING + timedelta(minutes=m) for m in sorted(minutes)]
    now = MORNING + timedelta(minutes=at)
    came = [(moment, False) for moment in taken if moment <= now]
    waiting = len(unserved(came, now))
    assert 0 <= waiting <= len(came)
    assert unserved(came, now + SERVING * (len(came) + 1)) == []
    if came and came[-1][0] == now:
        assert waiting >= 1
