"""The issuer of the invented citizens' app: signs the codes that their phones show in place of a card.

Its key is made at its first code, in the bench's folder, for its owner only; the platform trusts the public
one beside it by its settings. Nobody else's app is signed by it.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from config import app_code
from config.people import Person

PRIVATE, PUBLIC = "app-issuer.key", "app-issuer.pem"


class AppIssuer:
    """The issuer whose key lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def code(self, person: Person) -> str:
        """What the person's app shows at this moment: good once, for a minute."""
        ticket = app_code.new_ticket(app_code.account_of(person.key), datetime.now(UTC))
        return app_code.write(ticket, self._key())

    def _key(self) -> Ed25519PrivateKey:
        kept = self._folder / PRIVATE
        if kept.is_file():
            key = load_pem_private_key(kept.read_bytes(), None)
            assert isinstance(key, Ed25519PrivateKey)
        else:
            key = Ed25519PrivateKey.generate()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            with open(kept, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                file.write(pem)
        public = self._folder / PUBLIC
        if not public.is_file():
            public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        return key
