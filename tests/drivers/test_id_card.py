"""What a card says: the four layouts at their published places, damage, and nothing of a person in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.people import people
from drivers import id_card
from drivers.device import DeviceError
from drivers.id_card import IdCard, decode, encode, valid_number
from drivers.virtual.id_card_reader import card_of
from tests.drivers.card_samples import CARDS, FOREIGN_2017, FOREIGN_2023, PERMIT, RESIDENT, numbered


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_card_of_each_kind_is_read_as_it_was_written(card: IdCard) -> None:
    text = encode(card)
    assert len(text) == 256
    assert decode(text, card.photo_wlt) == card


# Field: offset, bytes, what stands there. From the layouts as published, not from our table.
RESIDENT_PLACES = [
    (0, 30, "张明远"),
    (30, 2, "1"),
    (32, 4, "01"),
    (36, 16, "19850314"),
    (52, 70, "示例市示范区梧桐路12号3幢502室"),
    (122, 36, "330100198503140012"),
    (158, 30, "示例市公安局"),
    (188, 16, "20160520"),
    (204, 16, "20360520"),
    (220, 36, ""),
]


@pytest.mark.parametrize(("offset", "size", "stands"), RESIDENT_PLACES)
def test_a_resident_card_has_each_field_at_its_published_place(offset: int, size: int, stands: str) -> None:
    assert encode(RESIDENT)[offset : offset + size].decode("utf-16-le").rstrip() == stands


@pytest.mark.parametrize(
    ("card", "offset", "size", "stands"),
    [
        (PERMIT, 220, 18, "H00000001"),
        (PERMIT, 238, 4, "01"),
        (PERMIT, 248, 2, "J"),
        (FOREIGN_2017, 0, 120, "EXAMPLE, PERSON"),
        (FOREIGN_2017, 122, 30, "GBR110088080800"),
        (FOREIGN_2017, 152, 6, "GBR"),
        (FOREIGN_2017, 220, 16, "19880808"),
        (FOREIGN_2017, 236, 4, "01"),
        (FOREIGN_2017, 240, 8, "1500"),
        (FOREIGN_2017, 248, 2, "I"),
        (FOREIGN_2023, 52, 70, "A NAME OF MORE THAN THIRTY-FIVE LET"),
        (FOREIGN_2023, 220, 22, "TERS, X"),
        (FOREIGN_2023, 242, 6, "GBR"),
        (FOREIGN_2023, 248, 2, "Y"),
        (FOREIGN_2023, 250, 6, "001"),
    ],
)
def test_the_other_cards_have_theirs(card: IdCard, offset: int, size: int, stands: str) -> None:
    assert encode(card)[offset : offset + size].decode("utf-16-le").rstrip() == stands


def test_a_card_for_life_has_no_last_day_and_never_expires() -> None:
    card = decode(encode(card_of(people()["wang"])))
    assert card.valid_to is None
    assert not card.expired(date(2126, 1, 1))


def test_a_card_is_good_on_its_last_day_and_not_on_the_next() -> None:
    assert not RESIDENT.expired(date(2036, 5, 20))
    assert RESIDENT.expired(date(2036, 5, 21))


def test_a_character_beyond_the_basic_plane_keeps_its_place() -> None:
    card = decode(encode(card_of(people()["chen"])))
    assert card.name == "陈𬭩"
    assert card.nation == "15"


def test_a_photo_is_known_by_its_header() -> None:
    assert RESIDENT.has_photo
    assert not replace(RESIDENT, photo_wlt=bytes(1024)).has_photo


def changed(offset: int, text: str) -> bytes:
    spelled = text.encode("utf-16-le")
    whole = encode(RESIDENT)
    return whole[:offset] + spelled + whole[offset + len(spelled) :]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (changed(122, "330100198503140013"), "id_unreadable"),  # wrong check digit
        (changed(36, "19850230"), "id_unreadable"),  # no such day
        (changed(188, "        "), "id_unreadable"),
        (changed(30, "7"), "id_unreadable"),  # no such sex
        (changed(248, "Q"), "id_refused"),  # no such kind of card
        (encode(RESIDENT)[:-2], "id_unreadable"),
        (b"\x00\xd8" + encode(RESIDENT)[2:], "id_unreadable"),  # half a surrogate pair
    ],
)
def test_a_damaged_text_is_refused_without_repeating_it(text: bytes, code: str) -> None:
    with pytest.raises(DeviceError) as raised:
        decode(text)
    assert raised.value.code == code
    told = f"{raised.value} {raised.value.__context__!r}"
    assert not any(part in told for part in ("张", "3301", "1985", "梧桐"))


@given(st.binary(min_size=256, max_size=256) | st.binary(max_size=300))
def test_any_bytes_are_a_card_or_a_coded_error(text: bytes) -> None:
    try:
        decode(text)
    except DeviceError as error:
        assert error.code in ("id_unreadable", "id_refused")


@given(st.integers(0, 255), st.integers(0, 255))
def test_one_changed_byte_of_a_card_is_a_card_or_a_coded_error(place: int, byte: int) -> None:
    text = bytearray(encode(RESIDENT))
    text[place] = byte
    try:
        decode(bytes(text))
    except DeviceError as error:
        assert error.code in ("id_unreadable", "id_refused")


def test_a_name_too_long_for_its_place_is_not_cut_in_silence() -> None:
    with pytest.raises(ValueError, match="name needs 32 bytes and has 30"):
        encode(replace(RESIDENT, name="某" * 16))


def test_a_card_shown_in_a_log_holds_nothing_of_its_holder() -> None:
    assert repr(RESIDENT) == str(RESIDENT) == "IdCard(resident)"
    assert f"{[RESIDENT]}" == "[IdCard(resident)]"


# ── the newest address ──────────────────────────────────────────────────────
def test_the_newest_address_is_the_text_without_its_padding() -> None:
    assert (
        id_card.newest_address("示例市示范区梧桐路7号".ljust(35).encode("utf-16-le"))
        == "示例市示范区梧桐路7号"
    )
    assert id_card.newest_address(bytes(70)) == ""


@given(st.binary(max_size=80))
def test_any_bytes_are_an_address_or_a_coded_error(data: bytes) -> None:
    try:
        address = id_card.newest_address(data)
    except DeviceError as error:
        assert error.code == "id_unreadable"
    else:
        assert len(address) <= len(data) // 2


# ── numbers ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "number", ["11010519491231002X", "810000199408230021", "932682198501010017", "GBR110088080800"]
)
def test_published_numbers_of_all_four_cards_are_valid(number: str) -> None:
    assert valid_number(number)


@pytest.mark.parametrize(
    "number",
    [
        "110105194912310021",  # check digit
        "11010519491231002x",
        "11010519491331002X",  # month 13
        numbered("99010519491231002"),  # no province 90
        numbered("81100119900101001"),  # 811001 is no region of permits
        numbered("00010519491231002"),
        "1101051949123100",
        "",
        "GBR11008808080",
        "１１０１０５１９４９１２３１００２Ｘ",
    ],
)
def test_a_number_that_no_card_can_have_is_refused(number: str) -> None:
    assert not valid_number(number)


@given(st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_noticed(place: int, add: int) -> None:
    good = RESIDENT.number
    wrong = good[:place] + str((int(good[place]) + add) % 10) + good[place + 1 :]
    assert not valid_number(wrong)
