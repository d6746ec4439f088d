"""The social security card reader: any PC/SC reader with contacts."""

from __future__ import annotations

from collections.abc import Mapping

from config.devices import DeviceState
from drivers import social_card, social_pin
from drivers.device import DeviceError
from drivers.pcsc_slot import PcscSlot
from drivers.social_card import SocialCard
from drivers.social_pin import PinVerdict


class SocialCardReader:
    """One reader. `port`: its name as PC/SC lists it, or a part of it; empty for the first.

    `timeout`: seconds for any one answer of reader or card.
    """

    def __init__(self, *, port: str = "", timeout: float = 3.0) -> None:
        self._slot = PcscSlot(port, timeout)

    def open(self) -> None:
        """Finds the reader. DeviceError `device_absent`: no card daemon, or no such reader."""
        self._slot.open()

    def close(self) -> None:
        """Lets it go; may be called twice; never raises."""
        self._slot.close()

    def status(self) -> DeviceState:
        """Is it there, and a card in it? DeviceError `device_offline` (lost), `device_timeout`."""
        return self._slot.status()

    def find_card(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a card; one that was tried counts again once it has left."""
        return self._slot.find(timeout)

    def read_card(self, timeout: float = 2.0) -> SocialCard:
        """Waits up to `timeout` seconds for a card and reads it. One try.

        DeviceError `card_none` when none came, `card_refused` (another kind of card), `card_needs_psam`,
        `card_unreadable`, `card_gone`, `device_timeout`, `device_garbled`, `device_offline` (lost).
        """
        if not self._slot.find(timeout):
            raise DeviceError("card_none", f"none found in {timeout:g} s")
        return self._slot.read(social_card.read)

    def verify_pin(self, pin: str) -> PinVerdict:
        """Has the card that was read last, and not lifted since, compare its holder's number. One try.

        DeviceError `card_gone`, `card_pin_blocked`, `card_pin_none`, `card_refused`, `card_unreadable`,
        `device_timeout`, `device_garbled`, `device_offline` (lost).
        """
        return self._slot.again(lambda transmit: social_pin.verify(transmit, pin))

    def wait_removed(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds until the card that was tried has left; True when it has."""
        return self._slot.wait_removed(timeout)

    def reset(self) -> None:
        """Lets the card go, after a verb that was given up."""
        self._slot.reset()

    def counts(self) -> Mapping[str, int]:
        """`cards` read since this was made."""
        return {"cards": self._slot.cards}
