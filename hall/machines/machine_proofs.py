"""How a machine shows the hall who it is: a certificate of our authority, and a signature by its key."""

from __future__ import annotations

from base64 import b64decode

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from hall.machines.authority import Authority, AuthorityError

STRANGER = ("not_ours", "this certificate is not of this hall's authority: enrol with a token")


def believed(whose: Authority, pem: str) -> tuple[x509.Certificate, str]:
    """The certificate and whom it names, if the authority signed it. AuthorityError not_ours."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode("ascii"))
        name = common_name(certificate)
    except Exception:  # whatever a stranger can put into a structure of ASN.1
        raise AuthorityError(*STRANGER) from None
    if not whose.issued(certificate):
        raise AuthorityError(*STRANGER)
    return certificate, name


def common_name(certificate: x509.Certificate) -> str:
    """Whom it names; empty when it names nobody."""
    found = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if len(found) == 1 else ""


def check_signature(current: x509.Certificate, signature: str, signed: bytes) -> None:
    """Whether the key of `current` signed these bytes (Base64, SHA-256). AuthorityError wrong_signature."""
    key = current.public_key()
    try:
        raw = b64decode(signature, validate=True)
        if isinstance(key, ec.EllipticCurvePublicKey):
            return key.verify(raw, signed, ec.ECDSA(hashes.SHA256()))
        if isinstance(key, rsa.RSAPublicKey):
            return key.verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, ValueError):
        pass
    raise AuthorityError("wrong_signature", "the request is not signed by the current key")
