"""Given the home page, when a technician makes his gesture, then the core hears of it; when anybody else
touches, knocks or leans on the glass, then it does not."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.prompts import OutOfService, Prompt
from screens.gesture import HOLD, LONGEST, NEAR, PAUSE, RHYTHM, TAP, Gesture
from tests.screens import prompts as p
from tests.screens.glass import Glass

Touch = tuple[float, float, float, float, bool]  # x, y, seconds before it, seconds down, on an empty spot


def made(touches: Iterable[Touch]) -> int:
    """How often the gesture was heard in these touches."""
    gesture, now, count = Gesture(), 100.0, 0
    for x, y, before, long, empty in touches:
        now += before
        gesture.down(x, y, now, empty)
        now += long
        count += gesture.up(x, y, now)
    return count


def within(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def a_length(stroke: str) -> st.SearchStrategy[float]:
    return within(0.0, TAP - 0.01) if stroke == "." else within(HOLD + 0.01, LONGEST - 0.01)


@st.composite
def gestures(draw: st.DrawFn) -> list[Touch]:
    """The right one at any pace, on any spot, with a hand that is not quite still."""
    x, y = draw(within(0, 2)), draw(within(0, 2))
    near = within(-NEAR / 4, NEAR / 4)
    return [
        (x + draw(near), y + draw(near), draw(within(0.05, PAUSE - 0.01)), draw(a_length(stroke)), True)
        for stroke in RHYTHM
    ]


def wrongly_calibrated(touch: Touch, matrix: tuple[float, ...]) -> Touch:
    x, y, pause, length, empty = touch
    a, b, c, d, e, f = matrix
    return a * x + b * y + c, d * x + e * y + f, pause, length, empty


@given(gestures(), st.tuples(*[within(-0.7, 0.7)] * 6))
def test_it_is_heard_at_any_pace_and_through_any_calibration(
    touches: list[Touch], matrix: tuple[float, ...]
) -> None:
    assert made(touches) == 1
    assert made([wrongly_calibrated(one, matrix) for one in touches]) == 1
    assert made([*touches, *touches]) == 2


@given(gestures(), gestures())
def test_it_is_heard_after_an_attempt_that_was_broken_off(broken: list[Touch], touches: list[Touch]) -> None:
    first = touches[0]
    anew = [(*first[:2], PAUSE + 1, *first[3:]), *touches[1:]]
    for heard in range(len(RHYTHM)):
        assert made([*broken[:heard], *anew]) == 1


@given(gestures(), st.integers(0, 4), st.sampled_from(["on something", "elsewhere", "late", "too short"]))
def test_one_touch_amiss_and_it_is_not_heard(touches: list[Touch], which: int, how: str) -> None:
    x, y, before, long, _ = touches[which]
    if how == "late" and which == 0:
        return  # nothing comes before the first
    amiss: dict[str, Touch] = {
        "on something": (x, y, before, long, False),
        "elsewhere": (x + 3 * NEAR, y, before, long, True),
        "late": (x, y, PAUSE + 0.1, long, True),
        "too short": (x, y, before, (TAP + HOLD) / 2, True),
    }
    assert made([*touches[:which], amiss[how], *touches[which + 1 :]]) == 0


def test_what_people_do_to_a_glass_is_not_it() -> None:
    """Many touches of impatient hands: knocking, leaning, a child with both fists."""
    dice = random.Random(7)
    hands = (
        lambda: (dice.random(), dice.random(), dice.expovariate(1), dice.expovariate(3), dice.random() < 0.6),
        lambda: (0.5, 0.5, dice.expovariate(4), dice.expovariate(5), True),  # knocking on one spot
        lambda: (dice.gauss(0.5, 0.05), 0.3, dice.expovariate(2), dice.uniform(0, 1.2), True),
    )
    for hand in hands:
        assert made(hand() for _ in range(50_000)) == 0


# ── on the glass ────────────────────────────────────────────────────────────
OUT = OutOfService(p.W("暂停服务", "Out of service"), p.W("请拨打电话", "Please call"))


class Clock:
    """The scene's clock, which the test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(glass: Glass, monkeypatch: pytest.MonkeyPatch) -> Clock:
    from screens import scene

    clock = Clock()
    monkeypatch.setattr(scene, "time", clock)
    monkeypatch.setattr(glass.scene, "_settled", 0.0)
    return clock


def gesture_at(glass: Glass, clock: Clock, x: float, y: float, rhythm: str = RHYTHM) -> None:
    """A hand that makes the gesture at a point, in pixels from the top left."""
    from kivy.tests.common import UnitTestTouch

    for stroke in rhythm:
        finger = UnitTestTouch(x, glass.scene.t.height - y)
        finger.touch_down()
        clock.now += 2.0 if stroke == "-" else 0.15
        finger.touch_up()
        clock.now += 0.4
    glass.turn()


SOMEWHERE = {"beside the hall's name": (40, 20), "left of the help button": (60, 920)}


@pytest.mark.parametrize("where", SOMEWHERE)
@pytest.mark.parametrize("page", [p.HOME, OUT], ids=["home", "out of service"])
def test_a_technician_is_heard_and_nothing_else_happens(
    glass: Glass, clock: Clock, page: Prompt, where: str
) -> None:
    glass.present(page, p.NOWHERE)
    before = glass.words()
    gesture_at(glass, clock, *SOMEWHERE[where])
    assert glass.gestures == 1
    assert glass.answer() is None
    assert glass.words() == before


def test_it_is_not_heard_on_what_can_be_touched_nor_on_other_pages(glass: Glass, clock: Clock) -> None:
    glass.present(p.HOME, p.NOWHERE)
    help_button = next(item.area for item in glass.scene.visible()[1] if item.name == "help")
    gesture_at(glass, clock, help_button.x + 20, help_button.y + 20)
    assert glass.gestures == 0
    glass.touch("help:close")
    for page, place in ((p.GUIDE, p.at(1)), (p.GOODBYE, p.NOWHERE), (p.SERVICES, p.NOWHERE)):
        glass.present(page, place)
        gesture_at(glass, clock, *SOMEWHERE["beside the hall's name"])
        assert glass.gestures == 0


def test_half_of_it_at_home_is_not_ended_after_a_service(glass: Glass, clock: Clock) -> None:
    glass.present(p.HOME, p.NOWHERE)
    gesture_at(glass, clock, *SOMEWHERE["beside the hall's name"], rhythm="-..")
    glass.present(p.GUIDE, p.at(1))
    glass.present(p.HOME, p.NOWHERE)
    gesture_at(glass, clock, *SOMEWHERE["beside the hall's name"], rhythm=".-")
    assert glass.gestures == 0


def test_a_home_page_that_is_told_anew_meanwhile_does_not_break_it(glass: Glass, clock: Clock) -> None:
    glass.present(p.HOME, p.NOWHERE)
    gesture_at(glass, clock, *SOMEWHERE["beside the hall's name"], rhythm="-.")
    glass.present(p.HOME, p.NOWHERE)
    gesture_at(glass, clock, *SOMEWHERE["beside the hall's name"], rhythm="..-")
    assert glass.gestures == 1
