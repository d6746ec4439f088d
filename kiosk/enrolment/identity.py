"""Who this terminal is to the hall: its key, its certificate, and whom it believes.

`{data}/identity` is what the link uses: `key.pem` (mode 0600; it never leaves this disk),
`certificate.pem`, `authority.pem`, `hall.json`, and in `configuration.json` what the hall wanted to be set
when it gave the certificate. It is a link to a folder of one certificate, so that all change in one step.
The key of the certificate that is being asked for waits beside them until the answer has come: whatever
stops in between, the same question can be asked again. A waiting key that the disk has damaged is replaced:
where the hall has given a certificate for it, its refusal says what to do.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import itertools
import json
import os
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from config.enrolment import Issued
from mqtt.messages import ConfigurationDesired

SPREAD = 1 / 12  # of its life: by so much the renewals of a hall's terminals differ
NEXT = "next.pem"  # in `identities`: the key of the question that is open
_SHORT_OF = (errno.EMFILE, errno.ENFILE, errno.ENOMEM)  # what says nothing about a file
# What a certificate raises of which the disk has changed a byte, and some of it only when it is asked.
_DAMAGES = (OSError, ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm)
_log = structlog.get_logger("kiosk.enrolment.identity")


class IdentityError(Exception):
    """What the hall sent, or what is on the disk, cannot be used. `code` names it, `remedy` what to do."""

    def __init__(self, code: str, remedy: str) -> None:
        super().__init__(f"{code}: {remedy}")
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True)
class Home:
    """Where the terminal's hall is: what `hall.json` holds."""

    url: str  # of the desk
    terminal: str  # area/hall/kiosk
    broker_host: str
    broker_port: int
    token: str = ""  # digest of the token that it was enrolled with
    trust: str = ""  # PEM of another root for the desk, where its certificate is not of the authority


@dataclass(frozen=True)
class Identity:
    """A certificate that the terminal has, with its key and its hall. Times in UTC."""

    folder: Path
    certificate: x509.Certificate
    home: Home

    @property
    def begins(self) -> datetime:
        """Since when the certificate holds."""
        return self.certificate.not_valid_before_utc

    @property
    def ends(self) -> datetime:
        """Until when."""
        return self.certificate.not_valid_after_utc

    @property
    def renew_at(self) -> datetime:
        """Two thirds of its life, and a little later: not all terminals of a hall at once."""
        chance = random.Random(self.certificate.serial_number).random()
        return self.begins + (self.ends - self.begins) * (2 / 3 + SPREAD * chance)

    @property
    def late_at(self) -> datetime:
        """From then on somebody must look: a sixth is left."""
        return self.begins + (self.ends - self.begins) * (5 / 6)

    def key(self) -> ec.EllipticCurvePrivateKey:
        """Its key. IdentityError, also when it is not that of the certificate."""
        path = self.folder / "key.pem"
        try:
            key = _load_key(path.read_bytes())
        except (OSError, ValueError):
            raise _damaged(path) from None
        if key.public_key() != self.certificate.public_key():
            raise _damaged(path)
        return key

    def authority(self) -> x509.Certificate:
        """Whom it believes. IdentityError."""
        path = self.folder / "authority.pem"
        try:
            return _certificate(path)
        except _DAMAGES:
            raise _damaged(path) from None

    def roots(self) -> str:
        """PEM of all that may vouch for the hall's desk: the authority, and another root. IdentityError."""
        believed = self.authority().public_bytes(serialization.Encoding.PEM)
        return believed.decode("ascii") + self.home.trust


def link(data: Path) -> Path:
    """What the settings' `[link.tls]` point into."""
    return data / "identity"


def read(data: Path) -> Identity | None:
    """The identity on this disk; None where there is none. IdentityError when it is damaged."""
    folder = link(data)
    if not folder.exists():
        return None
    try:
        folder = folder.resolve()
        certificate = _certificate(folder / "certificate.pem")
        home = Home(**json.loads((folder / "hall.json").read_text(encoding="utf-8")))
        return Identity(folder, certificate, home)
    except _DAMAGES:
        raise _damaged(folder) from None


def configuration(data: Path) -> ConfigurationDesired:
    """What the hall wanted to be set when it gave the certificate; version 0 where nothing is known."""
    try:
        told = json.loads((link(data) / "configuration.json").read_text(encoding="utf-8"))
        return ConfigurationDesired(int(told["version"]), dict(told["values"]))
    except (OSError, ValueError, KeyError, TypeError):
        return ConfigurationDesired(0)


def readable(data: Path) -> Identity | None:
    """The identity on this disk; None where there is none that can be read."""
    try:
        return read(data)
    except IdentityError:
        return None


@contextlib.contextmanager
def alone(data: Path) -> Iterator[None]:
    """Nobody else asks for a certificate, or takes one in use, meanwhile. IdentityError busy.

    Two at once would each clear away what the other has just made. A stop lets go of it.
    """
    folder = os.open(_folder(data), os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise IdentityError("busy", "a certificate is being asked for here: run it again later") from None
        yield
    finally:
        os.close(folder)


# ── the next certificate ────────────────────────────────────────────────────
def next_key(data: Path) -> ec.EllipticCurvePrivateKey:
    """The key to ask a certificate for: the one of a question that is still open, or a new one. OSError."""
    waiting = _folder(data) / NEXT
    key = _waiting_key(waiting)
    now = readable(data)
    if key is not None and (now is None or now.certificate.public_key() != key.public_key()):
        return key
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    _clear(waiting)
    _write(waiting, text, 0o600)
    return key


def _waiting_key(path: Path) -> ec.EllipticCurvePrivateKey | None:
    """The key in the file; None where there is none, or none that can be used. OSError when this program
    has no room to read it now."""
    try:
        return _load_key(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno in _SHORT_OF:
            raise
        _log.warning(
            "next_key_damaged", file=NEXT, remedy="a new key is made; if it comes again, look at the disk"
        )
        return None


def forget_next_key(data: Path) -> None:
    """The hall will give no certificate for it."""
    _clear(_folder(data) / NEXT)


def _clear(path: Path) -> None:
    """Nothing is there any more, whatever a damaged disk has made of it."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def request(key: ec.EllipticCurvePrivateKey, terminal: str) -> x509.CertificateSigningRequest:
    """The certificate request; the hall takes only the key from it."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, terminal)])
    return x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())


def adopt(
    data: Path, key: ec.EllipticCurvePrivateKey, issued: Issued, home: Home, believed: bytes
) -> Identity:
    """From now on the terminal is who this certificate says. `believed` is the authority's SHA-256.

    IdentityError authority_wrong, certificate_wrong, clock_wrong.
    """
    certificate = _checked(key, issued, home.terminal, believed)
    base = _folder(data)
    made = base / f"{certificate.serial_number:x}"
    part = base / f".{made.name}"
    for old in (part, made):
        if old != link(data).resolve():
            shutil.rmtree(old, ignore_errors=True)
    if not made.exists():
        part.mkdir(mode=0o700)
        form = serialization.PrivateFormat.PKCS8
        text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        _write(part / "key.pem", text, 0o600)
        _write(part / "certificate.pem", issued.certificate.encode())
        _write(part / "authority.pem", issued.authority.encode())
        _write(part / "hall.json", json.dumps(home.__dict__, indent=1).encode())
        wanted = {"version": issued.configuration_version, "values": issued.configuration}
        _write(part / "configuration.json", json.dumps(wanted).encode())
        os.rename(part, made)
        _sync(base)
    _point(data, made)
    forget_next_key(data)
    for other in base.iterdir():
        if other.is_dir() and other != made:
            shutil.rmtree(other, ignore_errors=True)
    return Identity(made, certificate, home)


def _checked(
    key: ec.EllipticCurvePrivateKey, issued: Issued, terminal: str, believed: bytes
) -> x509.Certificate:
    try:
        authority = x509.load_pem_x509_certificate(issued.authority.encode("ascii"))
        own, *between = x509.load_pem_x509_certificates(issued.certificate.encode("ascii"))
        if hashlib.sha256(authority.public_bytes(serialization.Encoding.DER)).digest() != believed:
            raise IdentityError("authority_wrong", "the hall has another authority now: ask for a new token")
        chain = [own, *between, authority]
        for one, above in itertools.pairwise(chain):
            one.verify_directly_issued_by(above)
        names = own.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    except (ValueError, TypeError, InvalidSignature):
        raise IdentityError("certificate_wrong", "the hall's answer does not verify: tell the hall") from None
    if own.public_key() != key.public_key() or [name.value for name in names] != [terminal]:
        raise IdentityError("certificate_wrong", "the hall's certificate is for another: tell the hall")
    if not own.not_valid_before_utc <= now() < own.not_valid_after_utc:
        raise clock_wrong(f"the certificate holds from {own.not_valid_before_utc:%F %H:%M} UTC")
    return own


def clock_wrong(seen: str) -> IdentityError:
    """This machine's clock cannot be right, by what was seen elsewhere."""
    return IdentityError(
        "clock_wrong",
        f"here it is {now():%F %H:%M} UTC, {seen}: set the clock (timedatectl set-time), then run it again",
    )


def _point(data: Path, made: Path) -> None:
    """The link, changed in one step."""
    part = data / ".identity"
    part.unlink(missing_ok=True)
    part.symlink_to(made.relative_to(data))
    os.replace(part, link(data))
    _sync(data)


def now() -> datetime:
    """This instant."""
    return datetime.now(UTC)


# ── files ───────────────────────────────────────────────────────────────────
def _folder(data: Path) -> Path:
    folder = data / "identities"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _certificate(path: Path) -> x509.Certificate:
    """The certificate in the file, its key and its times looked at. One of _DAMAGES."""
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    certificate.public_key()
    _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    return certificate


def _load_key(pem: bytes) -> ec.EllipticCurvePrivateKey:
    """The key, if it is one that we make. ValueError."""
    try:
        key = serialization.load_pem_private_key(pem, None)
    except (TypeError, UnsupportedAlgorithm):
        raise ValueError("a key with a password, or of a kind that nobody knows") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise ValueError("a key of another kind")
    return key


def _damaged(path: Path) -> IdentityError:
    return IdentityError("identity_damaged", f"{path} cannot be read: enrol again")


def _write(path: Path, content: bytes, mode: int = 0o644) -> None:
    """Whole or not at all, and on the disk when it returns."""
    part = path.with_name(f".{path.name}")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
