"""Readers, a camera and a face check that fail when they are told to, for the journeys of identification."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from config.devices import DeviceState
from config.people import Person, person
from drivers import social_card, social_pin
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.social_card import SocialCard
from drivers.social_pin import PinVerdict
from drivers.virtual.card_chips import Make, Secret, social_card_chip
from kiosk.face_check import Look
from tests.journeys.counter_devices import READY, CardReader, Ready, card_of


class Pluggable(Ready):
    """Its cable may be out."""

    def __init__(self) -> None:
        self.out = False

    def open(self) -> None:
        if self.out:
            raise DeviceError("device_absent", lost=True)

    def status(self) -> DeviceState:
        if self.out:
            raise DeviceError("device_offline", lost=True)
        return READY


class IdReader(CardReader):
    """As at every counter; besides, it may fail to read, and its cable may be out."""

    def __init__(self) -> None:
        super().__init__()
        self.out = False
        self.fails: list[str] = []  # codes of what the next cards are told to be
        self.differently: dict[str, Any] = {}  # of the cards that are laid

    def open(self) -> None:
        if self.out:
            raise DeviceError("device_absent", lost=True)

    def status(self) -> DeviceState:
        if self.out:
            raise DeviceError("device_offline", lost=True)
        return READY

    def find_card(self, timeout: float) -> bool:
        if self.out:
            raise DeviceError("device_offline", lost=True)
        return super().find_card(timeout)

    def read_card(self, timeout: float = 2.0, fingerprint: bool = False) -> IdCard:
        if self.fails:
            self._laid.clear()
            raise DeviceError(self.fails.pop(0))
        self._laid.clear()
        assert self._person is not None
        card = card_of(self._person)
        return IdCard(
            **{**{name: getattr(card, name) for name in card.__dataclass_fields__}, **self.differently}
        )


class SocialReader(Pluggable):
    """A slot with a chip that answers as a card does, and counts its own tries."""

    def __init__(self) -> None:
        super().__init__()
        self._laid = threading.Event()
        self._chip: Callable[[bytes], bytes] = lambda command: b""
        self.secrets: dict[str, Secret] = {}

    def lay(self, who: Person) -> None:
        secret = self.secrets.setdefault(who.key, Secret())
        self._chip = social_card_chip(who, Make(), secret)
        self._laid.set()

    def find_card(self, timeout: float) -> bool:
        return self._laid.wait(timeout)

    def read_card(self, timeout: float = 2.0) -> SocialCard:
        self._laid.clear()
        return social_card.read(self._chip)

    def verify_pin(self, pin: str) -> PinVerdict:
        return social_pin.verify(self._chip, pin)

    def wait_removed(self, timeout: float) -> bool:
        return True


@dataclass
class Face:
    """A face check whose looks end as the list says; then they match."""

    verdicts: list[str] = field(default_factory=list)
    fault: str = ""
    enrolled: None = None

    def forget(self) -> None: ...
    def picture(self) -> None: ...
    def close(self) -> None: ...

    async def reference(self, photograph: bytes) -> bytes:
        if self.fault:
            raise DeviceError(self.fault)
        return photograph

    async def look(self, reference: bytes, told: Callable[[str], None]) -> Look:
        return Look(self.verdicts.pop(0) if self.verdicts else "match", "ok")  # type: ignore[arg-type]


def expired(key: str) -> dict[str, Any]:
    """What makes a citizen's card one of yesterday."""
    return {"valid_to": date(2026, 11, 21), "valid_from": person(key).valid_from}
