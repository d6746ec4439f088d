"""What a social security card says, whoever made the card."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.people import people, person
from drivers import apdu, id_card_pcsc, social_card
from drivers.device import DeviceError
from drivers.social_card import BIRTH, NAME, NAME_MORE, NUMBER, SEX
from drivers.virtual.card_chips import ADDRESSING, LENGTHS, Make, id_card_chip, social_card_chip

Chip = Callable[[bytes], bytes]
MAKES = [
    Make(version, addressing, length, p1)
    for version, addressing, length, p1 in product((1, 2), ADDRESSING, LENGTHS, (0x00, 0x02))
]
LEAST = {NUMBER: b"330100198503140012", NAME: "张明远".encode("gbk"), SEX: b"1"}


def refused(read: Callable[[], object]) -> DeviceError:
    with pytest.raises(DeviceError) as raised:
        read()
    return raised.value


# ── cards of every make ─────────────────────────────────────────────────────
@pytest.mark.parametrize("make", MAKES, ids=str)
def test_a_card_is_read_whatever_its_maker_thought(make: Make) -> None:
    citizen = person("zhang")
    card = social_card.read(social_card_chip(citizen, make))
    assert (card.name, card.number, card.sex) == ("张明远", "330100198503140012", "male")
    assert (card.birth, card.nation, card.region) == (date(1985, 3, 14), "01", "330100")
    assert (card.issued, card.version) == (date(2021, 6, 1), f"{make.version}.00")
    assert card.valid_to == (None if make.version == 1 else date(2099, 5, 31))
    assert card.card == "social"


@pytest.mark.parametrize("key", list(people()))
def test_the_card_of_each_citizen_says_his_name_and_number(key: str) -> None:
    card = social_card.read(social_card_chip(person(key), Make()))
    assert (card.name, card.number, card.birth) == (person(key).name, person(key).number, person(key).birth)


@pytest.mark.parametrize("addressing", ADDRESSING)
def test_a_third_generation_card_says_that_it_needs_a_psam(addressing: str) -> None:
    chip = social_card_chip(person("zhang"), Make(version=3, addressing=addressing))
    error = refused(lambda: social_card.read(chip))
    assert (error.code, error.lost) == ("card_needs_psam", False)


def test_a_third_generation_card_that_hides_its_file_says_so_too() -> None:
    chip = social_card_chip(person("zhang"), Make(version=3))

    def hiding(command: bytes) -> bytes:
        return b"\x6a\x82" if command[-2:] == b"\xef\x06" else chip(command)

    assert refused(lambda: social_card.read(hiding)).code == "card_needs_psam"


def test_an_older_card_that_lacks_the_file_is_merely_bad() -> None:
    chip = social_card_chip(person("zhang"), Make(version=2))

    def lacking(command: bytes) -> bytes:
        return b"\x6a\x82" if command[-2:] == b"\xef\x06" else chip(command)

    assert refused(lambda: social_card.read(lacking)).code == "card_unreadable"


def test_another_kind_of_card_is_refused() -> None:
    assert refused(lambda: social_card.read(id_card_chip(person("zhang")))).code == "card_refused"
    assert refused(lambda: id_card_pcsc.read(social_card_chip(person("zhang"), Make()))).code == "id_refused"


def test_the_record_of_another_question_is_not_taken() -> None:
    chip = social_card_chip(person("zhang"), Make(addressing="tag", length="plain"))
    name = b"\x09\x04" + "王五".encode("gbk") + b"\x90\x00"

    def late(command: bytes) -> bytes:
        return name if command[:3] == b"\x00\xb2\x08" else chip(command)

    assert refused(lambda: social_card.read(late)).code == "device_garbled"


def test_what_is_told_of_a_card_names_nobody() -> None:
    card = social_card.read(social_card_chip(person("zhang"), Make()))
    assert repr(card) == "SocialCard(2.00)"


# ── one command ─────────────────────────────────────────────────────────────
def scripted(*answers: bytes) -> tuple[Chip, list[str]]:
    """A card that gives these answers, and what it was asked."""
    asked: list[str] = []
    said = iter(answers)

    def chip(command: bytes) -> bytes:
        asked.append(command.hex())
        return next(said)

    return chip, asked


def test_a_card_that_asks_for_another_length_is_asked_again_with_it() -> None:
    chip, asked = scripted(b"\x6c\x03", b"abc\x90\x00")
    assert apdu.exchange(chip, bytes.fromhex("00B2010400")) == apdu.Answer(b"abc", 0x9000)
    assert asked == ["00b2010400", "00b2010403"]


def test_an_answer_that_lies_ready_is_fetched_to_its_end() -> None:
    chip, asked = scripted(b"\x61\x02", b"ab\x61\x01", b"c\x90\x00")
    assert apdu.exchange(chip, bytes.fromhex("00B2010400")).data == b"abc"
    assert asked[1:] == ["00c0000002", "00c0000001"]


@pytest.mark.parametrize("said", [b"\x6c\x05", b"\x61\x05"])
def test_a_card_that_never_comes_to_an_end_is_given_up(said: bytes) -> None:
    assert refused(lambda: apdu.exchange(lambda c: said, b"\x00\xb2\x01\x04\x00")).code == "device_garbled"


@pytest.mark.parametrize("cut", [b"", b"\x90", b"\x0d\x04\x19\x85"])
def test_an_answer_that_was_cut_is_not_taken_for_one(cut: bytes) -> None:
    assert refused(lambda: apdu.exchange(lambda c: cut, b"\x00\xb2\x01\x04\x00")).code == "device_garbled"


# ── records ─────────────────────────────────────────────────────────────────
@given(
    tag=st.integers(0, 255), value=st.binary(max_size=255), padding=st.sampled_from([b"", b"\0\0", b"\xff"])
)
def test_a_record_is_tag_length_and_value(tag: int, value: bytes, padding: bytes) -> None:
    assert social_card.record(bytes((tag, len(value))) + value + padding) == (tag, value)


@given(value=st.binary(min_size=1, max_size=60), lost=st.integers(1, 60))
def test_a_record_cut_short_is_told(value: bytes, lost: int) -> None:
    whole = bytes((9, len(value))) + value
    assert refused(lambda: social_card.record(whole[: max(0, len(whole) - lost)])).code == "device_garbled"


@given(name=st.text(st.sampled_from("张王李欧阳𬭩㛃䶮··AB"), min_size=1, max_size=25), data=st.data())
def test_a_long_name_goes_on_in_its_extension(name: str, data: st.DataObject) -> None:
    """Wherever the first record ends, even within a character."""
    spelled = name.encode("gb18030")
    cut = data.draw(st.integers(0, min(30, len(spelled))))
    records = LEAST | {NAME: spelled[:cut], NAME_MORE: spelled[cut:].ljust(60, b"\0")}
    assert social_card.decode(records).name == name


def test_a_short_name_is_padded_in_both_records() -> None:
    records = LEAST | {NAME: "王五".encode("gbk").ljust(30, b"\0"), NAME_MORE: bytes(20)}
    assert social_card.decode(records).name == "王五"


@given(digits=st.text("0123456789", max_size=19))
def test_digits_are_padded_with_f(digits: str) -> None:
    assert social_card.bcd(bytes.fromhex(digits.ljust(len(digits) + len(digits) % 2, "f") + "ffff")) == digits


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)))
def test_a_day_is_eight_digits(day: date) -> None:
    assert social_card.day(bytes.fromhex(f"{day:%Y%m%d}")) == day


def test_a_day_that_was_never_entered_is_none() -> None:
    assert social_card.day(b"\xff" * 4) is None
    assert social_card.day(b"\0" * 4) is None


@pytest.mark.parametrize("spelled", ["20260230", "2026ab01", "20"])
def test_a_day_that_is_none_is_refused_without_saying_it(spelled: str) -> None:
    error = refused(lambda: social_card.day(bytes.fromhex(spelled)))
    assert error.code == "card_unreadable"
    assert spelled not in str(error)


def test_a_card_without_a_day_of_birth_has_it_in_its_number() -> None:
    assert social_card.decode(LEAST).birth == date(1985, 3, 14)
    assert social_card.decode(LEAST | {BIRTH: bytes.fromhex("19850314")}).birth == date(1985, 3, 14)


@pytest.mark.parametrize(
    "wrong",
    [
        {NUMBER: b"330100198503140013"},  # check digit
        {NUMBER: b""},
        {NAME: b"\xff\xff\xff"},
        {NAME: b"\xd5"},  # half a character
        {SEX: b"7"},
    ],
)
def test_a_card_that_cannot_be_right_is_refused_without_saying_what_it_said(wrong: dict[int, bytes]) -> None:
    error = refused(lambda: social_card.decode(LEAST | wrong))
    assert error.code == "card_unreadable"
    assert "33010019" not in str(error)
    assert "明远" not in str(error)


@given(st.lists(st.binary(max_size=64), min_size=1, max_size=40))
def test_whatever_a_card_answers_is_a_card_or_a_coded_error(answers: list[bytes]) -> None:
    """The last answer comes again and again, and most of them look like success."""
    said = iter(answers)

    def chip(command: bytes) -> bytes:
        return next(said, answers[-1]) + b"\x90\x00"

    for read in (social_card.read, id_card_pcsc.read):
        try:
            read(chip)
        except DeviceError as error:
            assert error.code.startswith(("card_", "id_", "device_garbled"))


@given(st.dictionaries(st.sampled_from([*range(1, 14), 0x4E]), st.binary(max_size=32)))
def test_whatever_records_say_is_a_card_or_a_coded_error(records: dict[int, bytes]) -> None:
    for filled in (records, LEAST | records):
        try:
            social_card.decode(filled)
        except DeviceError as error:
            assert error.code == "card_unreadable"
