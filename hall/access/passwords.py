"""Passwords as argon2id digests, with the costs of OWASP's cheat sheet: 19 MiB, two passes, one lane.

A name that nobody has costs the same work as one that somebody has, so that time does not tell them apart.
"""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST, MOST = 10, 200  # letters; the most keeps a hostile form from costing more
AT_ONCE = 4  # each takes 19 MiB while it works
WAIT_SECONDS = 10.0

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_turns = threading.BoundedSemaphore(AT_ONCE)


class Busy(Exception):
    """Too many passwords are being looked at: try again in a moment."""


def objection(password: str, name: str) -> str:
    """Why this cannot be the password of that account, as English; empty when it can."""
    if len(password) < LEAST:
        return f"a password has at least {LEAST} letters"
    if len(password) > MOST:
        return f"a password has at most {MOST} letters"
    if password.casefold() == name.casefold():
        return "the password must not be the name"
    return ""


def digest(password: str) -> str:
    """What is kept of a password. Busy after 10 s without a turn."""
    with _Turn():
        return _hasher.hash(password)


def fits(password: str, kept: str) -> bool:
    """Whether this is the password; `kept` empty (no such account) takes as long and is False."""
    with _Turn():
        try:
            _hasher.verify(kept or _nobody(), password[:MOST])
        except (VerificationError, InvalidHashError):
            return False
        return bool(kept)


def outdated(kept: str) -> bool:
    """Whether the costs rose since this was kept: whoever has the password now keeps it anew."""
    return _hasher.check_needs_rehash(kept)


@cache
def _nobody() -> str:
    return _hasher.hash("nobody has this name")


class _Turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=WAIT_SECONDS):
            raise Busy

    def __exit__(self, *_: object) -> None:
        _turns.release()
