"""The QR code that a citizen's app shows in place of a card: `EGA1.PAYLOAD.SIGNATURE`, signed by its issuer.

The payload says which account of the app, one number that is good once, and until when; nothing of the
person. Both parts are base64url without padding; the signature is Ed25519 over all that stands before it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "EGA1"
LIFE_SECONDS = 60  # from when it is shown
LONGEST = 2000  # characters


class BadCode(ValueError):
    """No code of this issuer. The text does not say what stood in it."""


@dataclass(frozen=True)
class AppTicket:
    """What a code says. `until`: seconds since 1970."""

    account: str
    id: str
    until: int


def account_of(person: str) -> str:
    """The account of one of the invented people at the test issuer, by his key."""
    return hashlib.sha256(f"test issuer: {person}".encode()).hexdigest()[:24]


def new_ticket(account: str, now: datetime) -> AppTicket:
    """A ticket that nobody has shown yet."""
    return AppTicket(account, secrets.token_urlsafe(12), int(now.timestamp()) + LIFE_SECONDS)


def write(ticket: AppTicket, issuer: Ed25519PrivateKey) -> str:
    """The text of the QR code."""
    payload = json.dumps({"account": ticket.account, "id": ticket.id, "until": ticket.until})
    signed = f"{PREFIX}.{_text(payload.encode())}"
    return f"{signed}.{_text(issuer.sign(signed.encode()))}"


def looks_like(text: str) -> bool:
    """Whether it may be such a code at all, whoever signed it."""
    return text.startswith(f"{PREFIX}.") and len(text) <= LONGEST


def read(text: str, issuer: Ed25519PublicKey) -> AppTicket:
    """What a code of this issuer says; whether it is still good is another question. Raises BadCode."""
    signed, _, signature = text.rpartition(".")
    prefix, _, payload = signed.partition(".")
    if prefix != PREFIX or len(text) > LONGEST:
        raise BadCode("no code of an app")
    try:
        issuer.verify(_bytes(signature), signed.encode())
        told = json.loads(_bytes(payload))
    except (InvalidSignature, ValueError):
        raise BadCode("not signed by this issuer") from None
    if not isinstance(told, dict) or told.keys() != {"account", "id", "until"}:
        raise BadCode("signed, and no ticket")
    account, number, until = told["account"], told["id"], told["until"]
    if not (isinstance(account, str) and isinstance(number, str) and type(until) is int):
        raise BadCode("signed, and no ticket")
    return AppTicket(account, number, until)


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("no base64url") from None
