"""The terminal's talk with the hall about its certificate: enrolled once with a token, renewed by itself.

Nothing is believed before the authority's certificate has the digest that stands in the token; what is
secret is only said over a line that this authority vouches for.
"""

from __future__ import annotations

import base64
import hashlib
import ssl
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pydantic import BaseModel, ValidationError

from config.enrolment import (
    ROUTE,
    Enrol,
    Issued,
    Refused,
    Renew,
    Retire,
    Retired,
    Token,
    signed_for_renewal,
    signed_for_retirement,
)
from config.settings import Settings
from kiosk.enrolment import identity
from kiosk.enrolment.enrolled_settings import RETIRED, name_of
from kiosk.enrolment.identity import Home, Identity, IdentityError

SECONDS = 15.0  # for each step of a question over HTTP
CLOCK_SECONDS = 600.0  # by which two clocks may differ
MOST_ANSWER = 256 * 1024  # bytes
NEAR = ("127.0.0.1", "localhost", "::1")
Told = TypeVar("Told", bound=BaseModel)
# The hall will never give a certificate for this key: another question needs another one.
FINAL = ("token_used", "token_late", "key_known", "weak_key", "request_invalid", "replaced")


def enrol(settings: Settings, url: str, token: Token, trust: Path | None = None) -> Identity:
    """This terminal's identity, from the hall whose desk is at `url`. May be repeated until it succeeds.

    `trust` is the root of the desk's own certificate, where that is not of the authority in the token.
    IdentityError.
    """
    terminal = name_of(settings)
    if (settings.data / RETIRED).exists():
        raise IdentityError("retired", f"{settings.data} was retired: give the new terminal another folder")
    known = identity.readable(settings.data)
    if known is not None and known.home.terminal != terminal:
        raise IdentityError(
            "other_terminal",
            f"this folder is of {known.home.terminal}, the settings say {terminal}: put them right, or,"
            " if the terminal was carried to another place, run `main.py move`",
        )
    if known is not None and known.home.token == token.digest and known.ends > identity.now():
        return known
    with identity.alone(settings.data):
        return adopt(settings.data, asked(settings, url, token, trust), token)


@dataclass(frozen=True)
class Granted:
    """What the hall gave for a token, before anything was made of it."""

    key: ec.EllipticCurvePrivateKey
    issued: Issued
    home: Home


def asked(settings: Settings, url: str, token: Token, trust: Path | None = None) -> Granted:
    """What the hall gives for the token. Asked again with it before it was adopted, it gives the same.
    IdentityError."""
    terminal = name_of(settings)
    other = trust.read_text(encoding="ascii") if trust else ""
    url = address(url)
    authority = _authority(url, token)
    key = identity.next_key(settings.data)
    request = identity.request(key, terminal)
    pem = request.public_bytes(serialization.Encoding.PEM).decode("ascii")
    body = Enrol(token=token.secret.hex(), terminal=terminal, request=pem)
    issued = _issued(settings.data, url, "enrol", body, authority + other)
    home = Home(url, terminal, issued.broker_host, issued.broker_port, token.digest, other)
    return Granted(key, issued, home)


def adopt(data: Path, granted: Granted, token: Token) -> Identity:
    """From now on the terminal is who the hall says. IdentityError; the present identity stays then."""
    return identity.adopt(data, granted.key, granted.issued, granted.home, token.authority)


def renew(data: Path, now: Identity) -> Identity:
    """The next certificate, for a new key; or the one that somebody has brought meanwhile.

    IdentityError; the present one stays as it is then.
    """
    with identity.alone(data):
        found = identity.readable(data)
        if found is not None and found.certificate != now.certificate:
            return found
        return _renewed(data, now)


def _renewed(data: Path, now: Identity) -> Identity:
    authority = now.authority()
    key = identity.next_key(data)
    request = identity.request(key, now.home.terminal)
    der = request.public_bytes(serialization.Encoding.DER)
    signature = now.key().sign(signed_for_renewal(der), ec.ECDSA(hashes.SHA256()))
    body = Renew(
        certificate=now.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        request=request.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        signature=base64.b64encode(signature).decode("ascii"),
    )
    root = authority.public_bytes(serialization.Encoding.PEM).decode("ascii")
    issued = _issued(data, now.home.url, "renew", body, root + now.home.trust)
    believed = hashlib.sha256(authority.public_bytes(serialization.Encoding.DER)).digest()
    home = Home(
        now.home.url,
        now.home.terminal,
        issued.broker_host,
        issued.broker_port,
        now.home.token,
        now.home.trust,
    )
    return identity.adopt(data, key, issued, home, believed)


def retire(now: Identity, reason: str) -> None:
    """Tells the hall that this terminal is gone for good; may be said again. IdentityError."""
    signed = signed_for_retirement(now.home.terminal, reason)
    body = Retire(
        certificate=now.certificate.public_bytes(serialization.Encoding.PEM).decode("ascii"),
        signature=base64.b64encode(now.key().sign(signed, ec.ECDSA(hashes.SHA256()))).decode("ascii"),
        reason=reason,
    )
    root = now.authority().public_bytes(serialization.Encoding.PEM).decode("ascii")
    _ask(now.home.url, "retire", body, root + now.home.trust, Retired)


def address(url: str) -> str:
    """The desk's address without its end. The token's secret goes over no open line. IdentityError."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if host and (parts.scheme == "https" or (parts.scheme == "http" and host in NEAR)):
        return url.rstrip("/")
    raise IdentityError("wrong_address", f"{url}: write the desk's address as https://desk.hall:8080")


def _authority(url: str, token: Token) -> str:
    """The certificate that the token speaks of, PEM. Whoever sends it is not believed; its digest is."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    answer = _http("GET", f"{url}{ROUTE}/authority", context)
    if answer.status_code != 200:
        raise IdentityError("hall_unreachable", f"{url} answers {answer.status_code}: compare the address")
    _compare_clocks(answer.headers.get("Date", ""))
    try:
        certificate = x509.load_pem_x509_certificate(answer.content)
    except (ValueError, x509.InvalidVersion):
        raise IdentityError("authority_wrong", f"{url} is no hall: compare the address") from None
    der = certificate.public_bytes(serialization.Encoding.DER)
    if hashlib.sha256(der).digest() != token.authority:
        raise IdentityError(
            "authority_wrong", "this is not the hall that made the token: stop, and ask the hall"
        )
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _compare_clocks(date: str) -> None:
    """A clock that is far off refuses every certificate; better said at once. IdentityError clock_wrong."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return
    if theirs.tzinfo is not None and abs((theirs - identity.now()).total_seconds()) > CLOCK_SECONDS:
        raise identity.clock_wrong(f"at the hall {theirs:%F %H:%M} UTC")


def _issued(data: Path, url: str, what: str, body: BaseModel, roots: str) -> Issued:
    """A certificate for the next key, which is forgotten when there will never be one."""
    try:
        return _ask(url, what, body, roots, Issued)
    except IdentityError as error:
        if error.code in FINAL:
            identity.forget_next_key(data)
        raise


def _ask(url: str, what: str, body: BaseModel, roots: str, form: type[Told]) -> Told:
    context = ssl.create_default_context(cadata=roots)
    answer = _http("POST", f"{url}{ROUTE}/{what}", context, body.model_dump_json().encode())
    try:
        if answer.status_code == 200:
            return form.model_validate_json(answer.content)
        refused = Refused.model_validate_json(answer.content)
    except ValidationError:
        raise IdentityError("hall_unreachable", f"{url} answers {answer.status_code}: ask the hall") from None
    raise IdentityError(refused.code, refused.remedy)


def _http(method: str, url: str, context: ssl.SSLContext, body: bytes | None = None) -> httpx.Response:
    """One bounded question, by no proxy and following no redirection. IdentityError hall_unreachable."""
    headers = {"Content-Type": "application/json"} if body else {}
    try:
        with (
            httpx.Client(verify=context, timeout=SECONDS, trust_env=False) as client,
            client.stream(method, url, content=body, headers=headers) as answer,
        ):
            content = b""
            for part in answer.iter_bytes():
                content += part
                if len(content) > MOST_ANSWER:
                    raise IdentityError("hall_unreachable", f"{url} is no hall: compare the address")
            date = {name: answer.headers[name] for name in ("Date",) if name in answer.headers}
            return httpx.Response(answer.status_code, content=content, headers=date)
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        if "not yet valid" in str(error):
            raise identity.clock_wrong(f"the certificate of {url} is not yet valid") from None
        said = str(error)[:120] or type(error).__name__
        raise IdentityError("hall_unreachable", f"{url}: {said}; check network and address") from None
