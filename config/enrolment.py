"""How a terminal gets its certificate from the hall: the token, the bodies over HTTP, what is signed.

A token is one text of 80 letters and digits that can be typed or scanned: a secret of 16 bytes, the SHA-256
of the authority's certificate (so that the terminal knows whom it may believe before it has any
certificate), and two bytes that find a typing error.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict, Field

ROUTE = "/enrolment"
LONGEST_NAME = 64  # characters of a common name (RFC 5280, ub-common-name)
MOST_BODY = 32 * 1024  # bytes of a request
_SECRET, _DIGEST, _SUM = 16, 32, 2
_RETIREMENT = b"kiosk terminal: the end of a machine, form 1\n"
_RENEWAL = b"kiosk terminal: renewal of a certificate, form 1\n"


class TokenError(ValueError):
    """What was typed is no token. The text says what to do."""


@dataclass(frozen=True)
class Token:
    """A one-time right to enrol one terminal. `authority` is the SHA-256 of the authority's DER."""

    secret: bytes
    authority: bytes

    def __str__(self) -> str:
        """In groups of five."""
        body = self.secret + self.authority
        text = base64.b32encode(body + _sum(body)).decode("ascii")
        return "-".join(re.findall(".{5}", text))

    @property
    def digest(self) -> str:
        """What the hall keeps of the secret."""
        return hashlib.sha256(self.secret).hexdigest()


def new_token(authority: bytes) -> Token:
    """A fresh one for the authority with this certificate (DER)."""
    return Token(secrets.token_bytes(_SECRET), hashlib.sha256(authority).digest())


def read_token(text: str) -> Token:
    """The token that somebody typed or scanned. TokenError.

    Case, spaces and dashes do not matter, and 0, 1 and 8, which do not occur, stand for O, I and B.
    """
    letters = re.sub(r"[\s-]", "", text).upper().replace("8", "B")
    try:
        raw = base64.b32decode(letters, map01="I")
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != _SECRET + _DIGEST + _SUM:
        raise TokenError("a token has 80 letters and digits: copy all of it, and nothing else")
    body = raw[:-_SUM]
    if _sum(body) != raw[-_SUM:]:
        raise TokenError("one of the letters is wrong: compare each group of five")
    return Token(body[:_SECRET], body[_SECRET:])


def _sum(body: bytes) -> bytes:
    return hashlib.sha256(b"token" + body).digest()[:_SUM]


def signed_for_renewal(request: bytes) -> bytes:
    """What the current key signs, with SHA-256, to get a new certificate for `request` (DER)."""
    return _RENEWAL + request


def signed_for_retirement(terminal: str, reason: str) -> bytes:
    """What the current key signs, with SHA-256, to say that this terminal is gone for good."""
    return _RETIREMENT + f"{terminal}\n{reason}".encode()


class _Body(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)


class Enrol(_Body):
    """POST /enrolment/enrol."""

    token: str = Field(max_length=64, description="the token's secret, hex")
    terminal: str = Field(max_length=128, description="area/hall/kiosk, as the terminal's settings say")
    request: str = Field(max_length=8192, description="PKCS #10, PEM; its subject is not read")


class Renew(_Body):
    """POST /enrolment/renew."""

    certificate: str = Field(max_length=16384, description="the current one, PEM")
    request: str = Field(max_length=8192, description="PKCS #10 for a new key, PEM")
    signature: str = Field(max_length=2048, description="by the current key, Base64: see signed_for_renewal")


class Retire(_Body):
    """POST /enrolment/retire."""

    certificate: str = Field(max_length=16384, description="the current one, PEM")
    signature: str = Field(max_length=2048, description="by its key, Base64: see signed_for_retirement")
    reason: str = Field("", max_length=40, description="for the record; no person in it")


class Retired(_Body):
    """The hall has written it down."""

    terminal: str = Field(description="area/hall/kiosk")


class Issued(_Body):
    """A certificate, and what the terminal needs besides to connect."""

    certificate: str = Field(description="PEM, with those between it and the authority")
    authority: str = Field(description="PEM of whom the terminal trusts")
    terminal: str = Field(description="area/hall/kiosk")
    broker_host: str
    broker_port: int
    configuration_version: int = 0
    configuration: dict[str, str | int] = Field(
        default_factory=dict, description="what the hall wants to be set"
    )
    left: str = Field("", description="area/hall/kiosk that it had before, now withdrawn: it has moved")


class Refused(_Body):
    """Why not, and what to do."""

    code: str
    remedy: str
