"""The secret number of a social security card: right, wrong, blocked; of the card that was read alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.people import person
from drivers.device import DeviceError
from drivers.social_card_reader import SocialCardReader
from drivers.social_pin import PinVerdict, verdict, verify
from drivers.virtual.card_chips import Make, Secret, id_card_chip, social_card_chip
from drivers.virtual.smart_card import VirtualSmartCard
from tests.peers.pcscd import READERS, card_slot, pcscd_here

SOON = 30.0
RIGHT, WRONG = "123456", "654321"


def code(status: int) -> str:
    with pytest.raises(DeviceError) as raised:
        verdict(status)
    return raised.value.code


def test_the_card_says_right_wrong_with_tries_left_and_blocked() -> None:
    assert verdict(0x9000) == PinVerdict(True)
    assert verdict(0x63C2) == PinVerdict(False, 2)
    assert {code(one) for one in (0x63C0, 0x6983, 0x6984)} == {"card_pin_blocked"}
    assert {code(one) for one in (0x6A88, 0x6D00)} == {"card_pin_none"}
    assert code(0x6F00) == "card_unreadable"


@given(st.integers(0x6000, 0x9FFF))
def test_no_status_word_but_one_is_taken_for_right(status: int) -> None:
    try:
        assert verdict(status).right == (status == 0x9000)
    except DeviceError:
        assert status != 0x9000


def test_three_wrong_numbers_block_the_card_and_a_right_one_gives_all_tries_back() -> None:
    chip = social_card_chip(person("zhang"), Make(), Secret())
    assert verify(chip, WRONG).tries_left == 2
    assert verify(chip, RIGHT).right
    assert [verify(chip, WRONG).tries_left for _ in range(2)] == [2, 1]
    for number in (WRONG, RIGHT):
        with pytest.raises(DeviceError, match="card_pin_blocked"):
            verify(chip, number)


def test_an_identity_card_has_no_such_number_and_a_bad_number_never_reaches_a_card() -> None:
    with pytest.raises(DeviceError, match="card_refused"):
        verify(id_card_chip(person("zhang")), RIGHT)
    for bad in ("", "12345", "1234567", "12345a", "１２３４５６"):
        with pytest.raises(ValueError, match="6 digits"):
            verify(lambda command: pytest.fail("the card was asked"), bad)


def test_what_is_told_of_a_failure_never_has_the_number() -> None:
    chip = social_card_chip(person("zhang"), Make(), Secret(left=1))
    with pytest.raises(DeviceError) as raised:
        verify(chip, WRONG)
    assert WRONG not in str(raised.value) and raised.value.detail == "63C0"


# ── behind the real card daemon ─────────────────────────────────────────────
@pytest.fixture(scope="module")
def slot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VirtualSmartCard]:
    with pcscd_here(tmp_path_factory.mktemp("pcscd")) as daemon, card_slot(daemon) as card:
        yield card


@pytest.fixture
def reader(slot: VirtualSmartCard) -> Iterator[SocialCardReader]:
    device = SocialCardReader(port=READERS[0])
    device.open()
    yield device
    slot.act("take")
    slot.act("unblock", person="zhang")
    until_gone(device)
    device.close()


def until_gone(reader: SocialCardReader) -> None:
    end = time.monotonic() + SOON
    while reader.status().media.value == "present":
        assert time.monotonic() < end, "the card never left"
        threading.Event().wait(0.05)


def test_the_card_that_was_read_is_asked_again_while_it_lies(
    slot: VirtualSmartCard, reader: SocialCardReader
) -> None:
    slot.act("put", person="zhang")
    assert reader.read_card(SOON).name == "张明远"
    assert reader.verify_pin(WRONG) == PinVerdict(False, 2)
    assert reader.verify_pin(RIGHT).right


def test_another_card_laid_since_is_not_asked(slot: VirtualSmartCard, reader: SocialCardReader) -> None:
    slot.act("put", person="zhang")
    reader.read_card(SOON)
    slot.act("take")
    until_gone(reader)
    slot.act("put", person="li")
    assert reader.find_card(SOON)
    with pytest.raises(DeviceError, match="card_gone"):
        reader.verify_pin(RIGHT)


def test_the_tries_are_the_card_s_own_however_often_it_is_taken_out(
    slot: VirtualSmartCard, reader: SocialCardReader
) -> None:
    for left in (2, 1):
        slot.act("put", person="zhang")
        reader.read_card(SOON)
        assert reader.verify_pin(WRONG).tries_left == left
        slot.act("take")
        until_gone(reader)
    slot.act("put", person="zhang")
    reader.read_card(SOON)
    for number in (WRONG, RIGHT):
        with pytest.raises(DeviceError, match="card_pin_blocked"):
            reader.verify_pin(number)
