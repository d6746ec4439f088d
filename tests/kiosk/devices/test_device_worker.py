"""A device's worker under everything that citizens, cables and drivers do, in any order."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from hypothesis import Phase
from hypothesis import settings as how
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings
from drivers.device import DeviceError
from kiosk.devices.device_verb import Verb
from kiosk.devices.device_worker import DeviceWorker, Pace

SETTINGS = DeviceSettings(kind=Kind.ID_CARD_READER, driver="of the test", poll_seconds=0.002)
QUICK = Pace(missed_poll=0.001, first_back_off=0.001, last_back_off=0.004)
ENDINGS = ("answers", "fails", "is lost", "stumbles")


class Cable:
    """The hardware behind however many driver objects: who is inside, what was done in which order."""

    def __init__(self) -> None:
        self.plugged, self.resets_fail, self.has_reset = True, False, True
        self.inside = self.most_inside = 0
        self.opened = self.closed = self.resets = 0
        self.clean = False  # nothing of an earlier verb is left in it
        self.dirty_verbs: list[int] = []  # verbs that began on a device that an earlier one had left so
        self.reading = 0  # the verb that is under way, 0 none
        self.left = False  # nobody waits for it any more
        self.ending, self.go_on = "answers", threading.Event()
        self.gate = threading.Lock()

    def wait_for(self, number: int) -> None:
        until(lambda: self.reading == number)

    def enter(self) -> None:
        with self.gate:
            self.inside += 1
            self.most_inside = max(self.most_inside, self.inside)

    def leave(self) -> None:
        with self.gate:
            self.inside -= 1


class Scripted:
    """One driver object. What it does is written on the cable."""

    def __init__(self, cable: Cable) -> None:
        self.cable, self.is_open = cable, False

    def open(self) -> None:
        self.cable.enter()
        try:
            if not self.cable.plugged:
                raise DeviceError("device_absent")
            assert self.cable.opened == self.cable.closed, "opened twice"
            self.cable.opened += 1
            self.is_open, self.cable.clean = True, True
            self.cable.resets += 1
        finally:
            self.cable.leave()

    def close(self) -> None:
        self.cable.enter()
        if self.is_open:
            self.is_open = False
            self.cable.closed += 1
        self.cable.leave()

    def status(self) -> DeviceState:
        self.cable.enter()
        self.cable.leave()
        if not self.cable.plugged:
            raise DeviceError("device_offline", lost=True)
        return DeviceState(Availability.ONLINE)

    def read(self, number: int) -> int:
        cable = self.cable
        cable.enter()
        try:
            if not cable.clean:
                cable.dirty_verbs.append(number)
            cable.reading = number
            assert cable.go_on.wait(100)
            cable.go_on.clear()
            cable.clean = cable.clean and cable.ending != "stumbles" and not cable.left
            if cable.ending == "is lost":
                raise DeviceError("device_offline", lost=True)
            if cable.ending == "fails":
                raise DeviceError("id_unreadable")
            if cable.ending == "stumbles":
                raise SystemExit("a driver may do anything")
            return number
        finally:
            cable.reading, cable.left = 0, False
            cable.leave()


class Resettable(Scripted):
    """A driver that can reset its device."""

    def reset(self) -> None:
        self.cable.enter()
        self.cable.leave()
        if self.cable.resets_fail:
            raise DeviceError("device_timeout")
        self.cable.clean = True
        self.cable.resets += 1


def until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.0005)


class AnyDay(RuleBasedStateMachine):
    """Callers ask, wait and go away; cables come out; drivers fail in each way there is."""

    def __init__(self) -> None:
        super().__init__()
        self.cable = Cable()
        self.running: tuple[int, Verb] | None = None
        self.waiting: list[tuple[int, Verb]] = []  # in the order of their asking
        self.number = 0
        self.states: list[DeviceState] = []
        self.worker = DeviceWorker(
            "reader",
            SETTINGS,
            lambda _: Resettable(self.cable) if self.cable.has_reset else Scripted(self.cable),
            lambda name, kind, before, after: self.states.append(after),
            pace=QUICK,
        )
        self.worker.start()
        until(lambda: self.worker.state.ready)

    def whose_turn_is_it(self) -> None:
        """The next one runs; without a device everybody is told so."""
        while self.running is None and self.waiting:
            number, verb = self.waiting.pop(0)
            if self.cable.plugged:
                self.cable.wait_for(number)
                self.running = number, verb
            else:
                until(verb.answer.done)
                assert isinstance(verb.answer.exception(), DeviceError)

    @rule()
    def somebody_asks(self) -> None:
        self.number += 1
        verb = Verb("read", (self.number,))
        self.waiting.append((self.number, verb))
        self.worker.put(verb)
        self.whose_turn_is_it()

    @precondition(lambda self: self.waiting)
    @rule()
    def somebody_goes_away_while_waiting(self) -> None:
        _, verb = self.waiting.pop()
        assert verb.answer.cancel()
        self.worker.abandon(verb)

    @precondition(lambda self: self.running and not self.cable.left)
    @rule()
    def somebody_goes_away_while_it_reads(self) -> None:
        assert self.running
        self.cable.left = True
        self.worker.abandon(self.running[1])

    @precondition(lambda self: self.running)
    @rule(ending=some.sampled_from(ENDINGS), pulled=some.booleans())
    def the_verb_ends(self, ending: str, pulled: bool) -> None:
        assert self.running
        (number, verb), self.running = self.running, None
        self.cable.ending, self.cable.plugged = ending, not (pulled and ending == "is lost")
        self.cable.go_on.set()
        until(verb.answer.done)
        if ending == "answers":
            assert verb.answer.result() == number, "an answer went to somebody else"
        else:
            assert isinstance(verb.answer.exception(), DeviceError)
        self.whose_turn_is_it()

    @precondition(lambda self: not self.running)
    @rule()
    def somebody_goes_away_with_the_answer_on_its_way(self) -> None:
        self.somebody_asks()
        if self.running:
            self.cable.ending = "answers"
            (_, verb), self.running = self.running, None
            self.cable.go_on.set()
            until(verb.answer.done)
            resets = self.cable.resets
            self.worker.abandon(verb)
            until(lambda: self.cable.resets > resets)

    @rule(resets_fail=some.booleans(), has_reset=some.booleans())
    def another_make_of_device(self, resets_fail: bool, has_reset: bool) -> None:
        self.cable.resets_fail, self.cable.has_reset = resets_fail, has_reset

    @precondition(lambda self: not self.running)
    @rule(plugged=some.booleans())
    def the_cable(self, plugged: bool) -> None:
        self.cable.plugged = plugged
        until(lambda: self.worker.state.ready == plugged)

    @invariant()
    def one_caller_at_a_time_and_always_a_clean_device(self) -> None:
        assert self.cable.most_inside <= 1
        assert self.cable.dirty_verbs == []
        assert self.cable.opened - self.cable.closed in (0, 1)

    @invariant()
    def only_changes_are_told(self) -> None:
        assert all(a != b for a, b in zip(self.states, self.states[1:], strict=False))

    def teardown(self) -> None:
        self.cable.plugged = True
        self.worker.stop()
        for _ in range(8000):
            self.cable.go_on.set()
            if self.worker.join(0.005):
                break
        assert self.worker.join(0), "the worker did not end"
        assert self.cable.opened == self.cable.closed
        assert all(verb.answer.done() for _, verb in self.waiting), "somebody waits for ever"
        assert self.cable.dirty_verbs == []


# Not shrunk: each step of a broken worker costs the patience of `until`.
AnyDay.TestCase.settings = how(
    max_examples=40,
    stateful_step_count=25,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
TestAnyDay = AnyDay.TestCase
