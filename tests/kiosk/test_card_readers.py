"""Two readers, one citizen: the card that comes first, and readers that come and go meanwhile."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from config.devices import Availability, DeviceState, Kind
from config.people import person
from config.settings import DeviceSettings
from drivers.device import DeviceError
from drivers.social_card import SocialCard
from drivers.virtual.id_card_reader import card_of
from kiosk.card_readers import Card, first_card, is_about_the_card, left_behind, removed, wanted
from kiosk.devices.devices import Devices

ID, SOCIAL = Kind.ID_CARD_READER, Kind.SOCIAL_CARD_READER
CARDS: dict[Kind, Card] = {
    ID: card_of(person("zhang")),
    SOCIAL: SocialCard(name="李若澜", number="330100197907230028", sex="female", birth=date(1979, 7, 23)),
}


class Reader:
    """A reader whose plug, card and mishap the test holds."""

    def __init__(self, card: Card) -> None:
        self.card, self.laid, self.plugged, self.fault = card, False, True, ""

    def open(self) -> None:
        self._check()

    def close(self) -> None:
        pass

    def status(self) -> DeviceState:
        self._check()
        return DeviceState(Availability.ONLINE)

    def find_card(self, timeout: float) -> bool:
        self._check()
        time.sleep(0.01)
        return self.laid

    def read_card(self, timeout: float) -> Card:
        self._check()
        if self.fault:
            raise DeviceError(self.fault)
        return self.card

    def wait_removed(self, timeout: float) -> bool:
        self._check()
        return not self.laid

    def _check(self) -> None:
        if not self.plugged:
            raise DeviceError("device_absent", lost=True)


async def until(what: Callable[[], bool]) -> None:
    for _ in range(6000):
        if what():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("waited in vain")


Play = Callable[[Devices, dict[Kind, Reader]], Awaitable[None]]


def with_readers(play: Play, *kinds: Kind) -> None:
    readers = {kind: Reader(CARDS[kind]) for kind in kinds}
    settings = {str(kind): DeviceSettings(kind=kind, driver="test", poll_seconds=0.02) for kind in kinds}

    async def run() -> None:
        devices = Devices(settings, lambda one: readers[one.kind])
        devices.start()
        try:
            for kind in kinds:
                assert await devices.becomes_ready(kind, 60)
            await asyncio.wait_for(play(devices, readers), 60)
        finally:
            await devices.close()

    asyncio.run(run())


@pytest.mark.parametrize("kind", [ID, SOCIAL])
def test_the_first_card_is_read_wherever_it_comes(kind: Kind) -> None:
    async def play(devices: Devices, readers: dict[Kind, Reader]) -> None:
        assert wanted(devices) == "both"
        found: list[Kind] = []
        coming = asyncio.ensure_future(first_card(devices, found.append))
        await asyncio.sleep(0.05)
        assert not coming.done()
        readers[kind].laid = True
        assert await coming is CARDS[kind]
        assert found == [kind]
        assert not await removed(devices, kind, 0.0)
        readers[kind].laid = False
        assert await removed(devices, kind, 0.0)

    with_readers(play, ID, SOCIAL)


@pytest.mark.parametrize(("gone", "other"), [(ID, SOCIAL), (SOCIAL, ID)])
def test_a_reader_that_is_away_is_waited_for_while_the_other_one_serves(gone: Kind, other: Kind) -> None:
    async def play(devices: Devices, readers: dict[Kind, Reader]) -> None:
        coming = asyncio.ensure_future(first_card(devices, lambda _: None))
        readers[gone].plugged = False
        await until(lambda: not devices.ready(gone))
        assert wanted(devices) == ("id" if other is ID else "social")
        assert not coming.done()
        readers[gone].plugged = readers[gone].laid = True
        assert await coming is CARDS[gone], "it is back, and the citizen has waited at it"

    with_readers(play, ID, SOCIAL)


def test_with_no_reader_left_it_is_told() -> None:
    async def play(devices: Devices, readers: dict[Kind, Reader]) -> None:
        for reader in readers.values():
            reader.plugged = False
        with pytest.raises(DeviceError) as raised:
            await first_card(devices, lambda _: None)
        assert raised.value.code == "device_absent"
        assert not is_about_the_card(raised.value.code)

    with_readers(play, ID, SOCIAL)


@pytest.mark.parametrize("code", ["card_needs_psam", "device_garbled", "device_timeout"])
def test_a_card_that_does_not_read_is_told_at_once_though_another_reader_waits(code: str) -> None:
    async def play(devices: Devices, readers: dict[Kind, Reader]) -> None:
        readers[SOCIAL].laid, readers[SOCIAL].fault = True, code
        with pytest.raises(DeviceError) as raised:
            await first_card(devices, lambda _: None)
        assert raised.value.code == code
        assert is_about_the_card(code) == (code != "device_timeout")
        assert await left_behind(devices, ID) == [SOCIAL], "it lies there yet"

    with_readers(play, ID, SOCIAL)


def test_a_terminal_with_one_reader_asks_for_its_card() -> None:
    async def play(devices: Devices, readers: dict[Kind, Reader]) -> None:
        assert wanted(devices) == "id"
        readers[ID].laid = True
        assert await first_card(devices, lambda _: None) is CARDS[ID]
        assert await left_behind(devices, ID) == []

    with_readers(play, ID)
