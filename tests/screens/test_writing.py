"""Given a field and its pad, when keys are touched, then the form holds what a person meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.money import yuan
from kiosk.prompts import Field, FieldKind, Filled, Place, Rated, Wrong
from screens import grouped
from tests.screens import field_prompts as f
from tests.screens import paper_prompts as papers
from tests.screens import prompts as p
from tests.screens.glass import Glass


def show(glass: Glass, prompt: object, place: Place = p.NOWHERE) -> None:
    glass.present(p.HOME, p.NOWHERE)
    glass.present(prompt, place)  # type: ignore[arg-type]


def touch(glass: Glass, *names: str) -> None:
    for name in names:
        glass.touch(name)


def keys(characters: str, kind: str = "key") -> list[str]:
    return [f"{kind}:{character}" for character in characters]


def answered(glass: Glass) -> dict[str, object]:
    while "page:next" in glass.names():
        glass.touch("page:next")
    glass.touch("confirm")
    answer = glass.answer()
    assert isinstance(answer, Filled)
    return dict(answer.values)


def test_a_name_is_written_by_its_sounds(glass: Glass) -> None:
    show(glass, f.only(f.NAME))
    touch(glass, "write:relative", *keys("zhangsan"), "pick:张")
    assert "san" in glass.words(), "the sounds that are left wait for their character"
    touch(glass, "pick:三", "write:done")
    assert answered(glass) == {"relative": "张三"}


def test_a_rare_character_is_some_pages_on_and_one_back_takes_sounds_first(glass: Glass) -> None:
    show(glass, f.only(f.NAME))
    touch(glass, "write:relative", *keys("zhangx"), "key:delete")
    while "pick:璋" not in glass.names():
        touch(glass, "candidates:next")
    touch(glass, "pick:璋", *keys("s"), "key:delete", "key:delete")
    assert not any(word.startswith("璋") for word in glass.words())
    touch(glass, *keys("li"), "pick:李", "mode:letters", *keys("A1"), "key:shift", "key:b")
    touch(glass, "mode:signs", "key:，", "write:done")
    assert answered(glass) == {"relative": "李A1b，"}


def test_a_text_is_as_long_as_it_may_be_and_what_is_left_is_told(glass: Glass) -> None:
    show(glass, f.only(replace(f.FACTS, most=3)))
    touch(glass, "write:facts", "mode:letters", *keys("AB"))
    assert "还可以写 1 个字" in glass.words()
    touch(glass, *keys("CD"), "write:done")
    assert answered(glass) == {"facts": "ABC"}


def test_money_is_typed_as_yuan_and_kept_as_fen(glass: Glass) -> None:
    show(glass, f.only(f.AMOUNT))
    touch(glass, "write:amount", *keys("1200.5099", "digit"))
    assert "¥ 1,200.50" in glass.words()
    touch(glass, "digit:delete", "write:done")
    assert "¥ 1,200.50" in glass.words(), "grouped as it is read"
    assert answered(glass) == {"amount": "120050"}


def test_an_amount_that_stood_there_is_written_anew_or_mended_at_its_end(glass: Glass) -> None:
    show(glass, f.only(replace(f.AMOUNT, value="150000")))
    touch(glass, "write:amount", *keys("1200", "digit"), "write:done")
    assert answered(glass) == {"amount": "120000"}
    show(glass, f.only(replace(f.AMOUNT, value="150000")))
    touch(glass, "write:amount", "digit:delete", *keys("7", "digit"), "write:done")
    assert answered(glass) == {"amount": "150700"}


@given(st.lists(st.sampled_from([*"0123456789.", "delete"]), max_size=30))
def test_whatever_is_touched_is_an_amount(touches: list[str]) -> None:
    typed = ""
    for key in touches:
        typed = grouped.money_key(typed, key)
        fen = grouped.fen_of(typed)
        assert not fen or yuan(int(fen)).startswith(f"{int(fen) // 100:,}.")
        assert grouped.fen_of(grouped.typed_money(fen)) == fen


def test_a_place_is_chosen_from_large_to_small(glass: Glass) -> None:
    show(glass, f.only(f.REGION))
    touch(
        glass, "write:dest", "region:330000", "region:330100", "path:330100", "region:330100", "region:330102"
    )
    assert "浙江省示例市临溪县" in glass.words()
    assert answered(glass) == {"dest": "330102"}


def test_back_in_a_pad_goes_one_step_back_and_leaves_nothing_undone(glass: Glass) -> None:
    show(glass, f.only(f.REGION), p.at(4))
    touch(glass, "write:dest", "region:330000")
    assert "region:330100" in glass.names()
    touch(glass, "back")
    assert "region:330000" in glass.names()
    touch(glass, "back")
    assert "write:dest" in glass.names()
    assert glass.answer() is None
    touch(glass, "back")
    assert glass.answer().name == "BACK"


def test_what_was_written_stays_when_the_pad_is_left_by_back(glass: Glass) -> None:
    show(glass, f.only(f.PLATE), p.at(4))
    touch(glass, "write:plate", *keys("浙A12345"), "back")
    assert answered(glass) == {"plate": "浙A12345"}


def test_a_plate_has_a_province_a_letter_and_no_letter_like_a_digit(glass: Glass) -> None:
    show(glass, f.only(f.PLATE))
    touch(glass, "write:plate")
    assert "key:A" not in glass.names()
    touch(glass, "key:沪")
    assert "key:1" not in glass.names()
    touch(glass, "key:A")
    assert not {"key:I", "key:O"} & set(glass.names())
    touch(glass, *keys("D1234567"), "write:done")
    assert answered(glass) == {"plate": "沪AD12345"}, "eight characters at most"


def test_a_month_in_1958_takes_four_touches(glass: Glass) -> None:
    show(glass, f.only(f.BORN))
    touch(glass, "write:born", "tens:1950", "year:1958", "month:3")
    assert answered(glass) == {"born": "1958-03"}


def test_a_day_is_picked_on_its_month_and_days_out_of_reach_are_greyed(glass: Glass) -> None:
    show(glass, f.only(f.DAY))
    touch(glass, "write:day", "month:11")
    assert "day:21" not in glass.names()
    touch(glass, "path:month", "month:12")
    assert "day:7" not in glass.names()
    touch(glass, "day:6")
    assert answered(glass) == {"day": "2026-12-06"}


def test_a_date_that_stands_is_changed_from_its_month(glass: Glass) -> None:
    show(glass, f.only(replace(f.FROM, value="2001-02-28")))
    touch(glass, "write:from", "path:month", "path:year")
    assert "year:2009" in glass.names(), "the ten years of what stands"
    touch(glass, "path:tens", "tens:2020", "year:2024", "month:2", "day:29")
    assert answered(glass) == {"from": "2024-02-29"}


@pytest.mark.parametrize(
    ("field", "touches", "shown", "value"),
    [
        (f.ID, keys("33010120150312002X", "digit"), "330101 2015 0312 002X", "33010120150312002X"),
        (f.CREDIT, keys("91330101M2A3E4X51X"), "9133 0101 M2A3 E4X5 1X", "91330101M2A3E4X51X"),
        (replace(f.BANK, value=""), keys("62220212345678", "digit"), "6222 0212 3456 78", "62220212345678"),
        (
            Field("tel", FieldKind.PHONE, p.W("手机号", "Phone"), "138****5678"),
            keys("13912345678", "digit"),
            "139 1234 5678",
            "13912345678",
        ),
    ],
    ids=["id", "credit", "bank", "phone"],
)
def test_numbers_stand_in_groups_while_they_are_written(
    glass: Glass, field: Field, touches: list[str], shown: str, value: str
) -> None:
    show(glass, f.only(field))
    touch(glass, f"write:{field.key}", *touches)
    assert shown in glass.words()
    touch(glass, "write:done")
    assert (shown in glass.words()) is not field.masked
    assert answered(glass) == {field.key: value}


def test_another_persons_number_is_masked_once_it_is_written(glass: Glass) -> None:
    from screens.outline import outline

    show(glass, f.only(f.ID))
    touch(glass, "write:child", *keys("330101201503120025", "digit"), "write:done")
    told = str(outline(glass.scene))
    assert "3301** **** **** 0025" in told, "spelled as on the page to confirm, and on paper"
    assert "20150312" not in told.replace(" ", "")


def test_many_options_have_pages_of_their_own(glass: Glass) -> None:
    show(glass, f.only(f.BANK_NAME))
    touch(glass, "write:bank_name")
    while "option:bank_name:15" not in glass.names():
        touch(glass, "page:next")
    touch(glass, "option:bank_name:15")
    assert "示例业银行" in glass.words()
    assert answered(glass) == {"bank_name": "15"}


def test_a_field_that_hangs_on_an_answer_comes_and_goes_and_keeps_what_was_typed(glass: Glass) -> None:
    show(glass, f.ONLY_IF)
    assert "write:other" not in glass.names()
    touch(glass, "option:reason:other", "write:other", "mode:letters", *keys("AB"), "write:done")
    touch(glass, "option:reason:lost")
    assert "write:other" not in glass.names()
    assert "write:lost_day" in glass.names()
    touch(glass, "option:reason:broken")
    assert answered(glass) == {"reason": "broken"}
    show(glass, f.ONLY_IF)
    touch(glass, "option:reason:other", "write:other", "mode:letters", *keys("AB"), "write:done")
    touch(glass, "option:reason:lost", "option:reason:other")
    assert answered(glass) == {"reason": "other", "other": "AB"}


def test_a_prefilled_value_can_be_said_to_be_wrong(glass: Glass) -> None:
    show(glass, f.ONLY_IF)
    touch(glass, "wrong:address")
    assert glass.answer() == Wrong("address")


def test_a_field_without_answer_is_not_missed_while_it_is_not_asked(glass: Glass) -> None:
    show(glass, f.ONLY_IF)
    touch(glass, "option:reason:other", "confirm")
    assert glass.answer() is None
    assert "请填写此项" in glass.words()
    touch(glass, "option:reason:broken", "confirm")
    assert glass.answer() == Filled({"reason": "broken"})


def test_the_pad_opens_with_letters_where_the_page_is_english(glass: Glass) -> None:
    show(glass, f.only(f.NAME))
    touch(glass, "language", "write:relative", *keys("LI"), "write:done", "language")
    assert answered(glass) == {"relative": "LI"}


def test_own_words_go_with_the_rating(glass: Glass) -> None:
    show(glass, replace(p.RATE, write=True))
    assert "write:text" not in glass.names(), "first the stars"
    touch(glass, "star:2", "code:210", "write:text", *keys("man"), "pick:慢", "write:done", "rate:submit")
    assert glass.answer() == Rated(2, ("210",), "慢")


def test_a_long_letter_is_read_to_its_end_before_it_is_signed(glass: Glass) -> None:
    show(glass, papers.LETTER, p.at(5))
    read: list[str] = []
    while "read" not in glass.names():
        assert "slate" not in glass.names()
        read += glass.words()
        touch(glass, "page:next")
    read += glass.words()
    whole = "".join(read).replace("\n", "")
    assert all(one.zh[-8:] in whole for one in papers.LETTER.text)
    touch(glass, "read")
    assert "slate" in glass.names()
    touch(glass, "back")
    assert "read" in glass.names(), "back is to the text, not out of the page"


def test_dates_have_their_limits_where_a_field_names_none() -> None:
    from screens.write_date import _limits

    first, last = _limits(Field("d", FieldKind.DATE, p.W("日", "Day")))
    assert first <= date(1926, 1, 1)
    assert last >= date(date.today().year + 5, 1, 1)
