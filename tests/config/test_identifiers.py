"""Identifiers sort by the time they were made, whatever the clock does."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from config.identifiers import uuid7


def test_given_many_made_at_once_then_each_is_greater_than_the_one_before() -> None:
    made = [uuid7() for _ in range(20_000)]
    assert made == sorted(set(made))


def test_given_several_threads_then_no_two_are_alike_and_each_thread_sees_them_rise() -> None:
    with ThreadPoolExecutor(4) as pool:
        lists = list(pool.map(lambda _: [uuid7() for _ in range(2_000)], range(4)))
    assert len({id for one in lists for id in one}) == 8_000
    assert all(one == sorted(one) for one in lists)


def test_given_one_then_it_is_a_version_7_of_now() -> None:
    before, made, after = time.time_ns() // 1_000_000, UUID(uuid7()), time.time_ns() // 1_000_000
    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert before <= made.int >> 80 <= after + 10  # the fraction may have run ahead in a burst


def test_given_a_clock_that_steps_back_then_the_order_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    first = uuid7()
    monkeypatch.setattr(time, "time_ns", lambda: 1_000_000_000)
    assert first < uuid7() < uuid7()
