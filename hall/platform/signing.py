"""The platform's seal: a demo authority made at first start, and signatures by it (PAdES B-B).

`root.pem` is what terminals trust; the keys never leave the platform's folder. The names are
fictitious and say 样张, so that nobody takes a sample for a legally valid seal (GB/T 38540 wants
a certified device, which is an interface of the real platform and not made here).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from config.words import words

FIELD = "IssuerSignature"
# A signature with its two certificates takes 4 kB in hexadecimal; measuring it would mean signing twice.
_RESERVED = 12288
_ROOT_YEARS = 20
_SIGNER_YEARS = 10

Box = tuple[int, int, int, int]


@dataclass(frozen=True)
class Seal:
    """A key ready to sign, and the root that vouches for it (PEM)."""

    signer: SimpleSigner
    root_pem: bytes


def open_seal(folder: Path) -> Seal:
    """The seal kept in `folder`; made there, with an authority of its own, when there is none.

    Writes `root.pem`, `signer.pem` and two keys that
    only the owner can read; `root.pem` last, so that a start cut short begins anew. Raises OSError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "root.pem").exists():
        _make_authority(folder)
    certificate = _der((folder / "signer.pem").read_bytes())
    root = _der((folder / "root.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / "signer.key").read_bytes(), password=None)
    raw = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    registry = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    registry.register(root)
    signer = SimpleSigner(
        signing_cert=certificate,
        signing_key=asn1_keys.PrivateKeyInfo.load(raw),
        cert_registry=registry,
    )
    return Seal(signer, (folder / "root.pem").read_bytes())


def seal_pdf(seal: Seal, pdf: bytes, box: Box) -> bytes:
    """`pdf` with the issuer's signature over the whole of it, forbidding any later change.

    `box` is where the visible field lies on page 1 (points, from the lower left). Its note is drawn by
    the template; the field itself draws nothing, since a second text would need a second font.
    """
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
        seal.signer,
        stamp_style=style,
        new_field_spec=SigFieldSpec(FIELD, box=box),
    )
    output = BytesIO()
    signer.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), bytes_reserved=_RESERVED, output=output)
    return output.getvalue()


def _make_authority(folder: Path) -> None:
    root_key, signer_key = (rsa.generate_private_key(65537, size) for size in (3072, 2048))
    root_name, signer_name = _name("platform.seal_root"), _name("platform.issuer")
    now = datetime.now(UTC) - timedelta(days=1)  # a terminal's clock may be behind
    root = (
        _builder(root_name, root_name, root_key.public_key(), now, _ROOT_YEARS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .sign(root_key, hashes.SHA256())
    )
    signer = (
        _builder(signer_name, root_name, signer_key.public_key(), now, _SIGNER_YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
        )
        .sign(root_key, hashes.SHA256())
    )
    _write(folder / "root.key", _private_pem(root_key), 0o600)
    _write(folder / "signer.key", _private_pem(signer_key), 0o600)
    _write(folder / "signer.pem", signer.public_bytes(serialization.Encoding.PEM), 0o644)
    _write(folder / "root.pem", root.public_bytes(serialization.Encoding.PEM), 0o644)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: rsa.RSAPublicKey, start: datetime, years: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder(issuer, subject, key, x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=365 * years))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,  # non-repudiation
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(row: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, words("platform.seal_organisation").zh),
            x509.NameAttribute(NameOID.COMMON_NAME, words(row).zh),
        ]
    )


def _private_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """The file with this mode from its first byte on."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _der(pem: bytes) -> asn1_x509.Certificate:
    certificate = x509.load_pem_x509_certificate(pem)
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
