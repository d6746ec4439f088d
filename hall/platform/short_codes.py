"""Codes that people type from paper and that nobody can guess."""

from __future__ import annotations

import secrets

# Without 0 O 1 I L, which people take for each other.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def short_code(length: int) -> str:
    """So many letters and digits, by chance."""
    return "".join(secrets.choice(_LETTERS) for _ in range(length))
