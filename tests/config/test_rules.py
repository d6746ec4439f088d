"""The rules of forms: months, days, ages and telephone numbers as people mean them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config import rules
from config.words import Words

DAYS = some.dates(date(1900, 1, 1), date(2200, 12, 31))
MONTHS = DAYS.map(lambda day: f"{day:%Y-%m}")
TODAY = date(2026, 11, 22)


def months_later(month: str, months: int) -> str:
    """Counted by hand, one month after the other."""
    year, number = int(month[:4]), int(month[5:])
    for _ in range(months):
        year, number = (year + 1, 1) if number == 12 else (year, number + 1)
    return f"{year:04}-{number:02}"


@given(MONTHS, some.integers(0, 40), some.integers(0, 40))
def test_a_month_is_within_so_many_months_exactly_when_counting_gets_there(
    start: str, away: int, allowed: int
) -> None:
    end = months_later(start, away)
    assert rules.within_months(end, {"from": start}, field="from", months=allowed) == (away <= allowed)


@given(MONTHS, MONTHS)
def test_one_of_two_months_is_not_before_the_other_and_only_equal_ones_both(one: str, other: str) -> None:
    first = rules.not_before(one, {"from": other}, field="from")
    second = rules.not_before(other, {"from": one}, field="from")
    assert first or second
    assert (first and second) == (one == other)


@given(DAYS, DAYS)
def test_a_day_is_in_the_past_or_in_the_future_or_today(day: date, today: date) -> None:
    facts = {"today": today}
    held = (rules.not_in_past(str(day), facts), rules.not_in_future(str(day), facts))
    assert held == (day >= today, day <= today)


def test_this_month_is_not_in_the_future_and_the_next_one_is() -> None:
    assert rules.not_in_future("2026-11", {"today": TODAY})
    assert not rules.not_in_future("2026-12", {"today": TODAY})


@pytest.mark.parametrize("other", ["", None, "nonsense"])
def test_while_the_other_field_is_empty_nothing_is_before_it(other: object) -> None:
    assert rules.not_before("2026-01", {"from": other}, field="from")
    assert rules.within_months("2026-01", {"from": other}, field="from", months=0)


@given(DAYS, some.integers(0, 100))
def test_somebody_is_of_age_from_his_birthday_on_and_not_the_day_before(birth: date, years: int) -> None:
    try:
        birthday = birth.replace(year=birth.year + years)
    except ValueError:  # born on a 29 February, and it is no leap year
        birthday = date(birth.year + years, 3, 1)
    assert rules.min_age(None, {"birth": birth, "today": birthday}, years=years)
    before = birthday - timedelta(days=1)
    assert not rules.min_age(None, {"birth": birth, "today": before}, years=years)


@given(DAYS)
def test_what_a_calendar_shows_is_read_and_nothing_else(day: date) -> None:
    assert rules.day_of(day.isoformat()) == day
    assert rules.month_of(f"{day:%Y-%m}") == day.replace(day=1)
    assert rules.month_of(day.isoformat()) is None


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-02-30", "20260304", "2026-W10", "2026-W10-1",
     "0000-01", "２０２６-０１", "٢٠٢٦-٠١", "2026-01\n", " 2026-01", "2026-01-01T00:00"],
)  # fmt: skip
def test_what_is_no_day_and_no_month_is_refused(text: str) -> None:
    assert rules.day_of(text) is None
    assert not rules.not_before(text, {}, field="from")
    assert not rules.not_in_future(text, {"today": TODAY})
    assert not rules.not_in_past(text, {"today": TODAY})
    assert not rules.within_months(text, {}, field="from", months=10**6)


@given(some.text())
def test_no_text_brings_a_rule_down(text: str) -> None:
    assert rules.day_of(text) is None or len(text) in (7, 10)
    for name, parameters, _ in USES:
        if name not in rules.OF_THE_CARD:
            assert rules.RULES[name](text, {"from": text, "today": TODAY}, **parameters) in (True, False)


@pytest.mark.parametrize(
    "number", ["13800000001", "19912345678", "010-12345678", "0571-88888888", "01012345678"]
)
def test_numbers_that_can_be_called(number: str) -> None:
    assert rules.phone(number, {})


@pytest.mark.parametrize(
    "number",
    ["", "1380000000", "138000000011", "12800000001", "88888888", "0571--8888888", "+8613800000001",
     "１３８００００００００", "١٣٨٠٠٠٠٠٠٠٠", "13800000001\n", "138 0000 0001"],
)  # fmt: skip
def test_numbers_that_cannot_be_called(number: str) -> None:
    assert not rules.phone(number, {})


@given(some.text(max_size=30), some.integers(0, 30))
def test_a_text_may_have_so_many_characters_a_rare_one_counting_as_one(text: str, characters: int) -> None:
    assert rules.max_length(text, {}, characters=characters) == (len(text) <= characters)
    assert rules.max_length("陈𬭩", {}, characters=2)


# ── the table ───────────────────────────────────────────────────────────────
USES: list[tuple[str, dict[str, Any], Any]] = [
    ("not_before", {"field": "from"}, "2025-12"),
    ("not_in_future", {}, "2099-01"),
    ("not_in_past", {}, "2000-01-01"),
    ("within_months", {"field": "from", "months": 3}, "2027-01"),
    ("min_age", {"years": 16}, None),
    ("max_length", {"characters": 2}, "abc"),
    ("only_with", {"option": "none", "field": "from", "chosen": "paper"}, "none"),
    ("wants", {"option": "other", "field": "empty"}, "other"),
    ("phone", {}, "123"),
    ("max_age", {"years": 7}, None),
    ("days_ahead", {"least": 1, "most": 30}, "2020-01-01"),
    ("at_least", {"number": 100}, "99"),
    ("at_most", {"number": 100}, "101"),
    ("least_yuan", {"yuan": 100}, "9999"),
    ("most_yuan", {"yuan": 100}, "10001"),
    ("min_length", {"characters": 2}, " a "),
    ("differs", {"field": "from"}, "2026-01"),
    ("id_number", {}, "330100198503140013"),
    ("credit_code", {}, "91330100MA00000000"),
    ("bank_card", {}, "6222020000000000001"),
    ("plate", {}, "A12345"),
    ("region", {}, "999999"),
    ("outside", {"area": "330000"}, "330102"),
]
OF_THE_FILE = ("option", "chosen", "area")  # values that the catalogue compares; nobody reads them


def test_every_rule_of_the_table_is_tried_here() -> None:
    assert {name for name, _, _ in USES} == set(rules.RULES)


@pytest.mark.parametrize(("name", "parameters", "bad"), USES)
def test_a_rule_that_does_not_hold_says_so_in_both_languages_with_nothing_left_to_fill(
    name: str, parameters: dict[str, Any], bad: Any
) -> None:
    facts = {"from": "2026-01", "today": TODAY, "birth": date(2018, 6, 1)}
    labels = {"from": Words("起始年月", "From month"), "empty": Words("其他用途", "Other purpose")}
    rules.check(name, parameters)
    said = rules.complaint(name, parameters, bad, facts, labels)
    assert said is not None
    for language, text in (("zh", said.zh), ("en", said.en)):
        assert text and "{" not in text
        for key, value in parameters.items():
            if key not in OF_THE_FILE:
                assert str(labels[value][language] if key == "field" else value) in text


@pytest.mark.parametrize(
    ("value", "other", "holds"),
    [("none", "paper", True), ("none", "card", False), ("none", "", False), ("school", "card", True)],
)
def test_an_option_may_go_with_one_answer_of_another_field_alone(value: str, other: str, holds: bool) -> None:
    assert rules.only_with(value, {"what": other}, option="none", field="what", chosen="paper") is holds


@pytest.mark.parametrize(
    ("value", "words", "holds"),
    [("other", "", False), ("other", " ", False), ("other", "参展", True), ("school", "", True)],
)
def test_whoever_takes_an_option_may_have_to_say_more(value: str, words: str, holds: bool) -> None:
    assert rules.wants(value, {"more": words}, option="other", field="more") is holds


def test_a_rule_that_holds_says_nothing() -> None:
    assert rules.complaint("phone", {}, "13800000001", {}, {}) is None


@pytest.mark.parametrize(
    ("name", "parameters", "said"),
    [
        ("nonsense", {}, "no rule nonsense; the table has at_least, at_most"),
        ("min_age", {}, r"rule min_age takes \['years'\], not \[\]"),
        ("phone", {"field": "x"}, r"rule phone takes \[\], not \['field'\]"),
        ("min_age", {"years": "16"}, "years of rule min_age must be a whole number, not '16'"),
        ("min_age", {"years": True}, "must be a whole number"),
        ("not_before", {"field": 3}, "field of rule not_before must be a text, not 3"),
    ],
)
def test_a_rule_that_is_named_wrongly_is_told_what_it_takes(
    name: str, parameters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        rules.check(name, parameters)
