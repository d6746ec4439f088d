"""Who enters: a number with a code that is good once, or a card; everybody else waits longer and longer."""

from __future__ import annotations

from pathlib import Path

from tests.kiosk.technician.room import NUMBER, acted, choose, key, play


def test_given_the_gesture_and_a_right_code_then_he_sees_the_list_and_leaves(tmp_path: Path) -> None:
    seen = play(tmp_path, key, *choose("leave"))
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "Home"]
    assert [one[:2] for one in acted(tmp_path)] == [(NUMBER, "entered"), (NUMBER, "left")]
