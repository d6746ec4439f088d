"""Who tries to enter otherwise: a code seen, a code from elsewhere, a list that names nobody or is spoilt."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.words import words
from kiosk.doctor import files
from kiosk.prompts import Chosen, StaffSaid
from kiosk.stage import GoHome
from kiosk.technician import one_time_code, people
from kiosk.technician.admission import Memory, Said, judge
from kiosk.technician.people import Technician
from tests.kiosk.technician.room import (
    NUMBER,
    SECRET,
    TECHNICIAN,
    acted,
    choose,
    code_now,
    key,
    play,
    settings,
)

NOW, TODAY = 1_800_000_000.0, date(2027, 1, 15)


@given(st.lists(st.tuples(st.floats(-200, 200), st.integers(-2, 2)), max_size=12))
def test_no_code_opens_twice_whatever_is_done_to_the_clock_in_between(
    moves: list[tuple[float, int]],
) -> None:
    """Somebody has seen every code that was typed, and sets the clock to where it was good."""
    memory, now = Memory(), NOW
    opened: set[int] = set()
    secret = one_time_code.plain(SECRET)
    for by, off in moves:
        now += by
        step = int(now // one_time_code.STEP_SECONDS) + off
        judged = judge(
            [TECHNICIAN], memory, Said("code", "n", NUMBER, one_time_code.code(secret, step)), now, TODAY, 0.0
        )
        memory = Memory({}, judged.memory.used)  # somebody who need not wait
        if not judged.code:
            assert abs(off) <= 1 and step not in opened
            assert step > max(opened, default=-1), "nor does one of before"
            opened.add(step)


def test_a_code_of_another_terminal_opens_nothing_here(tmp_path: Path) -> None:
    """The same man with the same number: each terminal gave him a secret of its own."""
    elsewhere = one_time_code.new_secret()
    seen = play(tmp_path, StaffSaid(NUMBER, code_now(secret=elsewhere)), GoHome())
    assert "WorkList" not in seen.pages()
    assert acted(tmp_path) == [(NUMBER, "refused", "", "technician_refused", "code")]


def test_whoever_is_taken_off_the_list_while_he_is_inside_does_nothing_more(tmp_path: Path) -> None:
    def taken_off(prompt: object) -> Chosen:
        people.write(tmp_path / "technicians.toml", (Technician(number="77", secret=SECRET),))
        return Chosen("journal")

    seen = play(tmp_path, key, taken_off)
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "Home"]
    assert acted(tmp_path)[1:] == [(NUMBER, "left", "", "", "ended")]


def test_a_list_that_is_spoilt_while_he_is_inside_keeps_him_from_nothing(tmp_path: Path) -> None:
    def spoilt(prompt: object) -> Chosen:
        (tmp_path / "technicians.toml").write_text("[[")
        return Chosen("versions")

    seen = play(tmp_path, key, spoilt, GoHome(), *choose("leave"))
    assert seen.pages() == ["Home", "TechnicianKey", "WorkList", "WorkSheet", "WorkList", "Home"]
    assert acted(tmp_path)[-1] == (NUMBER, "left", "", "", "asked")


def test_after_the_last_one_is_removed_the_page_and_the_doctor_say_that_nobody_may_enter(
    tmp_path: Path,
) -> None:
    seen = play(tmp_path, key, GoHome(), known=())
    assert seen.asked_who()[-1].problem == words("technician.nobody")
    told = settings(tmp_path)
    said = [one.found.en for one in files.examine(told) if one.name == "settings"]
    assert words("doctor.no_technician").en in said[0]
    people.write(tmp_path / "technicians.toml", (TECHNICIAN,))
    said = [one.found.en for one in files.examine(told) if one.name == "settings"]
    assert words("doctor.no_technician").en not in said[0]


@pytest.mark.parametrize("text", ["a=" + "[" * 100_000, "a=" + "{a=" * 5_000, "a." * 20_000 + "b=1"])
def test_a_list_that_was_made_to_break_the_reader_is_said_to_be_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "technicians.toml"
    people.write(path, ())
    path.write_text(text)
    with pytest.raises(people.PeopleError, match="TOML"):
        people.read(path)
