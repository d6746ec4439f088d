"""The demo's seal: an authority of its own, made at first start.

`root.pem` is what terminals trust; the keys never leave the platform's folder. The names are fictitious
and say 样张, so that nobody takes a sample for a legally valid seal.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from config.words import words

_ROOT_YEARS = 20
_SIGNER_YEARS = 10


@dataclass(frozen=True)
class DemoSeal:
    """A key in memory, ready to sign."""

    certificate: x509.Certificate
    root_pem: bytes
    key: rsa.RSAPrivateKey

    def sign(self, data: bytes) -> bytes:
        """RSA, PKCS #1 v1.5 over SHA-256."""
        return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())

    def __repr__(self) -> str:
        return "DemoSeal(…)"


def open_seal(folder: Path) -> DemoSeal:
    """The seal kept in `folder`; made there, with an authority of its own, when there is none.

    Writes `root.pem`, `signer.pem` and two keys that only the owner can read; `root.pem` last, so that a
    start cut short begins anew. Raises OSError, also when the `root.pem` there is of another seal: that of
    a service which signed here before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if not (folder / "root.pem").exists():
        _make_authority(folder)
    root_pem = (folder / "root.pem").read_bytes()
    if not _vouched(folder / "signer.pem", root_pem):
        raise OSError(
            f"{folder / 'root.pem'} does not vouch for this folder's key: move it and the keys away"
        )
    key = serialization.load_pem_private_key((folder / "signer.key").read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise OSError(f"{folder / 'signer.key'} is no RSA key: move the folder's keys away")
    certificate = x509.load_pem_x509_certificate((folder / "signer.pem").read_bytes())
    return DemoSeal(certificate, root_pem, key)


def _vouched(signer: Path, root_pem: bytes) -> bool:
    try:
        certificate = x509.load_pem_x509_certificate(signer.read_bytes())
        certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(root_pem))
    except (FileNotFoundError, ValueError, TypeError, InvalidSignature):
        return False
    return True


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
