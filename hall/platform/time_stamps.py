"""Time stamps by RFC 3161: somebody else says when the signature was made.

Without one a signature tells the signer's own clock, and is worth little once the certificate has run out.
When the authority is down, a certificate is issued without (the register notes it) unless the settings say
`required`; and it is left alone for a minute, so that not every citizen waits for its time-out.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import httpx
from asn1crypto import cms, tsp
from asn1crypto.x509 import Certificate
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko.sign.validation.generic_cms import validate_tst_signed_data
from pyhanko_certvalidator import ValidationContext

from hall.platform.signing import SealError

PAUSE = 60.0  # seconds
LARGEST = 16_000  # bytes of an answer; what is reserved in the PDF holds it with the signature


class TimeStampAuthority:
    """One authority: its address, whom we trust for it, how long it may take."""

    def __init__(self, url: str, trust: Path, timeout: float, required: bool) -> None:
        """`trust` is the PEM of the authority's root; raises OSError, ValueError when it is none."""
        root = x509.load_pem_x509_certificate(trust.read_bytes())
        self.required = required
        self._root = Certificate.load(root.public_bytes(Encoding.DER))
        self._url, self._timeout = url, timeout
        self._alone_until = 0.0

    def stamper(self) -> TimeStamper | None:
        """A stamper for one signature; None during the pause after a failure."""
        if time.monotonic() < self._alone_until:
            return None
        return _Stamper(self._url, self._root, self._timeout)

    def failed(self) -> None:
        """Begins the pause."""
        self._alone_until = time.monotonic() + PAUSE


class _Stamper(TimeStamper):
    """pyHanko's idea of a stamper, over our HTTP client: bounded in time and size, its answer judged."""

    def __init__(self, url: str, root: Certificate, timeout: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url, self._root, self._timeout = url, root, timeout

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Asks. Raises SealError `stamp_unreachable`, `stamp_refused`."""
        content = b""
        headers = {"Content-Type": "application/timestamp-query"}
        try:
            async with (
                asyncio.timeout(self._timeout),  # each byte could come just in time for httpx
                httpx.AsyncClient(timeout=self._timeout, trust_env=False) as http,
                http.stream("POST", self._url, content=req.dump(), headers=headers) as answer,
            ):
                answer.raise_for_status()
                async for piece in answer.aiter_raw():  # never unpacked: a few bytes could become any number
                    content += piece
                    if len(content) > LARGEST:
                        raise SealError("stamp_refused")
        except (httpx.HTTPError, TimeoutError):
            raise SealError("stamp_unreachable") from None
        try:
            return tsp.TimeStampResp.load(content, strict=True)
        except ValueError:
            raise SealError("stamp_refused") from None

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """A token over this digest, by whom we trust. Raises SealError, `stamp_untrusted` besides."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
        except (TimestampRequestError, ValueError, TypeError, KeyError, AttributeError):
            raise SealError("stamp_refused") from None
        context = ValidationContext(trust_roots=[self._root], allow_fetching=False)
        try:
            told = await validate_tst_signed_data(token["content"], context, lambda _: message_digest)
        except Exception:  # whatever a stranger's token makes the library stumble over
            raise SealError("stamp_untrusted") from None
        if not (told.get("intact") and told.get("valid") and told.get("validation_path")):
            raise SealError("stamp_untrusted")
        return token
