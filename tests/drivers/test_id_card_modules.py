"""Modules that behave unlike ours: older ones, stubborn ones, ones that answer nonsense."""

from __future__ import annotations

import pytest

from config.people import person
from drivers import id_card, sam_frames
from drivers.virtual.id_card_reader import card_of
from tests.drivers.card_benches import (
    FOUND,
    NO_CARD,
    OK,
    SELECTED,
    UNKNOWN,
    card_frame,
    failing,
    scripted,
)


def test_a_module_whose_find_denies_the_card_is_asked_to_select() -> None:
    """As a journey does it: look for a card, tell that it is there, then read it."""
    answers = {
        sam_frames.FIND: [NO_CARD],
        sam_frames.SELECT: [sam_frames.answer_frame(0x81), SELECTED],
        sam_frames.READ: [card_frame("li")],
    }
    with scripted(answers, select_without_find=True) as (driver, _):
        assert not driver.find_card(timeout=0)
        assert driver.find_card(timeout=0)
        assert driver.read_card(timeout=0).name == "李若澜"


def test_such_a_module_does_not_give_the_card_that_still_lies_there_again() -> None:
    answers = {
        sam_frames.FIND: [NO_CARD],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ: [card_frame("li")],
        sam_frames.READ_NEWEST_ADDRESS: [sam_frames.answer_frame(0x91)] * 2 + [sam_frames.answer_frame(0x41)],
    }
    with scripted(answers, select_without_find=True) as (driver, _):
        driver.read_card(timeout=0)
        assert not driver.find_card(timeout=0)
        assert failing(lambda: driver.read_card(timeout=0)).code == "id_no_card"
        assert driver.find_card(timeout=0), "it was lifted, and a card lies there again"


def test_without_that_option_nothing_is_selected_that_was_not_found() -> None:
    answers = {sam_frames.FIND: [NO_CARD], sam_frames.SELECT: [SELECTED], sam_frames.READ: [card_frame("li")]}
    with scripted(answers) as (driver, module):
        assert failing(lambda: driver.read_card(timeout=0)).code == "id_no_card"
        assert sam_frames.SELECT not in module.asked


def test_an_old_module_that_knows_no_fingerprint_is_asked_once_and_gives_the_card() -> None:
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ_WITH_FINGERPRINT: [UNKNOWN],
        sam_frames.READ: [card_frame("li")],
    }
    with scripted(answers) as (driver, module):
        for _ in range(2):
            card = driver.read_card(fingerprint=True)
            assert (card.name, card.fingerprint) == ("李若澜", b"")
        assert module.asked.count(sam_frames.READ_WITH_FINGERPRINT) == 1
        driver.close()
        driver.open()  # it may be another module now
        driver.read_card(fingerprint=True)
        assert module.asked.count(sam_frames.READ_WITH_FINGERPRINT) == 2


def test_a_card_without_a_fingerprint_is_read_by_its_lengths() -> None:
    """1297 bytes in all: the third length is there and says nought."""
    text = id_card.encode(card_of(person("li")))
    frame = sam_frames.answer_frame(0x90, bytes.fromhex("010004000000") + text + bytes(1024))
    assert len(frame) == 1297
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ_WITH_FINGERPRINT: [frame],
    }
    with scripted(answers) as (driver, _):
        assert driver.read_card(fingerprint=True).fingerprint == b""


NEWEST = "示例市新示范区桐庐路7号"


@pytest.mark.parametrize(
    ("answer", "address"),
    [
        (sam_frames.answer_frame(0x90, NEWEST.ljust(35).encode("utf-16-le")), NEWEST),
        (sam_frames.answer_frame(0x91), ""),
        (UNKNOWN, ""),
    ],
)
def test_the_newest_address_is_put_into_the_card_where_a_hall_wants_it(answer: bytes, address: str) -> None:
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ: [card_frame("li")],
        sam_frames.READ_NEWEST_ADDRESS: [answer],
    }
    with scripted(answers, newest_address=True) as (driver, _):
        card = driver.read_card()
        assert (card.newest_address, card.address) == (address, person("li").address)


def test_a_card_lifted_before_its_newest_address_is_not_given_without_it() -> None:
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ: [card_frame("li")],
        sam_frames.READ_NEWEST_ADDRESS: [sam_frames.answer_frame(0x41)],
    }
    with scripted(answers, newest_address=True) as (driver, _):
        assert failing(driver.read_card).code == "id_unreadable"
        assert driver.counts() == {"cards": 0}


def test_a_module_without_newest_address_is_asked_by_select_whether_the_card_lies_there() -> None:
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED, SELECTED, sam_frames.answer_frame(0x81)],
        sam_frames.READ: [card_frame("li")],
        sam_frames.READ_NEWEST_ADDRESS: [UNKNOWN],
    }
    with scripted(answers) as (driver, _):
        driver.read_card()
        assert not driver.wait_removed(timeout=0)
        assert driver.wait_removed(timeout=1)


@pytest.mark.parametrize(
    ("command", "sw3", "code"),
    [
        (sam_frames.SELECT, 0x32, "id_refused"),
        (sam_frames.SELECT, 0x40, "id_refused"),
        (sam_frames.SELECT, 0x81, "id_unreadable"),
        (sam_frames.READ, 0x41, "id_unreadable"),
        (sam_frames.READ, 0x31, "id_refused"),
        (sam_frames.FIND, 0x66, "id_module_failed"),
    ],
)
def test_each_refusal_of_the_module_has_its_own_words(command: tuple[int, int], sw3: int, code: str) -> None:
    answers = {
        sam_frames.FIND: [FOUND],
        sam_frames.SELECT: [SELECTED],
        sam_frames.READ: [card_frame("li")],
        command: [sam_frames.answer_frame(sw3)],
    }
    with scripted(answers) as (driver, _):
        assert failing(driver.read_card).code == code


def test_an_answer_of_another_questions_shape_is_never_believed() -> None:
    """A whole card in answer to *status*: somebody's, on its way to the wrong person."""
    answers = {sam_frames.STATUS: [card_frame("zhang"), OK]}
    with scripted(answers) as (driver, _):
        assert failing(driver.status).code == "device_garbled"
        assert driver.status().ready


def test_a_module_that_floods_the_line_cannot_hold_the_terminal() -> None:
    answers = {sam_frames.SAM_ID: [OK * 50]}
    with scripted(answers) as (driver, _):
        assert failing(driver.status).code in ("device_garbled", "device_timeout")
