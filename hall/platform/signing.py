"""Signatures on certificates (PAdES B-B; B-T where a time-stamp authority is configured).

Who holds the key is a `Seal`: the demo's own (`demo_seal.py`) or a sealing service far away
(`remote_seal.py`). Neither PDF nor name goes to it, only a digest. No key and no template is ever on a
terminal. A legally valid seal (GB/T 38540) wants a certified device, which stands behind such a service.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Protocol

import structlog
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner
from pyhanko.sign.signers.pdf_cms import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from hall.platform.certificate_templates import Box

log = structlog.get_logger("platform")

FIELD = "IssuerSignature"
# Room in hexadecimal for a signature with its certificate (3 kB), and for a time stamp with its chain.
# Measuring it would mean signing, or stamping, twice.
_RESERVED, _RESERVED_STAMPED = 12288, 40960


class SealError(Exception):
    """The certificate could not be sealed. `code` is a row of faults.toml."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Seal(Protocol):
    """A key that signs, wherever it is kept."""

    @property
    def certificate(self) -> x509.Certificate:
        """Of the key: its subject is who issues. RSA or P-256."""
        ...

    @property
    def root_pem(self) -> bytes:
        """The root that vouches for the certificate: what terminals trust."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The signature over the SHA-256 of `data`: PKCS #1 v1.5 for RSA, DER for ECDSA. Raises SealError."""
        ...


class TimeStamps(Protocol):
    """A time-stamp authority."""

    @property
    def required(self) -> bool:
        """Is no paper better than one without a time stamp?"""
        ...

    def stamper(self) -> TimeStamper | None:
        """Who stamps the next signature; None while the authority is left alone after a failure."""
        ...

    def failed(self) -> None:
        """The last one did not stamp: leave the authority alone for a while."""
        ...


class PdfSeal:
    """A seal, and a time stamp where one is configured."""

    def __init__(self, seal: Seal, stamps: TimeStamps | None = None) -> None:
        self._seal = seal
        self._stamps = stamps

    @property
    def root_pem(self) -> bytes:
        """What terminals trust."""
        return self._seal.root_pem

    def seal(self, pdf: bytes, box: Box) -> tuple[bytes, bool]:
        """`pdf` with the issuer's signature over the whole of it; True when a time stamp is in it.

        Forbids any later change. `box` is where the visible field lies on page 1 (points, from the lower
        left). Its note is drawn by the template; the field itself draws nothing, since a second text would
        need a second font. Raises SealError; without its time stamp only where one is required.
        """
        if self._stamps is None:
            return _signed(self._seal, pdf, box, None), False
        stamper = self._stamps.stamper()
        if stamper is not None:
            try:
                return _signed(self._seal, pdf, box, stamper), True
            except SealError as error:
                if not error.code.startswith("stamp_"):
                    raise
                log.warning("time_stamp_failed", fault=error.code)
                self._stamps.failed()
                if self._stamps.required:
                    raise
        elif self._stamps.required:
            raise SealError("stamp_unreachable")
        return _signed(self._seal, pdf, box, None), False


def _signed(seal: Seal, pdf: bytes, box: Box, stamper: TimeStamper | None) -> bytes:
    width, height = box[2] - box[0], box[3] - box[1]
    style = StaticStampStyle(
        border_width=0, background=RawContent(b"", box=BoxConstraints(width, height)), background_opacity=1
    )
    signer = PdfSigner(
        PdfSignatureMetadata(
            field_name=FIELD,
            md_algorithm="sha256",
            subfilter=SigSeedSubFilter.PADES,
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
        ),
        _CmsSigner(seal.certificate, seal.sign),
        timestamper=stamper,
        stamp_style=style,
        new_field_spec=SigFieldSpec(FIELD, box=box),
    )
    output = BytesIO()
    reserved = _RESERVED if stamper is None else _RESERVED_STAMPED
    signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=reserved, output=output)
    return output.getvalue()


class _CmsSigner(Signer):
    """pyHanko's idea of a signer around a `Seal`: it wants a subclass.

    Only the signer's certificate is embedded. The root adds nothing for who trusts it, and what no
    signature covers is what a stranger could change unseen.
    """

    def __init__(self, certificate: x509.Certificate, sign: Callable[[bytes], bytes]) -> None:
        self._sign = sign
        super().__init__(
            signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
            embed_roots=False,
        )

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        # It may wait for the network; the loop is pyHanko's own for this one signature, on a worker thread.
        return self._sign(data)
