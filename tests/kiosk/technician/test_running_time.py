"""The clock of wrong tries: nothing but running moves it, whatever is done to the terminal and its clock."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kiosk.technician import running_time
from kiosk.technician.admission import TERMINAL, Judged, Memory, Said, judge, waits
from kiosk.technician.running_time import Ran, onwards
from kiosk.technician.tries import AT_TERMINAL, BY_NUMBER, Tries
from tests.kiosk.technician.room import NUMBER, TECHNICIAN, Hands, code_now, terminal

TODAY = date(2027, 1, 15)
LONGEST = max(*BY_NUMBER, *AT_TERMINAL)
starts = st.lists(st.lists(st.floats(0, 1e6), min_size=1, max_size=5), max_size=8)


@given(starts, st.booleans())
def test_it_never_says_more_than_has_run_and_never_goes_back(ran: list[list[float]], named: bool) -> None:
    """Each list is one start of the computer: so many seconds pass, then it is looked at and written down."""
    kept, truly = Ran(), 0.0
    for n, start in enumerate(ran):
        up = 0.0
        for seconds in start:
            up += seconds
            truly += seconds
            after = onwards(kept, up, str(n) if named else "")
            assert kept.total <= after.total <= truly + 1e-3
            assert not named or abs(after.total - truly) < 1e-3, "all of it, where it is written down at once"
            kept = after


@dataclass
class _Box:
    """A terminal in a cabinet: what lies in its store, and two clocks of which one can be set."""

    memory: Memory = field(default_factory=Memory)
    kept: Ran = field(default_factory=Ran)
    up: float = 30.0
    start: int = 1
    clock: float = 1_800_000_000.0


class SomebodyAtTheClock(RuleBasedStateMachine):
    """Tries right and wrong, clocks set both ways, restarts, nights: a wait is waited for, by running."""

    @initialize()
    def new(self) -> None:
        self.box = _Box()
        self.wait, self.ran = 0.0, 0.0  # the last wait that was told, and how long it has run since

    def _runs(self, seconds: float) -> None:
        self.box.up += seconds
        self.box.clock += seconds
        self.ran += seconds

    def _now(self) -> Ran:
        return onwards(self.box.kept, self.box.up, str(self.box.start))

    def _shows(self, code: str) -> Judged:
        box, now = self.box, self._now()
        said = Said("code", "own", NUMBER, code)
        judged = judge([TECHNICIAN], box.memory, said, box.clock, TODAY, now.total)
        box.memory, box.kept = judged.memory, now
        if self.ran < self.wait - 1e-3:
            assert judged.code == "technician_locked_out", "nothing but running ends a wait"
        self.wait, self.ran = judged.wait, 0.0
        return judged

    @rule(seconds=st.floats(0, 1000))
    def running(self, seconds: float) -> None:
        self._runs(seconds)

    @rule()
    def written_down(self) -> None:
        self.box.kept = self._now()

    @rule(by=st.floats(-1e8, 1e8))
    def the_clock_is_set(self, by: float) -> None:
        self.box.clock = max(1e6, self.box.clock + by)

    @rule(night=st.floats(0, 1e6))
    def switched_off_for_a_night(self, night: float) -> None:
        self.box.clock += night
        self.box.up, self.box.start = 0.0, self.box.start + 1
        self._runs(20.0)

    @rule()
    def a_wrong_code(self) -> None:
        assert self._shows("x").code in ("technician_refused", "technician_locked_out")

    @rule()
    def the_right_code(self) -> None:
        self._shows(code_now(self.box.clock))

    @rule()
    def the_right_code_after_the_longest_wait(self) -> None:
        self._runs(LONGEST)
        self.box.memory = Memory(self.box.memory.wrong)  # no code of his was used
        assert self._shows(code_now(self.box.clock)).code == "", "he is never shut out for good"

    @invariant()
    def no_wait_is_longer_than_the_longest(self) -> None:
        assert waits(self.box.memory, "own", self._now().total) <= LONGEST


TestSomebodyAtTheClock = SomebodyAtTheClock.TestCase


@given(st.lists(st.floats(5.0, 300.0), min_size=1, max_size=3), st.integers(5, 30))
def test_a_terminal_that_starts_again_and_again_gets_to_the_end_of_the_wait(
    each: list[float], wrong: int
) -> None:
    """It loses its power soon after each start: what it had run by then counts."""
    kept, starts = Ran(7000.0), 0
    memory = Memory({"own": Tries(wrong, 7000.0), TERMINAL: Tries(wrong, 7000.0)})
    said = Said("code", "own", NUMBER, code_now(1.8e9))
    while judge([TECHNICIAN], memory, said, 1.8e9, TODAY, kept.total).code:
        kept = onwards(kept, each[starts % len(each)], str(starts))
        starts += 1
        assert starts <= LONGEST / min(each) + 1
    assert starts > 0


def test_it_is_written_down_by_time_and_goes_on_after_a_start(tmp_path: Path) -> None:
    async def seen(up: float, start: str) -> float:
        async with terminal(tmp_path, Hands()) as one:
            ledger = one.parts.ledger
            ran = running_time.now(ledger, lambda: up, lambda: start)
            await ledger.together(lambda tx, tell: running_time.keep(tx, ran))
            return running_time.now(ledger, lambda: up, lambda: start).total

    assert asyncio.run(seen(1000.0, "a")) == 1000.0
    assert asyncio.run(seen(1250.0, "a")) == 1250.0, "the program alone was started again"
    assert asyncio.run(seen(40.0, "b")) == 1290.0, "the computer was"
    assert asyncio.run(seen(41.0, "c")) == 1331.0, "once more, for as long"


def test_a_running_terminal_writes_it_down(tmp_path: Path) -> None:
    async def written() -> tuple[Ran, Ran]:
        async with terminal(tmp_path, Hands()) as one:
            await running_time.write_down(one.parts.ledger)
            first = running_time.now(one.parts.ledger, lambda: 0.0, lambda: "another start")
            await running_time.write_down(one.parts.ledger)
            return first, running_time.now(one.parts.ledger, lambda: 0.0, lambda: "another start")

    first, second = asyncio.run(written())
    assert 0.0 < first.total < second.total
