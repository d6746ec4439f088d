"""Who comes with a social security card: real readers behind the real card daemon, beside the ID reader."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config.faults import fault
from config.words import words
from drivers.virtual.smart_card import VirtualSmartCard
from kiosk.prompts import CardScene, ChooseOne, Chosen, EnterPin, FillForm, PlaceCard
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall
from tests.journeys.test_journeys import WHOLE
from tests.peers.pcscd import Pcscd, card_slot, pcscd_here

READER = {"kind": "social_card_reader", "driver": "social_card_reader_pcsc", "poll_seconds": 0.3}


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Pcscd]:
    with pcscd_here(tmp_path / "pcscd") as running:
        yield running


@pytest.fixture
def slot(daemon: Pcscd) -> Iterator[VirtualSmartCard]:
    with card_slot(daemon) as card:
        yield card


@pytest.fixture
def play_with_both(play: Play) -> Callable[[Citizen], None]:
    """A terminal with a reader for each kind of card."""

    def run(citizen: Citizen) -> None:
        play(citizen, devices__social_card_reader=READER)

    return run


def scenes(citizen: Citizen) -> list[tuple[CardScene, str]]:
    shown = [(page.scene, page.card) for page in citizen.trail if isinstance(page, PlaceCard)]
    return [one for n, one in enumerate(shown) if n == 0 or shown[n - 1] != one]


def at_the_slot(hall: Hall, slot: VirtualSmartCard, **ways: Any) -> Citizen:
    citizen = Citizen(hall, **ways)
    citizen.brought["social_card_reader"] = slot
    return citizen


async def offered(citizen: Citizen) -> None:
    """Until the page speaks of both cards: the reader may still be opening."""
    for _ in range(1200):
        if citizen.last(PlaceCard).card == "both":
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the social security card was never offered")


async def insert(citizen: Citizen, prompt: PlaceCard) -> None:
    await offered(citizen)
    await citizen.do("social_card_reader", "put", person=citizen.person)


async def insert_third_generation(citizen: Citizen, prompt: PlaceCard) -> None:
    await offered(citizen)
    await citizen.do("social_card_reader", "put", person=citizen.person, version=3)


def test_a_citizen_prints_his_proof_with_the_social_security_card(
    hall: Hall, slot: VirtualSmartCard, play_with_both: Callable[[Citizen], None], kiosk: str
) -> None:
    citizen = at_the_slot(hall, slot, ways={PlaceCard: insert})
    play_with_both(citizen)
    assert citizen.pages == WHOLE
    assert scenes(citizen)[-3:] == [
        (CardScene.PLACE, "both"),
        (CardScene.READING, "social"),
        (CardScene.REMOVE, "social"),
    ]
    name = next(field for field in citizen.last(FillForm).fields if field.locked)
    assert (name.value, name.source) == ("张明远", words("journey.source_social_card"))
    (case,) = hall.rows(hall.platform_database, "SELECT service FROM cases WHERE terminal = ?", kiosk)
    assert case["service"] == "SB01"


def test_a_card_that_needs_a_psam_is_told_kindly_and_the_identity_card_does(
    hall: Hall, slot: VirtualSmartCard, play_with_both: Callable[[Citizen], None]
) -> None:
    citizen = at_the_slot(hall, slot, ways={PlaceCard: [insert_third_generation, Citizen.lay_card]})
    play_with_both(citizen)
    (told,) = {page.problem for page in citizen.trail if isinstance(page, PlaceCard) and page.problem}
    assert told == fault("card_needs_psam").citizen
    assert "身份证" in told.zh
    assert citizen.pages == WHOLE, "one more try at the same page, and nothing else"
    reminders = [reminder for page in citizen.trail for reminder in getattr(page, "reminders", ())]
    assert words("journey.take_social_card") in reminders, "the card is still in the slot"


def test_a_reader_that_drops_off_is_spoken_of_no_more_and_the_other_one_serves(
    hall: Hall, daemon: Pcscd, slot: VirtualSmartCard, play_with_both: Callable[[Citizen], None]
) -> None:
    async def the_daemon_dies(citizen: Citizen, prompt: PlaceCard) -> None:
        await offered(citizen)
        daemon.kill()
        for _ in range(1200):
            if citizen.last(PlaceCard).card == "id":
                return await citizen.lay_card(prompt)
            await asyncio.sleep(0.05)
        raise AssertionError("the page still speaks of the reader that is gone")

    citizen = at_the_slot(hall, slot, ways={PlaceCard: the_daemon_dies})
    play_with_both(citizen)
    assert citizen.pages == WHOLE
    assert citizen.troubles() == []


def test_the_pin_of_the_own_card_shows_that_it_is_he(
    hall: Hall, slot: VirtualSmartCard, play_with_both: Callable[[Citizen], None], kiosk: str
) -> None:
    async def id_card_first(citizen: Citizen, prompt: PlaceCard) -> None:
        await offered(citizen)
        await citizen.lay_card(prompt)

    async def insert_own(citizen: Citizen, prompt: PlaceCard) -> None:
        await citizen.do("social_card_reader", "put", person="zhang")

    citizen = at_the_slot(
        hall,
        slot,
        ways={
            PlaceCard: [id_card_first, insert_own],
            ChooseOne: Chosen("pin"),
            EnterPin: [Chosen("000000"), Chosen("123456")],
        },
    )
    play_with_both(citizen)
    assert citizen.last(EnterPin).problem == words("identify.pin_wrong", left=2)
    assert scenes(citizen)[-1] == (CardScene.REMOVE, "social"), "the card is given back before the form"
    (case,) = hall.rows(hall.platform_database, "SELECT means FROM cases WHERE terminal = ?", kiosk)
    assert case["means"] == "pin"
