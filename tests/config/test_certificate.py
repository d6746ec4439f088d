"""The number on a certificate: what is issued always checks, what is mistyped never does."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some
from stdnum.iso7064 import mod_37_36

from config.certificate import DEMO_ISSUER, DEMO_TYPE, check_character, check_number, issue_number

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
plain = some.text(ALPHABET, min_size=1, max_size=32)


@pytest.mark.parametrize(
    "number",
    [  # as published
        "1.2.156.3005.2.11100000000013338W087.11370800MB28559184.37080001202411010001.001.3",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S",
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    ],
)
def test_published_numbers_check(number: str) -> None:
    assert check_number(number)


@pytest.mark.parametrize(
    "number",
    [  # another check character; an issuer that is no credit code
        "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M",
        "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    ],
)
def test_numbers_out_in_the_world_are_read_leniently_only(number: str) -> None:
    assert check_number(number, strict=False) and not check_number(number)


@given(plain)
def test_the_check_character_is_that_of_the_standard(text: str) -> None:
    assert check_character(text) == mod_37_36.calc_check_digit(text)


@given(serial=plain, version=some.integers(1, 999))
def test_what_is_issued_checks(serial: str, version: int) -> None:
    number = issue_number(serial, version)
    assert check_number(number) and number.count(".") == 9


@given(serial=plain, data=some.data())
def test_one_mistyped_character_is_noticed(serial: str, data: some.DataObject) -> None:
    number = issue_number(serial)
    places = [i for i, c in enumerate(number) if i > 14 and c != "."]
    place = data.draw(some.sampled_from(places))
    other = data.draw(some.sampled_from(ALPHABET))
    assume(other != number[place])
    assert not check_number(number[:place] + other + number[place + 1 :])


@given(some.text(max_size=120))
def test_any_text_is_judged_without_an_exception(text: str) -> None:
    assert not check_number(text) and not check_number(text, strict=False)


@pytest.mark.parametrize(
    ("serial", "version", "kind", "issuer"),
    [
        ("", 1, DEMO_TYPE, DEMO_ISSUER),
        ("a1", 1, DEMO_TYPE, DEMO_ISSUER),
        ("1.2", 1, DEMO_TYPE, DEMO_ISSUER),
        ("1", 0, DEMO_TYPE, DEMO_ISSUER),
        ("1", 1000, DEMO_TYPE, DEMO_ISSUER),
        ("1" * 33, 1, DEMO_TYPE, DEMO_ISSUER),
        ("1", 1, "SHORT", DEMO_ISSUER),
        ("1", 1, DEMO_TYPE, "SHORT"),
    ],
)
def test_nothing_malformed_is_issued(serial: str, version: int, kind: str, issuer: str) -> None:
    with pytest.raises(ValueError):
        issue_number(serial, version, kind=kind, issuer=issuer)
