"""Is this certificate what the platform sealed? Asked before a sheet is printed, without the network.

A signature that holds is not enough: an appended comment leaves it intact. So the signature must cover
the whole file, be the only one, allow no later change, and come from a signer of the root we trust.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

LARGEST = 20_000_000  # bytes; a page is under a hundred thousand


@dataclass(frozen=True)
class Verdict:
    """May it be printed? If not, `reason` says why in one word for the log.

    too_large · digest · unreadable · unsigned · changed · untrusted
    """

    valid: bool
    reason: str = ""
    signer: str = ""  # the signer's common name
    signed_at: datetime | None = None  # as the signer says
    stamped_at: datetime | None = None  # as the time-stamp authority says whom we trust


def verify(
    pdf: bytes, root_pem: bytes, expected_sha256: str | None, stamp_root_pem: bytes | None = None
) -> Verdict:
    """Judges the bytes against the trusted root (PEM) and, when given, the digest the platform told.

    A time stamp must fit the signature; whether its authority is trusted is asked only with
    `stamp_root_pem`, and told by `stamped_at`: a certificate is good without one.

    Never raises on bad bytes. Takes tens of milliseconds and an event loop of its own: for a worker
    thread; RuntimeError on a thread that runs a loop. ValueError when a root is no certificate.
    """
    _not_on_a_loop()
    root, stamp_root = _der(root_pem), _der(stamp_root_pem) if stamp_root_pem else None
    if len(pdf) > LARGEST:
        return Verdict(False, "too_large")
    digest = hashlib.sha256(pdf).hexdigest()
    if expected_sha256 is not None and not hmac.compare_digest(digest, expected_sha256.lower()):
        return Verdict(False, "digest")
    try:
        return _judge(pdf, root, stamp_root)
    except Exception:
        # The parser meets bytes that anybody may have made: whatever it stumbles over, the answer is no.
        return Verdict(False, "unreadable")


def _judge(pdf: bytes, root: bytes, stamp_root: bytes | None) -> Verdict:
    # Imported here: half a second that a starting terminal has no use for.
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    from kiosk.documents.signature_form import is_strict

    def trusting(der: bytes | None) -> ValidationContext:
        return ValidationContext(trust_roots=[Certificate.load(der)] if der else [], allow_fetching=False)

    # Its log quotes what a stranger's file says; what is to be told of it is in the verdict.
    for name in ("pyhanko", "pyhanko_certvalidator"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    signatures = PdfFileReader(BytesIO(pdf)).embedded_signatures
    if not signatures:
        return Verdict(False, "unsigned")
    if len(signatures) != 1:
        return Verdict(False, "changed")
    status = asyncio.run(
        async_validate_pdf_signature(
            signatures[0], trusting(root), ts_validation_context=trusting(stamp_root)
        )
    )
    stamp = status.timestamp_validity
    whole = status.coverage == SignatureCoverageLevel.ENTIRE_FILE
    if not (status.intact and status.valid and whole and status.docmdp_ok):
        return Verdict(False, "changed")
    if stamp is not None and not (stamp.intact and stamp.valid):
        return Verdict(False, "changed")
    if not (status.trusted and status.validation_path):
        return Verdict(False, "untrusted")
    stamped = stamp if stamp is not None and stamp.trusted and stamp.validation_path else None
    start, length, again, _ = (int(number) for number in signatures[0].byte_range)
    vouching = _path(stamped.validation_path) if stamped else None
    if not is_strict(pdf[start + length : again], _path(status.validation_path), vouching):
        return Verdict(False, "changed")
    return Verdict(
        True,
        signer=str(status.signing_cert.subject.native.get("common_name", "")),
        signed_at=status.signer_reported_dt,
        stamped_at=stamped.timestamp if stamped else None,
    )


def _path(path: Any) -> set[bytes]:
    """The certificates of a validated path, its root among them, DER."""
    return {certificate.dump() for certificate in path.iter_certs(include_root=True)}


def _der(pem: bytes) -> bytes:
    return x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)


def _not_on_a_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError("verify() blocks: call it from a worker thread")
