"""A sealing service far away: the key stays with it, only digests go there.

    GET  {url}/v1/seal          → 200 {"certificate": PEM, "root": PEM}
    POST {url}/v1/signatures    {"algorithm": "sha256", "digest": base64}
                                → 200 {"signature": base64}: PKCS #1 v1.5 (RSA) or DER (ECDSA)
    refused: 4xx {"code": "…"}, in words of the service; 5xx and silence: it is down

`Authorization: Bearer TOKEN` in each. Signing the same digest twice does no harm, so a platform may ask
again. What comes back is checked with the certificate's key before it is used: a seal that signs with
another key, or something else, is found here and not by the citizen's bank. An answer is bounded in time and
size: a case waits for it, and holds the register meanwhile.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from typing import Any

import httpx
import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from hall.platform.signing import SealError

LARGEST = 64_000  # bytes of an answer; two certificates have three thousand

log = structlog.get_logger("platform")


class RemoteSeal:
    """One sealing service. Close it with `close()`."""

    def __init__(self, url: str, token: str, timeout: float) -> None:
        """Asks for the certificate. `timeout` in seconds for each step, and for all of an answer's body.

        Raises SealError `seal_unreachable`, `seal_refused`, `seal_wrong`.
        """
        self._timeout = timeout
        self._http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=timeout, trust_env=False
        )
        try:
            told = self._call("GET", "/v1/seal")
            self.certificate = x509.load_pem_x509_certificate(str(told.get("certificate")).encode())
            self.root_pem = str(told.get("root")).encode()
            root = x509.load_pem_x509_certificate(self.root_pem)
            self.certificate.verify_directly_issued_by(root)
        except (ValueError, TypeError, InvalidSignature):
            self.close()
            raise SealError("seal_wrong") from None
        except BaseException:
            self.close()
            raise

    def sign(self, data: bytes) -> bytes:
        """The service's signature over `data`. Raises SealError as the constructor does."""
        digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
        told = self._call("POST", "/v1/signatures", {"algorithm": "sha256", "digest": digest})
        try:
            signature = base64.b64decode(str(told.get("signature")), validate=True)
            _check(self.certificate, signature, data)
        except (ValueError, InvalidSignature):
            raise SealError("seal_wrong") from None
        return signature

    def close(self) -> None:
        """Closes the line."""
        self._http.close()

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> dict[str, Any]:
        try:
            with self._http.stream(method, path, json=body) as answer:
                if answer.status_code >= 500:
                    raise SealError("seal_unreachable")
                if answer.status_code != 200:
                    log.error("seal_refused", status=answer.status_code)
                    raise SealError("seal_refused")
                content = self._content(answer)
        except httpx.HTTPError:
            raise SealError("seal_unreachable") from None
        try:
            told = json.loads(content)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise SealError("seal_wrong")
        return told

    def _content(self, answer: httpx.Response) -> bytes:
        """As it came, never unpacked: a few bytes could become any number."""
        content, until = b"", time.monotonic() + self._timeout
        for piece in answer.iter_raw():
            content += piece
            if len(content) > LARGEST:
                raise SealError("seal_wrong")
            if time.monotonic() > until:
                raise SealError("seal_unreachable")
        return content


def _check(certificate: x509.Certificate, signature: bytes, data: bytes) -> None:
    """InvalidSignature unless the certificate's key made it."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
    else:
        raise InvalidSignature
