"""The mathematics of a touch panel: what a panel does wrong is undone, and nonsense is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.technician.touch_fit import CROSSES, FARTHEST, IDENTITY, Matrix, Nonsense, after, fit, mapped

scales = st.floats(0.7, 1.4)
turns = st.sampled_from([0.0, math.pi / 2, math.pi, -math.pi / 2])
tilts = st.floats(-0.1, 0.1)
shifts = st.floats(-0.15, 0.15)


def panel(across: float, down: float, turn: float, right: float, below: float) -> Matrix:
    """What a panel does to a touch: stretched, turned about the middle, and off by something."""
    c, s = math.cos(turn), math.sin(turn)
    a, b, d, e = across * c, -across * s, down * s, down * c
    return (a, b, 0.5 - a / 2 - b / 2 + right, d, e, 0.5 - d / 2 - e / 2 + below, 0, 0, 1)


@given(scales, scales, turns, tilts, shifts, shifts)
def test_whatever_a_panel_does_to_the_touches_is_undone(
    across: float, down: float, turn: float, tilt: float, right: float, below: float
) -> None:
    wrong = panel(across, down, turn + tilt, right, below)
    found = fit([mapped(wrong, cross) for cross in CROSSES])
    for place in [(0.3, 0.7), (0.0, 0.0), (1.0, 0.4)]:
        assert mapped(found.matrix, mapped(wrong, place)) == pytest.approx(place, abs=1e-6)
    assert found.farthest < 1e-6


@given(st.lists(st.tuples(st.floats(-0.01, 0.01), st.floats(-0.01, 0.01)), min_size=5, max_size=5))
def test_fingers_that_are_not_exact_do_no_harm(shaken: list[tuple[float, float]]) -> None:
    touched = [(x + dx, y + dy) for (x, y), (dx, dy) in zip(CROSSES, shaken, strict=True)]
    found = fit(touched)
    assert found.farthest <= FARTHEST
    for place in CROSSES:
        assert mapped(found.matrix, place) == pytest.approx(place, abs=0.03)


@given(st.integers(0, 4), st.floats(0.15, 0.5), st.floats(0, 2 * math.pi))
def test_one_touch_beside_its_cross_is_noticed(which: int, away: float, where: float) -> None:
    touched = list(CROSSES)
    x, y = touched[which]
    touched[which] = (x + away * math.cos(where), y + away * math.sin(where))
    with pytest.raises(Nonsense):
        fit(touched)


@pytest.mark.parametrize(
    "touched",
    [
        [(0.5, 0.5)] * 5,
        [(x, x) for x, _ in CROSSES],
        [(x / 10, y / 10) for x, y in CROSSES],
        [(x * 3, y * 3) for x, y in CROSSES],
        list(CROSSES)[:4],
        [(math.nan, 0.1), *CROSSES[1:]],
        list(reversed(CROSSES[:2])) + list(CROSSES[2:]),
    ],
    ids=["one place", "a line", "a stamp", "a field", "one too few", "no number", "in another order"],
)
def test_what_no_panel_does_is_refused(touched: list[tuple[float, float]]) -> None:
    with pytest.raises(Nonsense):
        fit(touched)


@given(scales, scales, turns, shifts, shifts)
def test_two_maps_one_after_the_other(
    across: float, down: float, turn: float, right: float, below: float
) -> None:
    first, then = panel(across, down, turn, right, below), panel(down, across, -turn, below, right)
    place = (0.2, 0.9)
    assert mapped(after(first, then), place) == pytest.approx(mapped(then, mapped(first, place)), abs=1e-9)
    assert after(first, IDENTITY) == pytest.approx(first)
