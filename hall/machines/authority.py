"""Who vouches for the machines: the hall's own small certificate authority, or somebody else's.

Its own is an EC P-256 key in `{data}/authority/`, made at first need, mode 0600. What it signs gets its
name from us and never from the request, of which only the public key is taken.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import ipaddress
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlalchemy import select

from config.enrolment import LONGEST_NAME
from hall.data import store
from hall.data.tables import meta
from hall.machines import whole_files
from hall.settings import HallSettings

ROOT_DAYS = 3650 * 2
SERVER_DAYS = 825
EARLIER = timedelta(minutes=5)  # a terminal's clock may be behind ours
CURVES = (ec.SECP256R1, ec.SECP384R1)
RSA_BITS = (2048, 4096)

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


class AuthorityError(Exception):
    """Something cannot be issued or believed. `code` names it, `remedy` says what to do."""

    def __init__(self, code: str, remedy: str) -> None:
        super().__init__(f"{code}: {remedy}")
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True)
class Authority:
    """Whom terminals trust. `chain` stands between it and what it issues; no `key`: it is external."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | None
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def der(self) -> bytes:
        """What a token's digest is of."""
        return self.certificate.public_bytes(serialization.Encoding.DER)

    @property
    def pem(self) -> str:
        """For the terminal's `authority.pem`."""
        return _pem(self.certificate)

    def with_chain(self, certificate: x509.Certificate | str) -> str:
        """The certificate as PEM, with those between it and the authority behind it."""
        own = certificate if isinstance(certificate, str) else _pem(certificate)
        return own + "".join(_pem(one) for one in self.chain)

    def issued(self, certificate: x509.Certificate) -> bool:
        """Whether it, or the one below it, signed this certificate."""
        for issuer in (self.certificate, *self.chain):
            with contextlib.suppress(ValueError, TypeError, InvalidSignature):
                certificate.verify_directly_issued_by(issuer)
                return True
        return False


def open_authority(settings: HallSettings) -> Authority:
    """The authority of this hall; its own is made where there never was one. AuthorityError, OSError.

    The store remembers it: on another server, or a new disk, no second one is made beside it.
    """
    external = settings.machines.authority
    if external is not None:
        return _external(external.certificate)
    folder = settings.data / "authority"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        if not (folder / "certificate.pem").exists():
            _make_first(settings, folder)
    certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
    key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
        raise AuthorityError("authority_broken", f"key and certificate in {folder} differ: restore both")
    return Authority(certificate, key)


def _external(path: Path) -> Authority:
    try:
        issuing, *above = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise AuthorityError("authority_broken", f"{path} holds no certificate that can be read") from None
    if not above:
        return Authority(issuing, None)
    return Authority(above[-1], None, (issuing, *above[:-1]))


def begin_anew(settings: HallSettings) -> Authority:
    """A new authority in place of one that is lost or stolen; what is left of that is kept beside it."""
    folder = settings.data / "authority"
    if folder.exists():
        os.rename(folder, folder.with_name(f"authority-until-{datetime.now(UTC):%Y%m%d-%H%M%S}"))
    _remember(settings, "")
    return open_authority(settings)


def _make_first(settings: HallSettings, folder: Path) -> None:
    if _remembered(settings):
        raise AuthorityError(
            "authority_missing",
            f"{folder} is empty, but this hall has an authority: copy it from the server or the backup that"
            " has it; if it is lost, `hall machine authority --anew`",
        )
    _make(folder, f"{settings.area}/{settings.hall}")
    _remember(settings, hashlib.sha256((folder / "certificate.pem").read_bytes()).hexdigest())


def _remembered(settings: HallSettings) -> str:
    engine = store.open_store(settings)
    try:
        with engine.connect() as tx:
            return tx.scalar(select(meta.c.value).where(meta.c.key == "authority")) or ""
    finally:
        engine.dispose()


def _remember(settings: HallSettings, digest: str) -> None:
    engine = store.open_store(settings)
    try:
        with engine.begin() as tx:
            statement = store.insert(tx.dialect.name, meta).values(key="authority", value=digest)
            tx.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": digest}))
    finally:
        engine.dispose()


def _make(folder: Path, whose: str) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Terminals {whose}"[:LONGEST_NAME])])
    usage = _usage(cert_sign=True, crl_sign=True)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now + timedelta(days=ROOT_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    whole_files.write_private(
        folder / "key.pem", private_pem(key)
    )  # before its certificate, which says that all is made
    whole_files.write_whole(folder / "certificate.pem", _pem(certificate).encode())


# ── what is issued ──────────────────────────────────────────────────────────
def read_request(pem: str) -> x509.CertificateSigningRequest:
    """A request whose key is strong and whose signature is by that key.

    AuthorityError request_invalid, weak_key.
    """
    try:
        request = x509.load_pem_x509_csr(pem.encode("ascii"))
        proper = request.is_signature_valid
        key = request.public_key()
    except Exception:  # whatever a stranger can put into a structure of ASN.1
        raise AuthorityError("request_invalid", "this is no certificate request in PEM") from None
    if not proper:
        raise AuthorityError("request_invalid", "the request is not signed by its own key: make a new one")
    strong_key(key)
    return request


def strong_key(key: object) -> PublicKey:
    """The key, when it is one that we certify. AuthorityError weak_key."""
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, CURVES):
        return key
    if isinstance(key, rsa.RSAPublicKey) and RSA_BITS[0] <= key.key_size <= RSA_BITS[1]:
        return key
    raise AuthorityError("weak_key", "use EC P-256 or P-384, or RSA of 2048 to 4096 bits")


def key_digest(key: PublicKey) -> str:
    """SHA-256 of the public key, hex: by it a key is known again."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def client_certificate(authority: Authority, name: str, key: PublicKey, days: int) -> x509.Certificate:
    """A certificate by which `name` (a terminal's path, a process of the hall) proves itself to the broker.

    AuthorityError name_too_long, authority_external.
    """
    if len(name) > LONGEST_NAME:
        raise AuthorityError(
            "name_too_long",
            f"{name} has {len(name)} characters and a certificate's name at most {LONGEST_NAME}:"
            " shorten area, hall or kiosk",
        )
    return _issue(authority, name, key, days, ExtendedKeyUsageOID.CLIENT_AUTH, [])


def server_certificate(
    authority: Authority, names: Sequence[str], key: PublicKey, days: int = SERVER_DAYS
) -> x509.Certificate:
    """A certificate by which the broker or the desk proves itself under these host names or addresses."""
    others: list[x509.GeneralName] = []
    for name in names:
        try:
            others.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            others.append(x509.DNSName(name))
    return _issue(authority, names[0][:LONGEST_NAME], key, days, ExtendedKeyUsageOID.SERVER_AUTH, others)


def _issue(
    authority: Authority,
    name: str,
    key: PublicKey,
    days: int,
    purpose: x509.ObjectIdentifier,
    names: list[x509.GeneralName],
) -> x509.Certificate:
    if authority.key is None:
        raise AuthorityError(
            "authority_external", "export the request, have it signed, import the certificate"
        )
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(authority.certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(min(now + timedelta(days=days), authority.certificate.not_valid_after_utc))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False
        )
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return builder.sign(authority.key, hashes.SHA256())


def _usage(*, signature: bool = False, cert_sign: bool = False, crl_sign: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def revocation_list(
    authority: Authority, revoked: Sequence[tuple[int, datetime]], this_update: datetime
) -> bytes:
    """The list of revoked serials, PEM. It holds as long as the authority does.

    A broker that finds its list out of date admits nobody; so it says no date at which it would be.
    """
    if authority.key is None:
        raise AuthorityError("authority_external", "the authority publishes its own list")
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(authority.certificate.subject)
        .last_update(this_update)
        .next_update(authority.certificate.not_valid_after_utc)
    )
    for serial, at in revoked:
        one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at).build()
        builder = builder.add_revoked_certificate(one)
    listed = builder.sign(authority.key, hashes.SHA256())
    return listed.public_bytes(serialization.Encoding.PEM)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """A key as unencrypted PKCS #8."""
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
