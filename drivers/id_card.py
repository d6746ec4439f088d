"""What a citizen's card says: decode and encode of the 256-byte text, and the check of its number.

Four layouts share the text (UTF-16LE, padded with spaces); the two bytes at 248 tell which: a space is the
resident card, `J` the residence permit of Hong Kong, Macao and Taiwan people, `I` and `Y` the foreigners'
permanent residence card of 2017 and 2023.

**`Y` is unverified on hardware:** its byte offsets come from one source only, and no such card has been read
with this. They fill the 256 bytes exactly, and what does not decode to a valid number and dates is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from stdnum.iso7064 import mod_11_2

from drivers.device import DeviceError

TEXT_BYTES = 256
PHOTO_BYTES = 1024
PHOTO_HEADER = bytes.fromhex("574C66007E00320000FF")  # "WL", 102 × 126
FOR_LIFE = "\u957f\u671f"  # what stands in place of the last day on a card that does not expire
_FLAG = (248, 2)

Kind = Literal["resident", "permit", "foreign"]
Sex = Literal["male", "female", "unknown", "not_stated"]

# Field → (offset, bytes). `latin_2` continues `latin`; fields not of `IdCard` are left as spaces.
Layout = dict[str, tuple[int, int]]
_RESIDENT: Layout = {
    "name": (0, 30),
    "sex": (30, 2),
    "nation": (32, 4),
    "birth": (36, 16),
    "address": (52, 70),
    "number": (122, 36),
    "issuer": (158, 30),
    "valid_from": (188, 16),
    "valid_to": (204, 16),
}
_PERMIT: Layout = {
    **{field: place for field, place in _RESIDENT.items() if field != "nation"},
    "pass_number": (220, 18),
    "issue_count": (238, 4),
}
_FOREIGN_2017: Layout = {
    "latin": (0, 120),
    "sex": (120, 2),
    "number": (122, 30),
    "nationality": (152, 6),
    "name": (158, 30),
    "valid_from": (188, 16),
    "valid_to": (204, 16),
    "birth": (220, 16),
    "version": (236, 4),
    "issuer": (240, 8),
}
_FOREIGN_2023: Layout = {
    "name": (0, 30),
    "sex": (30, 2),
    "issue_count": (32, 4),
    "birth": (36, 16),
    "latin": (52, 70),
    "number": (122, 36),
    "valid_from": (188, 16),
    "valid_to": (204, 16),
    "latin_2": (220, 22),
    "nationality": (242, 6),
    "old_number": (250, 6),
}
_LAYOUTS: dict[str, tuple[Kind, Layout]] = {
    " ": ("resident", _RESIDENT),
    "J": ("permit", _PERMIT),
    "I": ("foreign", _FOREIGN_2017),
    "Y": ("foreign", _FOREIGN_2023),
}
_SEXES: dict[str, Sex] = {"1": "male", "2": "female", "0": "unknown", "9": "not_stated"}


@dataclass(frozen=True)
class IdCard:
    """One card as read. Empty text where its kind has no such field; `valid_to` None is for life.

    `nation` is the two-digit code of GB/T 3304. `photo_wlt` is the chip's picture as it is stored, for
    `drivers/chip_photo.py`. `newest_address` and `fingerprint` are there when they were asked for;
    `old_number` is how a card of 2023 points to the number of 2017.
    """

    card: Kind
    name: str
    sex: Sex
    nation: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_to: date | None
    photo_wlt: bytes = b""
    latin: str = ""
    nationality: str = ""
    pass_number: str = ""
    issue_count: str = ""
    version: str = ""
    old_number: str = ""
    newest_address: str = ""
    fingerprint: bytes = b""

    def __repr__(self) -> str:
        """The kind of card and nothing of its holder: this ends up in logs and tracebacks."""
        return f"IdCard({self.card})"

    @property
    def has_photo(self) -> bool:
        """True when the picture's header is that of a chip photo."""
        return self.photo_wlt.startswith(PHOTO_HEADER)

    def expired(self, today: date) -> bool:
        """True when its last day is before `today`."""
        return self.valid_to is not None and self.valid_to < today


def decode(text: bytes, photo: bytes = b"") -> IdCard:
    """The card of a 256-byte text and its photo.

    DeviceError `id_unreadable` when a field cannot be understood or the number's check digit is wrong,
    `id_refused` for a kind of card that is not known. Neither says what stood there.
    """
    if len(text) != TEXT_BYTES:
        raise DeviceError("id_unreadable", f"a text of {len(text)} bytes, not {TEXT_BYTES}")
    flag = _text(text, _FLAG).strip("\0 ") or " "
    if flag not in _LAYOUTS:
        raise DeviceError("id_refused", "a kind of card that is not known")
    kind, layout = _LAYOUTS[flag]
    found = {field: _text(text, place).strip("\0 ") for field, place in layout.items()}
    sex = _SEXES.get(found["sex"])
    if sex is None:
        raise DeviceError("id_unreadable", "the sex is no code of the standard")
    if not valid_number(found["number"]):
        raise DeviceError("id_unreadable", "the number's check digit or region is wrong")
    latin = found.get("latin", "") + found.get("latin_2", "")
    return IdCard(
        card=kind,
        name=found["name"] or latin,
        sex=sex,
        nation=found.get("nation", ""),
        birth=_day(found["birth"], "birth"),
        address=found.get("address", ""),
        number=found["number"],
        issuer=found.get("issuer", ""),
        valid_from=_day(found["valid_from"], "first day"),
        valid_to=None if found["valid_to"] == FOR_LIFE else _day(found["valid_to"], "last day"),
        photo_wlt=photo,
        latin=latin,
        nationality=found.get("nationality", ""),
        pass_number=found.get("pass_number", ""),
        issue_count=found.get("issue_count", ""),
        version=found.get("version", ""),
        old_number=found.get("old_number", ""),
    )


def newest_address(data: bytes) -> str:
    """The text of an answer to *read newest address*: UTF-16LE, padded with spaces, 70 bytes.

    DeviceError `id_unreadable` when it is none.
    """
    if len(data) % 2:
        raise DeviceError("id_unreadable", f"an address of {len(data)} bytes")
    return _text(data, (0, len(data))).strip("\0 ")


def encode(card: IdCard) -> bytes:
    """The 256-byte text of a card, as a module would send it. ValueError when a field does not fit."""
    flag = _flag_of(card)
    layout = _LAYOUTS[flag][1]
    latin = layout.get("latin", (0, 0))[1] // 2
    codes = {sex: code for code, sex in _SEXES.items()}
    values = {
        "name": card.name,
        "sex": codes[card.sex],
        "nation": card.nation,
        "birth": f"{card.birth:%Y%m%d}",
        "address": card.address,
        "number": card.number,
        "issuer": card.issuer,
        "valid_from": f"{card.valid_from:%Y%m%d}",
        "valid_to": f"{card.valid_to:%Y%m%d}" if card.valid_to else FOR_LIFE,
        "latin": card.latin[:latin] if "latin_2" in layout else card.latin,
        "latin_2": card.latin[latin:],
        "nationality": card.nationality,
        "pass_number": card.pass_number,
        "issue_count": card.issue_count,
        "version": card.version,
        "old_number": card.old_number,
    }
    text = bytearray(" ".encode("utf-16-le") * (TEXT_BYTES // 2))
    for field, (offset, size) in layout.items():
        spelled = values[field].encode("utf-16-le")
        if len(spelled) > size:
            raise ValueError(f"{field} needs {len(spelled)} bytes and has {size}")
        text[offset : offset + len(spelled)] = spelled
    text[_FLAG[0] : sum(_FLAG)] = flag.encode("utf-16-le")
    return bytes(text)


# The first two digits of a region: the provinces of GB/T 2260, 71 for Taiwan residents with a mainland
# card, and 81, 82, 83 for permits of Hong Kong, Macao and Taiwan people.
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71")
_PERMITS = frozenset({"810000", "820000", "830000"})


def valid_number(number: str) -> bool:
    """True when this may be the number of one of the four cards: form, region, date, check digit.

    GB 11643 (resident, permits), the 18-digit number of 2023 (9 + province + country + birth + order), and
    the form only of 2017's three letters and twelve digits.
    """
    if re.fullmatch(r"[A-Z]{3}[0-9]{12}", number):
        return True
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number) or not mod_11_2.is_valid(number):
        return False
    if _date(number[6:14]) is None:
        return False
    if number[0] == "9":
        return _PROVINCE.match(number, 1) is not None
    return _PROVINCE.match(number) is not None or number[:6] in _PERMITS


def _flag_of(card: IdCard) -> str:
    if card.card == "foreign":
        return "Y" if len(card.number) == 18 else "I"
    return "J" if card.card == "permit" else " "


def _text(text: bytes, place: tuple[int, int]) -> str:
    offset, size = place
    spelled = text[offset : offset + size].decode("utf-16-le", errors="replace")
    if "\ufffd" in spelled:  # a lone surrogate; the error of a strict decode would carry the text
        raise DeviceError("id_unreadable", "the text is not UTF-16")
    return spelled


def _day(spelled: str, what: str) -> date:
    day = _date(spelled)
    if day is None:
        raise DeviceError("id_unreadable", f"the {what} is no date")
    return day


def _date(spelled: str) -> date | None:
    """YYYYMMDD as a date; None when it is none. The error's own text would carry the digits."""
    if not re.fullmatch(r"[0-9]{8}", spelled):
        return None
    try:
        return date(int(spelled[:4]), int(spelled[4:6]), int(spelled[6:]))
    except ValueError:
        return None
