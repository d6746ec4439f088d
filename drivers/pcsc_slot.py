"""A card slot over PC/SC: waits for a card, has it read once, and waits until it has left.

A card that has been read, or has failed, is found again only after it has left: what the last citizen has
left lying is nobody's for the next one, and a bad card is not tried again and again by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from config.devices import Availability, DeviceState, Media
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.pcsc_wire import PcscWire, SlotState

T = TypeVar("T")
Transmit = Callable[[bytes], bytes]


class PcscSlot:
    """The slot of the reader `port` (its name or a part of it, empty for the first).

    `timeout`: seconds for any one answer of reader or card.
    """

    def __init__(self, port: str, timeout: float) -> None:
        check_seconds(timeout=timeout)
        self._wire = PcscWire(port, timeout)
        self._spent: int | None = None  # the changes at which a card was last tried
        self.cards = 0  # read, since this was made

    def open(self) -> None:
        """Finds the reader. DeviceError `device_absent`."""
        self._wire.open()
        self._spent = None

    def close(self) -> None:
        """Lets the reader go; may be called twice; never raises."""
        self._wire.close()

    def status(self) -> DeviceState:
        """Is the reader there, and a card in it? DeviceError `device_offline` (lost), `device_timeout`."""
        media = Media.PRESENT if self._wire.state().present else Media.NONE
        return DeviceState(Availability.ONLINE, media, detail=self._wire.reader)

    def find(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a card that has not been tried yet."""
        return self._wait(lambda state: state.present and state.changes != self._spent, timeout)

    def wait_removed(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds until the card that was tried has left; True at once without one."""
        if self._spent is None:
            return True
        return self._wait(lambda state: not state.present or state.changes != self._spent, timeout)

    def read(self, reading: Callable[[Transmit], T]) -> T:
        """Connects the card that was found, has it read, and lets it go, whatever happens.

        DeviceError `card_gone`, `card_unreadable`, those of the wire and those of `reading`.
        """
        state = self._wire.state()
        if not state.present:
            raise DeviceError("card_gone", "lifted before it was read")
        self._spent = state.changes
        try:
            self._wire.connect()
            result = reading(self._wire.transmit)
        finally:
            self._wire.disconnect()
        self.cards += 1
        return result

    def again(self, doing: Callable[[Transmit], T]) -> T:
        """Connects the card once more that was read last and has not been lifted since.

        DeviceError `card_gone` when it has, though another may lie there; `card_unreadable`, those of the
        wire and those of `doing`.
        """
        state = self._wire.state()
        if not state.present or state.changes != self._spent:
            raise DeviceError("card_gone", "lifted since it was read")
        try:
            self._wire.connect()
            return doing(self._wire.transmit)
        finally:
            self._wire.disconnect()

    def reset(self) -> None:
        """Lets the card go. Nothing of before can be on its way: each answer was waited for, or its
        process ended."""
        self._wire.disconnect()

    def _wait(self, done: Callable[[SlotState], bool], timeout: float) -> bool:
        deadline = Deadline(timeout)
        state = self._wire.state()
        while not done(state):
            if deadline.left <= 0:
                return False
            state = self._wire.state(state, deadline.left)
        return True
