"""Addresses as they may be told on: in reports, logs and bundles, without who may enter."""

from __future__ import annotations

import re

# Of a password that has @ or / in it, no half is left either.
_USER = re.compile(r"(?<=://)[^\s\"'?#]*@")


def without_user(text: str) -> str:
    """The text, with `…@` for name and password in each address of it."""
    return _USER.sub("…@", text)
