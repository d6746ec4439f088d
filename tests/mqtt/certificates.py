"""An authority and certificates for a test, as a hall's would be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.settings import TlsSettings


class Authority:
    """Issues what `folder` then holds: authority.pem, NAME.pem, NAME.key."""

    def __init__(self, folder: Path, name: str = "hall") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"{name} authority")
        self._serial = 1
        itself = self._certificate(self._name, self._key).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        self._write("authority.pem", itself)

    def issue(self, file: str, name: str, host: str = "") -> TlsSettings:
        """A certificate for `name`; of a server, with its `host` (an address)."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self._certificate(_named(name), key)
        if host:
            names = [x509.IPAddress(ip_address(host))]
            certificate = certificate.add_extension(x509.SubjectAlternativeName(names), critical=False)
        self._write(f"{file}.pem", certificate)
        (self.folder / f"{file}.key").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return TlsSettings(
            authority=self.folder / "authority.pem",
            certificate=self.folder / f"{file}.pem",
            key=self.folder / f"{file}.key",
        )

    def _certificate(self, name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        self._serial += 1
        return x509.CertificateBuilder(
            issuer_name=self._name,
            subject_name=name,
            public_key=key.public_key(),
            serial_number=self._serial,
            not_valid_before=now - timedelta(days=1),
            not_valid_after=now + timedelta(days=90),
        )

    def _write(self, file: str, certificate: x509.CertificateBuilder) -> None:
        signed = certificate.sign(self._key, hashes.SHA256())
        (self.folder / file).write_bytes(signed.public_bytes(serialization.Encoding.PEM))


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
