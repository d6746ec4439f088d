"""The issuer of the citizens' app, as the platform trusts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from config import app_code


@dataclass(frozen=True)
class Issuer:
    """Its key, and the file of its public one."""

    key: Ed25519PrivateKey
    trust: Path

    def code(self, person: str, now: datetime) -> str:
        """What the app of a citizen shows at this moment."""
        return app_code.write(app_code.new_ticket(app_code.account_of(person), now), self.key)


def new_issuer(folder: Path) -> Issuer:
    """One with a key of its own."""
    key = Ed25519PrivateKey.generate()
    trust = folder / "app-issuer.pem"
    trust.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return Issuer(key, trust)
