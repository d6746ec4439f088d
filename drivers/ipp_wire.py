"""One IPP request and its answer over HTTP (RFC 8010, 8011), within a deadline.

The bytes are ippx's; the HTTP client is httpcore's, because a printer in the hall must never be
reached through a proxy of the environment, and because a time-out here is one for the whole answer.
"""

from __future__ import annotations

import re
import ssl
import struct
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
from ippx import Attribute, IppDecodeError, IppMessage, Operation, Tag, TlsConfig, decode, encode

from drivers.device import Deadline, DeviceError
from drivers.http_deadline import DeadlineNetwork

_VERSION = (2, 0)
_FINGERPRINT = re.compile(r"(?:sha256)?[0-9a-f]{64}", re.IGNORECASE)
_LONGEST = 8 * 1024 * 1024  # bytes of an answer; a hundred jobs take a hundredth of it
_IDLE_SECONDS = 5.0  # a connection without questions is closed after that
_USER = "kiosk"  # requesting-user-name: never a person's


class IppRefused(DeviceError):
    """The printer answered, and said no. `status` is its IPP status code (RFC 8011, appendix B)."""

    def __init__(self, operation: str, status: int) -> None:
        super().__init__("a4_failed", f"the printer refused {operation}: status {status:04x}h")
        self.status = status


class IppWire:
    """A printer at `ipp://host:631/ipp/print`, or `ipps://…` with the SHA-256 of its certificate.

    DeviceError `device_misconfigured` for another kind of address.
    """

    def __init__(self, port: str, fingerprint: str = "") -> None:
        self._uri = _uri(port)
        self._encrypted = self._uri.startswith("ipps")
        url = httpx.URL(self._uri.replace("ipp", "http", 1))
        self._url = httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)
        if fingerprint and not _FINGERPRINT.fullmatch(fingerprint.replace(":", "")):
            raise DeviceError("device_misconfigured", "fingerprint is not 64 hexadecimal digits (SHA-256)")
        self._tls = TlsConfig(fingerprint=fingerprint) if fingerprint else TlsConfig()
        self._network = DeadlineNetwork()
        self._client: httpcore.ConnectionPool | None = None
        self._request = 0

    def open(self) -> None:
        """Makes the HTTP client ready; nothing is sent yet."""
        self.close()
        # Without TLS no certificate store is loaded, which saves some 20 ms and a megabyte.
        trusted = self._tls.httpx_verify() if self._encrypted else None
        self._client = httpcore.ConnectionPool(
            ssl_context=trusted if isinstance(trusted, ssl.SSLContext) else None,
            network_backend=self._network,
            keepalive_expiry=_IDLE_SECONDS,
        )

    def close(self) -> None:
        """Lets go; may be called twice; never raises."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def ask(
        self,
        operation: Operation,
        attributes: Sequence[Attribute],
        deadline: Deadline,
        document: bytes = b"",
        job: Sequence[Attribute] = (),
    ) -> list[Mapping[str, Any]]:
        """The attribute groups of the answer after the operation's own, each as name → value(s).

        `job` are the attributes of the job itself (RFC 8011, 4.2.1.1), apart from the operation's.

        DeviceError: `device_timeout` when the deadline passes, `device_offline` (lost) when the
        connection cannot be made or breaks, `device_garbled` when the answer is no IPP,
        IppRefused (`a4_failed`) when the printer says no.
        """
        if self._client is None:
            raise DeviceError("device_offline", "not open", lost=True)
        self._request += 1
        groups = [(Tag.OPERATION_ATTRS, [*self._heading(), *attributes])]
        if job:
            groups.append((Tag.JOB_ATTRS, list(job)))
        body = encode(IppMessage(_VERSION, operation, self._request, groups, document))
        return groups_of(operation, self._request, self._post(self._client, body, deadline))

    def _heading(self) -> list[Attribute]:
        """Charset and language come first (RFC 8011, 4.1.4)."""
        return [
            Attribute("attributes-charset", Tag.CHARSET, ["utf-8"]),
            Attribute("attributes-natural-language", Tag.NATURAL_LANGUAGE, ["en"]),
            Attribute("printer-uri", Tag.URI, [self._uri]),
            Attribute("requesting-user-name", Tag.NAME, [_USER]),
        ]

    def _post(self, client: httpcore.ConnectionPool, body: bytes, deadline: Deadline) -> bytes:
        deadline.check("ask")
        self._network.deadline = deadline
        answer = bytearray()
        headers = [("Content-Type", "application/ipp"), ("Accept", "application/ipp")]
        try:
            with client.stream("POST", self._url, headers=headers, content=body) as response:
                if response.status != 200:
                    raise DeviceError("a4_failed", f"HTTP {response.status}")
                for piece in response.iter_stream():
                    answer += piece
                    if len(answer) > _LONGEST:
                        raise DeviceError("device_garbled", "an answer without end")
        except httpcore.TimeoutException:
            raise DeviceError("device_timeout", "no answer in time") from None
        except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise DeviceError("device_offline", f"{self._uri}: {_reason(error)}", lost=True) from None
        return bytes(answer)


def _uri(port: str) -> str:
    """The address with all its parts. DeviceError `device_misconfigured` for what is none."""
    try:
        parts = urlsplit(port)
        name = parts.hostname or ""
        name.encode("idna")
        host = f"[{name}]" if ":" in name else name
        uri = f"{parts.scheme}://{host}:{parts.port or 631}{parts.path or '/ipp/print'}"
        httpx.URL(uri)
    except (ValueError, httpx.InvalidURL):  # a UnicodeError is a ValueError
        name = ""
    if not name or parts.scheme not in ("ipp", "ipps"):
        raise DeviceError("device_misconfigured", f"port {port!r} is not ipp://host:631/ipp/print")
    return uri


def _reason(error: BaseException | None) -> str:
    """The system's words, which stand at the bottom of what the HTTP client raises."""
    told = type(error).__name__
    while error is not None:
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
        error = error.__cause__ or error.__context__
    return told


def groups_of(operation: Operation, request: int, body: bytes) -> list[Mapping[str, Any]]:
    """The attribute groups of an answer's bytes, without the operation's own.

    DeviceError `device_garbled` when they are no IPP or answer another request, IppRefused.
    """
    try:
        answer = decode(body)
    except (IppDecodeError, ValueError, IndexError, OverflowError, struct.error) as error:
        raise DeviceError("device_garbled", f"no IPP: {type(error).__name__}") from None
    if answer.request_id != request:
        raise DeviceError("device_garbled", "an answer to another question")
    if answer.code >= 0x0100:
        raise IppRefused(operation.name, answer.code)
    return [_as_dict(group) for tag, group in answer.groups if tag is not Tag.OPERATION_ATTRS]


def _as_dict(group: Sequence[Attribute]) -> dict[str, Any]:
    return {one.name: one.values[0] if len(one.values) == 1 else one.values for one in group}


def all_of(value: Any) -> list[Any]:
    """A value that IPP gives alone or as a set, as a list; nothing as an empty one."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]
