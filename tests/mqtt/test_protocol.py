"""Which MQTT is spoken: 5, and 3.1.1 with a broker that knows no 5."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mqtt.protocol import FALLEN_BACK, Answer, Choice

HOUR = FALLEN_BACK


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def speaks(choice: Choice) -> str:
    return choice.version


def test_given_a_broker_that_says_it_knows_no_5_then_3_1_1_for_an_hour_and_then_5_again() -> None:
    clock = Clock()
    choice = Choice("auto", clock)
    assert speaks(choice) == "5"
    choice.note("5", Answer.VERSION_REFUSED)
    assert speaks(choice) == "3.1.1"
    choice.note("3.1.1", Answer.ACCEPTED)
    clock.now += HOUR - 1
    assert speaks(choice) == "3.1.1"
    clock.now += 2
    assert not choice.doubtful  # it was told: the line that stands is not given up for a try
    assert speaks(choice) == "5"


def test_given_a_broker_that_hangs_up_once_then_nothing_changes_and_twice_running_then_3_1_1() -> None:
    clock = Clock()
    choice = Choice("auto", clock)
    for answer in (Answer.HUNG_UP, Answer.UNREACHED, Answer.HUNG_UP, Answer.REFUSED, Answer.HUNG_UP):
        choice.note("5", answer)
        assert speaks(choice) == "5"
    choice.note("5", Answer.HUNG_UP)
    assert speaks(choice) == "3.1.1"
    choice.note("3.1.1", Answer.ACCEPTED)
    assert [choice.doubtful, clock.now] == [False, 1000.0]
    clock.now += HOUR
    assert choice.doubtful  # it may have been a bad day of a broker that knows 5: worth another try
    assert speaks(choice) == "5"


def test_given_a_broker_that_hangs_up_on_either_then_both_are_tried_in_turn() -> None:
    choice, spoken = Choice("auto", Clock()), []
    for _ in range(8):
        spoken.append(choice.version)
        choice.note(choice.version, Answer.HUNG_UP)
    assert spoken == ["5", "5", "3.1.1", "3.1.1", "5", "5", "3.1.1", "3.1.1"]


@given(st.lists(st.tuples(st.sampled_from(Answer), st.integers(0, int(2 * HOUR))), max_size=40))
def test_whatever_the_broker_does_5_comes_back_within_the_hour_and_what_is_set_is_kept(
    days: list[tuple[Answer, int]],
) -> None:
    clock = Clock()
    choice, fixed = Choice("auto", clock), Choice("5", clock)
    for answer, seconds in days:
        choice.note(choice.version, answer)
        fixed.note("5", answer)
        clock.now += seconds
        assert choice.version in ("5", "3.1.1")
        assert fixed.version == "5"
    clock.now += HOUR
    assert speaks(choice) == "5"
