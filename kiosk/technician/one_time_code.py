"""A technician's six digits: a time-based one-time password (RFC 6238 over HMAC-SHA-1, 30 s, 6 digits).

These are the parameters that every authenticator app knows. A clock may be off by one step either way, and
a code is good once: whoever has seen it typed cannot type it again.
"""

from __future__ import annotations

import base64
import hmac
import os
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS, DIGITS = 30, 6
SECRET_BYTES = 20  # as long as the hash (RFC 4226, 4)
ISSUER = "Kiosk"


def code(secret: bytes, step: int) -> str:
    """The six digits of a step: the 30 seconds that begin at `step * 30` after 1970."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).generate(step * STEP_SECONDS).decode()


def step_of(secret: bytes, said: str, now: float, after: int = -1) -> int | None:
    """The step that these digits are of, and that lies behind `after`; None when they are of none.

    `now` in seconds since 1970. All three steps are compared, in the same time whatever was said.
    """
    present = int(now // STEP_SECONDS)
    typed = said.encode("utf-8", "replace")
    found = None
    for step in (present - 1, present, present + 1):
        fits = step >= 0 and hmac.compare_digest(code(secret, max(step, 0)).encode(), typed)
        if fits and step > after:
            found = step
    return found


def new_secret() -> str:
    """A secret that nobody has, in Base32 without padding, as apps read it."""
    return base64.b32encode(os.urandom(SECRET_BYTES)).decode().rstrip("=")


def plain(secret: str) -> bytes:
    """The bytes of a secret in Base32. ValueError (binascii's) when it is none."""
    return base64.b32decode(secret + "=" * (-len(secret) % 8))


def address(secret: str, number: str, terminal: str) -> str:
    """What an authenticator app scans: `otpauth://totp/…`."""
    label = quote(f"{ISSUER}:{number} {terminal}")
    return f"otpauth://totp/{label}?secret={secret}&issuer={ISSUER}&digits={DIGITS}&period={STEP_SECONDS}"
