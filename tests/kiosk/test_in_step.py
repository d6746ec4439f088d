"""Those who look again and again look in one instant, and none of them later than it would alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk import in_step


@given(running=st.floats(0.0, 1e8), seconds=st.sampled_from([0.02, 0.2, 1.0, 2.0, 4.0, 5.0, 60.0, 3600.0]))
def test_the_next_look_is_at_a_whole_multiple_and_no_later_than_the_time_between_two(
    running: float, seconds: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(in_step, "time", SimpleNamespace(monotonic=lambda: running))
        left = in_step.to_next(seconds)
    assert 0 < left <= seconds
    steps = (running + left) / seconds
    assert abs(steps - round(steps)) * seconds < 1e-6
