"""The number of an electronic certificate: built by the platform, checked by whoever reads it.

`1.2.156.3005.2.<type>.<issuer>.<serial>.<version>.<check>`: the object identifier of the certificate
directory, the type of certificate, the issuer's credit code, its own serial, a three-digit version and
one check character, ISO 7064 MOD 37,36 over the four groups before it without their dots. Published
numbers do not all keep to it, so reading may be lenient; what this house issues is strict.
"""

from __future__ import annotations

import re

ROOT = "1.2.156.3005.2"

# Nobody's: a credit code never has the letters O and D-E-M-O in its first places, and no type is so called.
DEMO_ISSUER = "99DEMO330100SB0001"
DEMO_TYPE = "99DEMO0000000000SB001"

# Kinds of e-certificate (电子证照) that citizens hold: what a material, a register and a page call them → the
# type in the number. Invented ones, as DEMO_TYPE.
TYPES = {
    name: f"99DEMO0000000000{letters}001"
    for name, letters in {
        "identity": "ID",  # 居民身份证
        "household": "HK",  # 居民户口簿
        "marriage": "MR",  # 结婚证
        "birth": "BR",  # 出生医学证明
        "driving": "DR",  # 机动车驾驶证
        "transport": "TR",  # 道路运输证
        "estate": "ES",  # 不动产权证书
        "licence": "LC",  # 营业执照
        "allowance": "AL",  # 最低生活保障证
        "veteran": "VT",  # 退役军人优待证
        "diploma": "DP",  # 毕业证书
    }.items()
}

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SHAPE = re.compile(
    re.escape(ROOT)
    + r"\.(?P<type>[0-9A-Z]{1,21})\.(?P<issuer>[0-9A-Z]{1,18})"
    + r"\.(?P<serial>[0-9A-Z]{1,32})\.(?P<version>[0-9]{3})\.(?P<check>[0-9A-Z])"
)


def check_character(text: str) -> str:
    """The check character of `text` (digits and capitals) by ISO 7064 MOD 37,36."""
    total = 36
    for character in text:
        total = (total + _ALPHABET.index(character)) % 36 or 36
        total = total * 2 % 37
    return _ALPHABET[(37 - total) % 36]


def issue_number(serial: str, version: int = 1, *, kind: str = DEMO_TYPE, issuer: str = DEMO_ISSUER) -> str:
    """The number of a new certificate.

    `kind` has 21 characters, `issuer` 18, `serial` 1–32, all digits and capitals; `version` is 1–999.
    Raises ValueError for anything else.
    """
    groups = f"{kind}.{issuer}.{serial}.{version:03}"
    plain = groups.replace(".", "")
    number = f"{ROOT}.{groups}.{check_character(plain)}" if set(plain) <= set(_ALPHABET) else ""
    if not check_number(number):
        raise ValueError("not the parts of a certificate number")
    return number


def check_number(text: str, *, strict: bool = True) -> bool:
    """True when `text` is a certificate number.

    Strict wants the full lengths and the right check character; lenient only the shape, since some
    published numbers have a short issuer or another check.
    """
    found = _SHAPE.fullmatch(text)
    if found is None or not strict:
        return found is not None
    groups = found["type"] + found["issuer"] + found["serial"] + found["version"]
    full = len(found["type"]) == 21 and len(found["issuer"]) == 18 and int(found["version"]) >= 1
    return full and check_character(groups) == found["check"]
