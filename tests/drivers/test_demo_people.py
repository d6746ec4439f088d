"""The invented citizens: nobody real, coherent, and one for each way a visit can go."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config import assets
from config.people import Person, load, people, person
from config.rules import min_age, phone
from config.toml_file import ConfigError
from drivers.id_card import valid_number

TODAY = date(2026, 11, 22)
EVERYBODY = people().values()


@pytest.mark.parametrize("who", EVERYBODY, ids=list(people()))
def test_each_is_coherent_and_cannot_be_anybody(who: Person) -> None:
    assert valid_number(who.number)
    assert who.number[:6] == "330100"
    assert who.number[6:14] == f"{who.birth:%Y%m%d}"
    assert who.number[14:16] == "00"  # no issued card has such an order number
    assert (int(who.number[16]) % 2 == 1) == (who.sex == "male")
    assert "示例" in who.address or "邻海" in who.address
    assert phone(who.phone, {})
    assert who.birth < who.valid_from < TODAY
    for photograph in (who.reference, who.live):
        assert not photograph or photograph in assets.PHOTOGRAPHS


def test_there_is_one_for_each_way_a_visit_can_go() -> None:
    def only(wanted: object) -> str:
        assert callable(wanted)
        (found,) = [who.key for who in EVERYBODY if wanted(who)]
        return found

    grown = [who for who in EVERYBODY if min_age(None, {"birth": who.birth, "today": TODAY}, years=16)]
    assert only(lambda who: who.valid_to and who.valid_to < TODAY) == "zhou"
    assert next(who.key for who in EVERYBODY if who.valid_to is None) == "wang"
    assert only(lambda who: who not in grown) == "xu"
    assert only(lambda who: any(ord(character) > 0xFFFF for character in who.name)) == "chen"
    assert [who.key for who in grown if not who.insurance] == ["sun", "yang"]
    assert person("zhang").reference != person("zhang").live  # two different pictures of one person
    assert not person("chen").reference


def test_a_stranger_is_told_with_those_who_are_there() -> None:
    with pytest.raises(ValueError, match="no person mao; there are zhang, wang"):
        person("mao")


def test_a_person_shown_in_a_log_is_only_a_key() -> None:
    assert repr(person("li")) == "Person(li)"


def test_a_wrong_file_says_what_and_where(tmp_path: Path) -> None:
    text = Path("config/profiles/demo_people.toml").read_text(encoding="utf-8")
    for wrong, said in [
        (text.replace('sex = "female"', 'sex = "woman"'), "sex"),
        (text.replace("months_paid = 118", "months_paid = 999"), "chen: 999 months do not fit"),
        (text.replace('last = "2024-12"', 'last = "2024-13"'), "2024-13 is no month"),
        (text.replace('key = "li"', 'key = "wang"'), "two persons have the same key"),
    ]:
        (tmp_path / "people.toml").write_text(wrong, encoding="utf-8")
        with pytest.raises(ConfigError) as raised:
            load(tmp_path / "people.toml")
        assert said in str(raised.value)
