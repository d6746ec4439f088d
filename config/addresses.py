"""What may be told on of addresses and settings: in reports, logs and bundles, without who may enter."""

from __future__ import annotations

import re

HIDDEN = "(not told)"
# Of a password that has @ or / in it, no half is left either.
_USER = re.compile(r"(?<=://)[^\s\"'?#]*@")
# Names of what is secret: the plain ones anywhere in a name, the short ones as a word of it.
_PLAIN = r"passw\w*|secrets?|credentials?|authori[sz]ation|bearer|cookie|community"
_SHORT = r"tokens?|pass(?:phrase|code)?|pwd?|psk|pin|(?:api)?key|auth|sig"
_NAME = re.compile(rf"{_PLAIN}|token|pass(phrase|code)|(^|[_.-])({_SHORT})($|[_.\d-])", re.I)
_IN_TEXT = re.compile(
    rf"""(?ix) (?<![a-z0-9]) ([\w-]*?(?:{_PLAIN})[\w-]* | (?:[a-z0-9]+[_-])*(?:{_SHORT}))
    (["']?\s*[=:]\s*["']?) ((?:bearer|basic|digest|token)\s+)? [^\s&;,"']+"""
)


def is_secret(name: str) -> bool:
    """Whether a setting of this name is one that nobody else should read."""
    return bool(_NAME.search(name))


def without_secrets(text: str) -> str:
    """The text, with `…@` for who may enter an address, and without what `password=` and its like say."""
    return _IN_TEXT.sub(rf"\1\2{HIDDEN}", _USER.sub("…@", text))
