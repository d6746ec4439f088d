"""What the chips of two cards answer to an APDU: a social security card and an identity card over `FF B0`.

They spell their records with eyes of their own, so that a mistake in the drivers' parsers does not hide
behind the same mistake here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from config.people import Person
from drivers import id_card
from drivers.virtual.id_card_reader import card_of

APPLICATION = b"sx1.sh." + bytes.fromhex("C9E7BBE1B1A3D5CF")
ATR = bytes.fromhex("3B6D000080318065B0890102838300 9000".replace(" ", ""))
_OK = b"\x90\x00"
_SEXES = {"male": b"1", "female": b"2"}
LENGTHS = ("6C", "61", "plain")
ADDRESSING = ("ordinal", "tag")


@dataclass(frozen=True)
class Make:
    """How a maker has built his card.

    `length`: what a read without the right Le gets: `6C` (ask again), `61` (GET RESPONSE), `plain` (all).
    `select_p1`: the P1 that SELECT of a file wants. `version` 3 keeps its holder's file for a PSAM.
    """

    version: int = 2
    addressing: str = "ordinal"
    length: str = "6C"
    select_p1: int = 0x00

    def __post_init__(self) -> None:
        if self.addressing not in ADDRESSING or self.length not in LENGTHS:
            raise ValueError(f"a card is read by {', '.join(ADDRESSING)} and answers {', '.join(LENGTHS)}")


@dataclass
class Secret:
    """The number of one card and the tries it still gives; both stay with the card when it is taken out."""

    pin: str = "123456"
    left: int = 3

    def answer(self, packed: bytes) -> bytes:
        """What VERIFY gets for a number packed two digits a byte."""
        if self.left == 0:
            return b"\x69\x83"
        if packed.hex() == self.pin:
            self.left = 3
            return _OK
        self.left -= 1
        return bytes((0x63, 0xC0 + self.left))


def social_card_chip(citizen: Person, make: Make, secret: Secret | None = None) -> Callable[[bytes], bytes]:
    """The chip of a citizen's social security card."""
    return _SocialChip(files_of(citizen, make.version), make, secret or Secret()).answer


def id_card_chip(citizen: Person) -> Callable[[bytes], bytes]:
    """A reader's `FF B0` with a citizen's identity card on it."""
    card = card_of(citizen)
    text, photo = id_card.encode(card), card.photo_wlt
    content = len(text).to_bytes(2, "big") + len(photo).to_bytes(2, "big") + text + photo

    def answer(apdu: bytes) -> bytes:
        if apdu[:2] != b"\xff\xb0" or len(apdu) != 5:
            return b"\x6d\x00"
        page = content[apdu[2] * 256 : apdu[2] * 256 + 256]
        return page + _OK if page else b"\x6a\x82"

    return answer


def files_of(citizen: Person, version: int) -> dict[int, dict[int, bytes]]:
    """EF05 and EF06: values by tag, in the order of their ordinals, each filled up to its length."""
    name = citizen.name.encode("gb18030")
    region, order = citizen.number[:6], citizen.number[14:17]
    return {
        0xEF05: {
            0x01: bytes.fromhex(region).ljust(16, b"\xff"),
            0x02: b"3",
            0x03: f"{version}.00".encode(),
            0x04: bytes.fromhex(region).ljust(12, b"\xff"),
            0x05: bytes.fromhex("20210601"),
            0x06: b"\xff" * 4 if version == 1 else bytes.fromhex("20990531"),
            0x07: f"A{region}{order[-2:]}".encode(),
        },
        0xEF06: {
            0x08: citizen.number.encode(),
            0x09: name[:30].ljust(30, b"\0"),
            0x4E: name[30:].ljust(20, b"\0"),
            0x0A: _SEXES[citizen.sex],
            0x0B: bytes.fromhex(citizen.nation),
            0x0C: bytes.fromhex(region),
            0x0D: bytes.fromhex(f"{citizen.birth:%Y%m%d}"),
        },
    }


class _SocialChip:
    """The application, the file selected, and what lies ready for GET RESPONSE."""

    def __init__(self, files: Mapping[int, Mapping[int, bytes]], make: Make, secret: Secret) -> None:
        self._files, self._make, self._secret = files, make, secret
        self._inside = False
        self._file = 0
        self._ready = b""

    def answer(self, apdu: bytes) -> bytes:
        head, rest = apdu[:4], apdu[5:]
        if head[:1] != b"\x00":
            return b"\x6e\x00"
        if head == b"\x00\xa4\x04\x00":
            self._inside, self._file = rest == APPLICATION, 0
            return _OK if self._inside else b"\x6a\x82"
        if not self._inside:
            return b"\x69\x86"
        if head[:2] == b"\x00\xa4":
            return self._select(head[2], rest)
        if head[:2] == b"\x00\xb2" and len(apdu) == 5:
            return self._read(head[2], head[3], apdu[4])
        if head == b"\x00\x20\x00\x00":
            return self._secret.answer(rest)
        if head == b"\x00\xc0\x00\x00":
            ready, self._ready = self._ready, b""
            return ready + _OK if len(ready) == apdu[4] else b"\x67\x00"
        return b"\x6d\x00"

    def _select(self, p1: int, name: bytes) -> bytes:
        file = int.from_bytes(name, "big")
        if p1 != self._make.select_p1:
            return b"\x6a\x86"
        if file not in self._files:
            return b"\x6a\x82"
        self._file = file
        return _OK

    def _read(self, p1: int, p2: int, le: int) -> bytes:
        records = self._files.get(self._file)
        if records is None:
            return b"\x69\x86"
        if p2 != (0x04 if self._make.addressing == "ordinal" else 0x00):
            return b"\x6a\x86"
        tags = list(records)
        if p2 == 0x04:
            tag = tags[p1 - 1] if 0 < p1 <= len(tags) else 0
        else:
            tag = p1
        if tag not in records:
            return b"\x6a\x83"
        if self._make.version >= 3 and self._file == 0xEF06:
            return b"\x69\x82"
        return self._give(bytes((tag, len(records[tag]))) + records[tag], le)

    def _give(self, content: bytes, le: int) -> bytes:
        if le == len(content) or (le == 0 and self._make.length == "plain"):
            return content + _OK
        if self._make.length == "61" and le == 0:
            self._ready = content
            return bytes((0x61, len(content)))
        return bytes((0x6C, len(content)))
