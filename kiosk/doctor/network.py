"""The ways out: route and names, the hall's broker and desk, the service platform, each really asked.

Every question is over in some seconds, also when the other end trickles. Addresses are told, never tokens.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from cryptography import x509
from pydantic import ValidationError

from config.addresses import without_secrets
from config.platform_api import PlatformHealth
from config.settings import Settings, TlsSettings
from config.words import Words, joined, words
from kiosk.doctor import bounded
from kiosk.doctor.clock import Heard
from kiosk.doctor.parts import part
from kiosk.enrolment import identity
from kiosk.readiness.finding import Finding
from mqtt.connection import trusting

CONNECT_SECONDS = 3.0
HTTP_SECONDS = 5.0  # for a sign of life
ANSWER_SECONDS = 10.0  # for all of an answer, the name's address included
MOST_ANSWER = 64 * 1024  # bytes: none of ours is longer
NAME_SECONDS = 4.0
REFUSAL_SECONDS = 0.5  # a server that speaks TLS 1.3 refuses our certificate after the handshake
ROUTES = Path("/proc/net/route"), Path("/proc/net/ipv6_route")


def examine(settings: Settings, heard: Heard) -> Iterator[Finding]:
    """Each of them. `heard` takes what the servers' clocks say, for the examination of our own."""
    yield _network(settings)
    yield _broker(settings)
    yield from _desk(settings, heard)
    yield _platform(settings, heard)


# ── route and names ─────────────────────────────────────────────────────────
def _network(settings: Settings) -> Finding:
    hosts = list(dict.fromkeys(host for host in _hosts(settings) if host))
    far = [host for host in hosts if not _is_here(host)]
    names = [host for host in far if not _is_address(host)]
    lost = [name for name in names if not _known(name)]
    said, codes = [], []
    route = default_route(*ROUTES)
    said.append(words("doctor.route", port=route) if route else words("doctor.no_route"))
    if far and not route:
        codes.append("network_no_route")
    if names:
        said.append(words("doctor.names_known", known=len(names) - len(lost), all=len(names)))
    if lost:
        codes.append("network_no_name")
        said.append(words("doctor.names_lost", names=", ".join(lost)))
    return part("network", joined(said), *codes)


def default_route(ipv4: Path, ipv6: Path) -> str:
    """The network port of a default route, as Linux tells it in /proc/net; empty when there is none."""
    with suppress(OSError):
        for row in ipv4.read_text("ascii").splitlines()[1:]:
            port, to, _, flags, _, _, _, mask, *_ = row.split()
            if to == mask == "00000000" and int(flags, 16) & 1:
                return port
    with suppress(OSError):
        for row in ipv6.read_text("ascii").splitlines():
            to, length, *_, flags, port = row.split()
            if set(to) == {"0"} and length == "00" and port != "lo" and int(flags, 16) & 1:
                return port
    return ""


def _hosts(settings: Settings) -> Iterator[str]:
    """Every server that the settings name."""
    yield settings.link.host
    yield urlsplit(settings.platform.url).hostname or ""
    yield urlsplit(settings.catalogue_source.url).hostname or ""
    if (found := identity.readable(settings.data)) is not None:
        yield urlsplit(found.home.url).hostname or ""


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_here(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ipaddress.ip_address(host).is_loopback)


def _known(name: str) -> bool:
    """Whether the name has an address."""
    try:
        return bool(bounded.within(NAME_SECONDS, lambda: socket.getaddrinfo(name, None)))
    except (OSError, TimeoutError, UnicodeError):
        return False


def _asked(url: str, verify: ssl.SSLContext | bool = True, token: str = "") -> httpx.Response:
    """Status, date and beginning of an answer. httpx.HTTPError and InvalidURL; TimeoutError and OSError."""
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
    with httpx.Client(timeout=HTTP_SECONDS, trust_env=False, verify=verify, headers=headers) as client:

        def ask() -> httpx.Response:
            content = b""
            with client.stream("GET", url) as answer:
                for piece in answer.iter_raw():
                    content += piece
                    if len(content) > MOST_ANSWER:
                        break
                date = answer.headers.get("date", "")
                return httpx.Response(answer.status_code, headers={"date": date}, content=content)

        return bounded.within(ANSWER_SECONDS, ask)


# ── the hall ────────────────────────────────────────────────────────────────
def _broker(settings: Settings) -> Finding:
    link = settings.link
    address = f"{link.host}:{link.port}"

    def greet() -> tuple[Words, str]:
        with socket.create_connection((link.host, link.port), CONNECT_SECONDS) as line:
            if link.tls is None:
                return words("doctor.listens"), ""
            return _shaken(line, link.host, link.tls)

    try:
        said, code = bounded.within(ANSWER_SECONDS, greet)
    except OSError as error:
        said, code = _silent(error), "link_down"
    if code and link.tls is None:
        said = joined([said, words("doctor.not_enrolled")])
    return part("broker", said, code, address=address)


def _silent(error: Exception) -> Words:
    """Why nobody answers, as far as the system says it; httpx has its error behind its own."""
    why: BaseException | None = error
    while why is not None and not isinstance(why, OSError):
        why = why.__cause__ or why.__context__
    if isinstance(why, TimeoutError) or isinstance(error, httpx.TimeoutException):
        return words("doctor.no_answer_yet")
    if isinstance(why, ssl.SSLCertVerificationError):
        return words("doctor.not_trusted", why=why.verify_message)
    if isinstance(why, ConnectionRefusedError):
        return words("doctor.refuses")
    if isinstance(why, socket.gaierror):
        return words("doctor.name_lost")
    if why is not None and why.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH):
        return words("doctor.unreachable")
    return words("doctor.no_answer_why", why=(why and why.strerror) or type(error).__name__)


def _shaken(line: socket.socket, host: str, tls: TlsSettings) -> tuple[Words, str]:
    """TLS with our own identity: what was found, and the code of what is wrong."""
    try:
        context = trusting(tls)
    except OSError as error:
        why = error.strerror or type(error).__name__
        return words("doctor.own_certificate", why=why), "certificate_expired"
    try:
        with context.wrap_socket(line, server_hostname=host) as secured:
            said = _secured(secured)
            secured.settimeout(REFUSAL_SECONDS)
            with suppress(TimeoutError):
                if not secured.recv(1):
                    return joined([said, words("doctor.hangs_up")]), "certificate_refused"
            return said, ""
    except ssl.SSLCertVerificationError as error:
        return words("doctor.not_trusted", why=error.verify_message), "link_untrusted"
    except (ssl.SSLError, ConnectionError) as error:
        why = getattr(error, "reason", None) or type(error).__name__
        return words("doctor.handshake", why=why), "certificate_refused"


def _secured(line: ssl.SSLSocket) -> Words:
    der = line.getpeercert(binary_form=True)
    if der is None:
        return words("doctor.secured_bare", version=line.version())
    until = x509.load_der_x509_certificate(der).not_valid_after_utc
    return words("doctor.secured", version=line.version(), day=f"{until:%F}")


def _desk(settings: Settings, heard: Heard) -> Iterator[Finding]:
    """Where the terminal was enrolled; there its certificate is renewed."""
    found = identity.readable(settings.data)
    if found is None:
        return
    url = found.home.url
    try:
        context = ssl.create_default_context(cadata=found.roots())
        answer = _asked(url, context)
    except identity.IdentityError:
        return  # its files are damaged: the certificate's finding says so, and this one could not be asked
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ssl.SSLError) as error:
        yield part("hall", _silent(error), "hall_unreachable", address=without_secrets(url))
        return
    heard.note("hall", answer.headers.get("date", ""))
    said = words("doctor.answers", status=answer.status_code)
    yield part("hall", said, address=without_secrets(url))


# ── the platform ────────────────────────────────────────────────────────────
def _platform(settings: Settings, heard: Heard) -> Finding:
    if not settings.platform.url:
        return part("platform", words("doctor.no_address"), "settings_wrong", address="platform.url")
    url, trust = f"{settings.platform.url}/v1/health", settings.platform.trust
    said, code = _asked_platform(url, settings.platform.token, heard)
    if not code and not trust.exists():
        said, code = words("doctor.trust_lost", file=trust), "platform_trust_missing"
    return part("platform", said, code, address=without_secrets(url))


def _asked_platform(url: str, token: str, heard: Heard) -> tuple[Words, str]:
    """What was found, and the code of what is wrong; none when its back office is open."""
    try:
        answer = _asked(url, token=token)
        heard.note("platform", answer.headers.get("date", ""))
        if answer.status_code in (401, 403):
            return words("doctor.not_admitted", status=answer.status_code), "platform_token"
        if answer.status_code != 200:
            return words("doctor.answers", status=answer.status_code), "platform_down"
        if PlatformHealth.model_validate_json(answer.content).open:
            return words("doctor.platform_open"), ""
        return words("doctor.platform_shut"), "platform_down"
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        return _silent(error), "platform_down"
    except ValidationError:
        return words("doctor.platform_other"), "platform_stranger"
