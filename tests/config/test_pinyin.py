"""How characters are written by their sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import pinyin
from config.deploy.pinyin_table import plain, table


@pytest.mark.parametrize(
    ("typed", "characters"), [("zhang", "张"), ("san", "三"), ("lv", "吕"), ("lyu", "吕")]
)
def test_a_usual_character_is_among_the_first_of_its_sound(typed: str, characters: str) -> None:
    first = "".join(one.character for one in pinyin.candidates(typed)[:8])
    assert set(characters) <= set(first)


def test_of_several_sounds_the_first_is_offered_and_takes_its_letters_only() -> None:
    found = {one.character: one.letters for one in pinyin.candidates("zhangsan")}
    assert found["张"] == 5
    assert "三" not in found


def test_the_whole_sound_comes_before_those_that_only_begin_so() -> None:
    row = [one.character for one in pinyin.candidates("li")]
    assert row.index("梨") < row.index("林")


@given(st.text("abcdefghijklmnopqrstuvwxyz", max_size=12))
def test_any_letters_give_each_character_once_and_use_up_some(typed: str) -> None:
    found = pinyin.candidates(typed)
    assert len({one.character for one in found}) == len(found)
    assert all(1 <= one.letters <= len(typed) for one in found)


@pytest.mark.parametrize("typed", ["canbao", "cb", "cbzm", "canbaozm", "dy", "grcbzmdy"])
def test_a_name_is_found_by_its_sounds_and_by_its_initials(typed: str) -> None:
    assert pinyin.reads("个人参保证明打印", typed)
    assert not pinyin.reads("失业登记", typed)


def test_the_table_counts_a_word_for_the_sound_that_it_has_in_it() -> None:
    lines = table(
        {"长": ["zhang", "chang"], "城": ["cheng"]},
        {"长城": [["cháng"], ["chéng"]]},
        ["长城 90 n\n", "长 10 v\n"],
    )
    assert lines == ["* 长城", "chang 长", "cheng 城", "zhang 长"]
    assert plain("lǜ,lù,lǜ") == ["lv", "lu"]
