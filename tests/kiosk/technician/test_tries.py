"""The lock-out clock: longer and longer, never for ever, and a restart forgives nothing."""

from __future__ import annotations

from datetime import date

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from kiosk.technician.admission import TERMINAL, Memory, Said, judge
from kiosk.technician.tries import (
    AT_TERMINAL,
    BY_NUMBER,
    FORGOTTEN_SECONDS,
    MOST_KEPT,
    Tries,
    failed,
    newest,
    seconds_left,
)
from tests.kiosk.technician.room import NUMBER, TECHNICIAN, code_now

NOW = 1_800_000_000.0
TODAY = date(2027, 1, 15)
gaps = st.floats(0, FORGOTTEN_SECONDS - 1, allow_nan=False)


@given(st.lists(gaps, max_size=20), st.sampled_from([BY_NUMBER, AT_TERMINAL]))
def test_each_wrong_try_makes_the_wait_no_shorter_and_none_is_longer_than_the_longest(
    after: list[float], waits: tuple[float, ...]
) -> None:
    tries, now, before = Tries(), NOW, 0.0
    for gap in after:
        now += gap
        tries = failed(tries, now)
        left = seconds_left(tries, now, waits)
        assert before <= left <= max(waits)
        before = left


@given(st.integers(0, 30), st.floats(-1e9, 1e9), st.floats(0, 1e5))
def test_the_wait_runs_down_and_is_never_longer_than_the_longest(
    wrong: int, moved: float, later: float
) -> None:
    tries = Tries(wrong, NOW)
    left = seconds_left(tries, NOW + moved)
    assert 0.0 <= left <= max(BY_NUMBER)
    assert seconds_left(tries, NOW + moved + later) <= left


@given(st.integers(1, 30))
def test_after_a_day_without_a_wrong_try_all_is_forgotten(wrong: int) -> None:
    assert seconds_left(Tries(wrong, NOW), NOW + FORGOTTEN_SECONDS + 1) == 0.0
    assert failed(Tries(wrong, NOW), NOW + FORGOTTEN_SECONDS + 1).wrong == 1


@given(st.lists(st.sampled_from(["right", "wrong", "card", "other"]), max_size=25), st.floats(0, 4000))
def test_nobody_enters_while_a_wait_lasts_whatever_is_kept_in_between(shown: list[str], gap: float) -> None:
    memory, now = Memory(), NOW
    for what in shown:
        now += gap
        said = {
            "right": Said("code", "own", NUMBER, code_now(now)),
            "wrong": Said("code", "own", NUMBER, "x"),
            "other": Said("code", "other", "77", code_now(now)),
            "card": Said("card", TERMINAL, card="ff"),
        }[what]
        waits = max(
            seconds_left(memory.wrong.get(said.name, Tries()), now),
            seconds_left(memory.wrong.get(TERMINAL, Tries()), now, AT_TERMINAL),
        )
        judged = judge([TECHNICIAN], memory, said, now, TODAY, now)
        entered = judged.technician is not None and not judged.code
        assert not entered or (what == "right" and waits == 0)
        assert (judged.code == "technician_locked_out") == (waits > 0)
        memory = msgspec.json.decode(msgspec.json.encode(judged.memory), type=Memory)


@given(st.integers(1, 30), st.floats(60, 1e9), st.sampled_from(["own", TERMINAL]))
def test_given_a_store_of_before_that_counted_by_the_clock_then_the_right_code_enters_after_the_wait(
    wrong: int, ahead: float, name: str
) -> None:
    memory, ran = Memory({name: Tries(wrong, 50.0 + ahead)}), 50.0
    wait = judge([TECHNICIAN], memory, Said("code", "own", NUMBER, "x"), NOW, TODAY, ran)
    said = Said("code", "own", NUMBER, code_now(NOW))
    entered = judge([TECHNICIAN], wait.memory, said, NOW, TODAY, ran + max(BY_NUMBER))
    assert entered.code == "" and entered.technician is TECHNICIAN


def test_only_so_many_numbers_are_counted_and_the_oldest_go_first() -> None:
    kept = newest({str(n): Tries(1, float(n)) for n in range(MOST_KEPT + 50)})
    assert len(kept) == MOST_KEPT and min(map(int, kept)) == 50
