"""When a terminal says its birth again, and when it begins to send after an outage."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from kiosk.link import crowd, rebirth
from kiosk.link.crowd import Crowd
from kiosk.link.rebirth import Rebirth


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_given_a_hall_that_is_known_then_nothing_is_asked() -> None:
    one = Rebirth(Clock())
    one.know("g-1")
    one.said()
    one.host("g-1")
    assert one.wait is None
    assert not one.believes("g-1")


def test_given_a_new_generation_right_after_a_birth_then_the_answer_is_waited_for_then_asked_for() -> None:
    clock = Clock()
    one = Rebirth(clock)
    one.know("g-1")
    one.said()
    one.host("g-2")
    assert one.wait == rebirth.PATIENCE
    waits = []
    for _ in range(8):
        clock.now += one.wait or 0.0
        assert one.wait == 0.0
        one.said()
        waits.append(one.wait or 0.0)
    assert 0.75 * 2 * rebirth.PATIENCE <= waits[0] <= 1.25 * 2 * rebirth.PATIENCE
    assert all(wait <= 1.25 * rebirth.LONGEST_PATIENCE for wait in waits)
    assert waits[-1] >= 0.75 * rebirth.LONGEST_PATIENCE
    assert not one.believes("g-1")  # what it says of a life that is over
    assert one.believes("g-2")
    one.know("g-2")
    assert one.wait is None


def test_given_a_restored_hall_then_its_terminals_do_not_all_say_their_births_at_once() -> None:
    clock = Clock()
    waits = set()
    for _ in range(50):
        one = Rebirth(clock)
        one.host("g-1")
        waits.add(one.wait)
    assert len(waits) == 50
    assert all(wait is not None and 0 <= wait <= rebirth.SPREAD for wait in waits)


class Acquaintance(RuleBasedStateMachine):
    """A hall that restarts, is restored and answers or not, at will."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.one = Rebirth(self.clock)
        self.hall, self.known = "", ""

    @rule(generation=st.sampled_from(["", "g-1", "g-2", "g-3"]))
    def the_hall_says(self, generation: str) -> None:
        self.hall = generation
        self.one.host(generation)

    @rule()
    def a_connection(self) -> None:
        self.one.said()

    @rule(seconds=st.floats(0, 400))
    def time_passes(self, seconds: float) -> None:
        self.clock.now += seconds

    @precondition(lambda self: self.one.wait == 0.0)
    @rule()
    def the_birth_is_said(self) -> None:
        self.one.said()
        assert self.one.wait != 0.0

    @rule(generation=st.sampled_from(["", "g-1", "g-2", "g-3"]))
    def an_answer(self, generation: str) -> None:
        if self.one.believes(generation):
            assert generation not in ("", self.known)
            assert self.hall in ("", generation)
            self.known = generation
            self.one.know(generation)

    @invariant()
    def it_asks_exactly_while_the_hall_names_what_it_does_not_know(self) -> None:
        assert (self.one.wait is not None) == (self.hall not in ("", self.known))
        assert self.one.wait is None or self.one.wait <= 1.25 * rebirth.LONGEST_PATIENCE


TestAcquaintance = Acquaintance.TestCase
TestAcquaintance.settings = settings(max_examples=60, stateful_step_count=25)


def test_given_a_short_outage_then_the_wait_is_short_and_after_a_long_one_spread_by_chance() -> None:
    for seconds, longest in ((0.5, 0.5), (3600.0, crowd.SPREAD)):
        waits = set()
        for _ in range(50):
            clock = Clock()
            one = Crowd(clock)
            one.back()
            assert one.wait == 0.0  # it was never away
            one.away()
            clock.now += seconds
            one.away()  # the hall behind the line too
            one.back()
            waits.add(one.wait)
            one.back()
            assert one.wait in waits  # told twice, waited for once
        assert len(waits) == 50
        assert max(waits) <= longest
        assert max(waits) > longest / 2
