"""The resident identity card over PC/SC: readers that hide their SAM behind `FF B0`.

The card's data come in pages of 256 bytes, `FF B0 pp 00 00`, pages 0 to 5: two big-endian lengths
(`01 00 04 00`), then text and photo as a SAM module gives them. Known from one public source; a fingerprint,
for which the six pages have no room, is never asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from config.devices import DeviceState
from drivers import id_card, sam_frames
from drivers.apdu import OK, exchange
from drivers.device import DeviceError
from drivers.id_card import IdCard
from drivers.pcsc_slot import PcscSlot

PAGES = 6
_HEAD = 4  # two lengths
_UNKNOWN = frozenset({0x6D, 0x6E, 0x68})  # instruction, class, channel: a card that has never heard of it
_NO_CARD_OF_OURS = frozenset({0x6A81, 0x6A86, 0x6B00})


class IdCardReaderPcsc:
    """One reader. `port`: its name as PC/SC lists it, or a part of it; empty for the first.

    `timeout`: seconds for any one answer; a page takes the module some 0.2 s.
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
        """Is it there, and a card on it? DeviceError `device_offline` (lost), `device_timeout`."""
        return self._slot.status()

    def find_card(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a card; one that was tried counts again once it has left."""
        return self._slot.find(timeout)

    def read_card(self, timeout: float = 2.0) -> IdCard:
        """Waits up to `timeout` seconds for a card and reads it. One try.

        DeviceError `id_no_card` when none came, `id_refused` (another kind of card), `id_unreadable`,
        `card_unreadable`, `card_gone`, `device_timeout`, `device_garbled`, `device_offline` (lost).
        """
        if not self._slot.find(timeout):
            raise DeviceError("id_no_card", f"none found in {timeout:g} s")
        return self._slot.read(read)

    def wait_removed(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds until the card that was tried has left; True when it has."""
        return self._slot.wait_removed(timeout)

    def reset(self) -> None:
        """Lets the card go, after a verb that was given up."""
        self._slot.reset()

    def counts(self) -> Mapping[str, int]:
        """`cards` read since this was made."""
        return {"cards": self._slot.cards}


def read(transmit: Callable[[bytes], bytes]) -> IdCard:
    """Reads the card that `transmit` reaches. DeviceErrors as `read_card`, but for those of the slot."""
    data = b""
    for page in range(PAGES):
        answer = exchange(transmit, bytes((0xFF, 0xB0, page, 0x00, 0x00)))
        if answer.status >> 8 in _UNKNOWN or answer.status in _NO_CARD_OF_OURS:
            raise DeviceError("id_refused", f"page {page}: {answer}")
        if answer.status != OK or not answer.data:
            raise DeviceError("id_unreadable", f"page {page}: {answer}")
        data += answer.data
        if len(data) >= _HEAD and len(data) >= _whole(data):
            break
    text, photo, _ = sam_frames.read_parts(data[: _whole(data)])
    return id_card.decode(text, photo)


def _whole(data: bytes) -> int:
    """Bytes in all, by the two lengths at the beginning."""
    return _HEAD + int.from_bytes(data[:2], "big") + int.from_bytes(data[2:4], "big")
