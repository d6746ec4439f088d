"""When paper and toner will have run out."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as some

from kiosk.devices.runs_out import ENOUGH, runs_out

TODAY = date(2026, 11, 22)
USES = some.lists(some.integers(0, 5000), min_size=ENOUGH, max_size=14)
AMOUNT = some.integers(0, 100_000)


def day(capacity: int, used: int, per_day: list[int]) -> date:
    found = runs_out(TODAY, capacity, used, per_day)
    assert found is not None
    return found


def test_a_roll_half_used_at_ten_metres_a_day_lasts_four_days() -> None:
    assert runs_out(TODAY, 80_000, 40_000, [10_000, 10_000, 10_000]) == date(2026, 11, 26)


def test_a_closed_sunday_counts_as_a_day() -> None:
    assert day(80_000, 40_000, [10_000, 10_000, 0, 10_000]) > day(80_000, 40_000, [10_000] * 4)


@given(AMOUNT, AMOUNT, some.lists(some.integers(0, 5000), max_size=14))
def test_it_is_not_known_before_three_days_nor_without_any_use(
    capacity: int, used: int, per_day: list[int]
) -> None:
    known = runs_out(TODAY, capacity, used, per_day) is not None
    assert known == (len(per_day) >= ENOUGH and any(per_day))


@given(AMOUNT, AMOUNT, AMOUNT, USES.filter(any))
def test_more_used_is_never_later_and_more_capacity_never_sooner(
    capacity: int, used: int, more: int, per_day: list[int]
) -> None:
    now = day(capacity, used, per_day)
    assert now >= TODAY
    assert day(capacity, used + more, per_day) <= now
    assert day(capacity + more, used, per_day) >= now


@given(AMOUNT, USES.filter(any))
def test_by_that_day_it_has_run_out_and_a_day_before_it_has_not(capacity: int, per_day: list[int]) -> None:
    days = (day(capacity, 0, per_day) - TODAY) // timedelta(days=1)
    mean = sum(per_day) / len(per_day)
    assert days == 3650 or days * mean <= capacity < (days + 1) * mean + 1e-6
