"""What a social security card says (LD/T 32.5-2015): its records read and decoded, over any transmitter.

Two files hold what is asked here: EF05 (the card) and EF06 (its holder). A record is tag, length, value.
Some cards give records by ordinal, some by tag only; some want P1 = 02 when a file is selected. The first
two generations give both files freely; the third opens EF06, or both, only to a PSAM in the reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from drivers.apdu import OK, Answer, exchange
from drivers.device import DeviceError
from drivers.id_card import Sex, valid_number

Transmit = Callable[[bytes], bytes]

# "sx1.sh." and the four characters of "social security" in GBK.
SELECT_APPLICATION = bytes.fromhex("00A404000F 7378312E73682E C9E7BBE1B1A3D5CF")
CARD_FILE, HOLDER_FILE = 0xEF05, 0xEF06

CARD_ID, CLASS, VERSION, ISSUER, ISSUED, EXPIRES, CARD_NUMBER = range(0x01, 0x08)
NUMBER, NAME, NAME_MORE, SEX, NATION, BIRTHPLACE, BIRTH = 0x08, 0x09, 0x4E, 0x0A, 0x0B, 0x0C, 0x0D
# Only what the terminal uses is asked for by tag: → bytes of the value.
_WANTED = {
    CARD_FILE: {CARD_ID: 0x10, VERSION: 0x04, ISSUED: 0x04, EXPIRES: 0x04},
    HOLDER_FILE: {NUMBER: 0x12, NAME: 0x1E, NAME_MORE: 0x14, SEX: 0x01, NATION: 0x01, BIRTH: 0x04},
}
_MOST_RECORDS = 16
_PADDING = b"\x00\xff "  # none of them ends a character of GBK

# Status words (ISO/IEC 7816-4, table 6).
_NO_RECORD = frozenset({0x6A82, 0x6A83, 0x6A88})
_LOCKED = frozenset({0x6982, 0x6985, 0x6987, 0x6988})  # security status, conditions, secure messaging
_SEXES: dict[str, Sex] = {"1": "male", "2": "female", "0": "unknown", "9": "not_stated"}


@dataclass(frozen=True)
class SocialCard:
    """One card as read. Text is empty where the card has none; `valid_to` None is without an end.

    `number` is the social security number, which is the holder's identity number; `region` the six digits of
    GB/T 2260 of the issuing place.
    """

    name: str
    number: str
    sex: Sex
    birth: date
    nation: str = ""
    version: str = ""
    region: str = ""
    issued: date | None = None
    valid_to: date | None = None
    card: Literal["social"] = "social"

    def __repr__(self) -> str:
        """The kind of card and nothing of its holder: this ends up in logs and tracebacks."""
        return f"SocialCard({self.version})"


# ── reading ─────────────────────────────────────────────────────────────────
def read(transmit: Transmit) -> SocialCard:
    """Reads the card that `transmit` reaches.

    DeviceError `card_refused`: no social security card; `card_needs_psam`; `card_unreadable`;
    `device_garbled`; and whatever `transmit` raises.
    """
    answer = exchange(transmit, SELECT_APPLICATION)
    if answer.status != OK:
        raise DeviceError("card_refused", f"no social security application: {answer}")
    records: dict[int, bytes] = {}
    for file, wanted in _WANTED.items():
        try:
            _select_file(transmit, file)
            records |= _read_file(transmit, wanted)
        except DeviceError as error:
            if error.code == "card_unreadable" and _version(records) >= "3":
                raise DeviceError("card_needs_psam", error.detail) from None
            raise
    return decode(records)


def _select_file(transmit: Transmit, file: int) -> None:
    """By P1 = 00, and by P1 = 02 (child of the application) where the card wants that."""
    answers = []
    for how in (0x00, 0x02):
        command = bytes((0x00, 0xA4, how, 0x00, 0x02)) + file.to_bytes(2, "big")
        answers.append(exchange(transmit, command))
        if answers[-1].status == OK:
            return
    for answer in answers:
        _check_open(answer)
    raise DeviceError("card_unreadable", f"{file:04X} cannot be selected: {answers[-1]}")


def _read_file(transmit: Transmit, wanted: Mapping[int, int]) -> dict[int, bytes]:
    """The records of the selected file: by ordinal, or by tag where the card refuses the first ordinal."""
    found: dict[int, bytes] = {}
    for ordinal in range(1, _MOST_RECORDS + 1):
        answer = exchange(transmit, bytes((0x00, 0xB2, ordinal, 0x04, 0x00)))
        _check_open(answer)
        if answer.status != OK:
            if ordinal == 1:
                return _read_by_tag(transmit, wanted)
            if answer.status in _NO_RECORD:
                break
            raise DeviceError("card_unreadable", f"record {ordinal}: {answer}")
        tag, value = record(answer.data)
        if tag in found:
            raise DeviceError("device_garbled", f"record {tag:02X} comes twice")
        found[tag] = value
    return found


def _read_by_tag(transmit: Transmit, wanted: Mapping[int, int]) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    for tag, size in wanted.items():
        answer = exchange(transmit, bytes((0x00, 0xB2, tag, 0x00, size + 2)))
        _check_open(answer)
        if answer.status in _NO_RECORD:
            continue
        if answer.status != OK:
            raise DeviceError("card_unreadable", f"record {tag:02X}: {answer}")
        came, found[tag] = record(answer.data)
        if came != tag:
            raise DeviceError("device_garbled", f"record {came:02X} came for {tag:02X}")
    return found


def _check_open(answer: Answer) -> None:
    if answer.status in _LOCKED:
        raise DeviceError("card_needs_psam", f"the card keeps its records locked: {answer}")


# ── decoding ────────────────────────────────────────────────────────────────
def record(data: bytes) -> tuple[int, bytes]:
    """Tag and value of one record; the card may pad it with 00 or FF. DeviceError `device_garbled`."""
    if len(data) < 2 or len(data) < 2 + data[1] or data[2 + data[1] :].strip(b"\x00\xff"):
        raise DeviceError("device_garbled", f"a record of {len(data)} bytes does not fit its length")
    return data[0], data[2 : 2 + data[1]]


def decode(records: Mapping[int, bytes]) -> SocialCard:
    """The card of its records by tag. DeviceError `card_unreadable`, which does not say what stood there."""
    number, sex = ascii_text(records.get(NUMBER, b"")), ascii_text(records.get(SEX, b"")) or "0"
    if not valid_number(number):
        raise DeviceError("card_unreadable", "the number's check digit or region is wrong")
    if sex not in _SEXES:
        raise DeviceError("card_unreadable", "the sex is no code of the standard")
    name = gbk_text(records.get(NAME, b""), records.get(NAME_MORE, b""))
    birth = day(records.get(BIRTH, b"")) or _born(number)
    if not name or birth is None:
        raise DeviceError("card_unreadable", "the name or the day of birth is missing")
    return SocialCard(
        name=name,
        number=number,
        sex=_SEXES[sex],
        birth=birth,
        nation=bcd(records.get(NATION, b"")),
        version=_version(records),
        region=bcd(records.get(CARD_ID, b"")[:3]),
        issued=day(records.get(ISSUED, b"")),
        valid_to=day(records.get(EXPIRES, b"")),
    )


def bcd(value: bytes) -> str:
    """Digits, two a byte, padded with F. DeviceError `card_unreadable`."""
    digits = value.hex().rstrip("f")
    if not re.fullmatch(r"[0-9]*", digits):
        raise DeviceError("card_unreadable", "digits are no digits")
    return digits


def day(value: bytes) -> date | None:
    """YYYYMMDD in BCD; None where nothing is entered (00 or FF). DeviceError `card_unreadable`."""
    if not value.strip(b"\x00\xff"):
        return None
    return _date(bcd(value))


def ascii_text(value: bytes) -> str:
    """Letters and digits, padded with 00. DeviceError `card_unreadable`."""
    text = value.rstrip(_PADDING)
    if not text.isascii() or not text.decode("ascii").isprintable():
        raise DeviceError("card_unreadable", "a text is not in letters and digits")
    return text.decode("ascii")


def gbk_text(*parts: bytes) -> str:
    """A name in GBK, or in GB 18030 where GBK lacks the character; each part is padded with 00.

    A character may lie half in one part and half in the next. DeviceError `card_unreadable`.
    """
    spelled = b"".join(part.rstrip(_PADDING) for part in parts)
    try:
        text = spelled.decode("gb18030")
    except UnicodeDecodeError:
        text = "\ufffd"
    if "\ufffd" in text or not text.isprintable():
        raise DeviceError("card_unreadable", "the name is not in GBK")
    return text


def _version(records: Mapping[int, bytes]) -> str:
    return ascii_text(records.get(VERSION, b""))


def _born(number: str) -> date | None:
    """The day that an 18-digit number carries; valid_number has seen that it is one."""
    return _date(number[6:14]) if len(number) == 18 else None


def _date(digits: str) -> date:
    if re.fullmatch(r"[0-9]{8}", digits):
        try:
            return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
        except ValueError:
            pass
    raise DeviceError("card_unreadable", "a day is no date")
