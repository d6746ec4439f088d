"""A signature as strokes: what becomes of it on its way, and what is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.strokes import MOST_POINTS, Point, Strokes, is_path

points = st.builds(Point, st.floats(-0.5, 1.5), st.floats(-0.5, 1.5), st.floats(0, 60))
strokes = st.lists(st.lists(points, min_size=1, max_size=20).map(tuple), min_size=1, max_size=5).map(tuple)


@given(strokes, st.floats(0.5, 5))
def test_every_signature_becomes_a_path_that_is_taken_for_one(
    drawn: tuple[tuple[Point, ...], ...], aspect: float
) -> None:
    signature = Strokes(drawn, aspect)
    lines = any(len(stroke) > 1 for stroke in drawn)
    assert is_path(signature.svg_path()) == lines
    assert signature.svg_path().count("M") == len(drawn)


@pytest.mark.parametrize("text", ["", "M1 2", "M1 2L3", "M1 2L3 4\n", "M1 2L3 4<script>", "L1 2", "m1 2l3 4"])
def test_anything_else_is_no_path(text: str) -> None:
    assert not is_path(text)


def test_ink_is_measured_in_widths_whatever_the_pads_shape() -> None:
    across = Strokes(((Point(0, 0, 0), Point(1, 0, 1)),), aspect=2.0)
    down = Strokes(((Point(0, 0, 0), Point(0, 1, 1)),), aspect=2.0)
    assert (across.ink, down.ink) == (1.0, 0.5)
    assert not Strokes(((Point(0.5, 0.5, 0),),)).enough


def test_who_draws_for_an_hour_sends_no_more_than_a_request_takes() -> None:
    long = Strokes((tuple(Point(n % 100 / 100, 0.999, n) for n in range(10 * MOST_POINTS)),))
    assert len(long.svg_path()) < 100_000
    assert is_path(long.svg_path())
