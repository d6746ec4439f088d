"""What is personal, sealed at rest: AES-256-GCM under one key per session.

The session keys lie in the store, wrapped under the terminal's master key. Destroying a session's key
makes everything sealed under it unreadable, while the journal's chain, which is over sealed bytes, still
verifies. The master key is a file that only the terminal's user can read; on a terminal with a TPM it is
sealed there instead, bound to the measured start, and handed over by systemd-creds.

What waits for the hall is sealed too, under a key of its own that lives as long as the store.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.data.store import Transaction
from mqtt.outbox import Executes

FILE = "master.key"
_LAST = "vault"  # in `Transaction.remembered`: the session last sealed for, and its key
_OUTBOX = "outbox_key"  # in `meta` wrapped, in `Transaction.remembered` ready to use
_SEALED = b"\x01"  # what a sealed message begins with; older stores have some in clear, which begin with {
_NONCE = 12  # bytes, random for each seal (NIST SP 800-38D, 8.2.2; a session seals far fewer than 2^32)


class VaultError(Exception):
    """Something cannot be unsealed. `code` is a row of `config/faults.toml`."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.detail = detail


class KeyDestroyed(Exception):
    """What was sealed can never be read again: the session's key has been destroyed, as it should be."""


class Vault:
    """Seals and unseals. Holds the master key; the store's transaction remembers the last session's key."""

    def __init__(self, folder: Path) -> None:
        """Reads the master key of `folder`, or makes it. VaultError when the file is no key."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._master = AESGCM(_master_key(folder / FILE))
        self._outbox: AESGCM | None = None  # as read from what is committed

    def check(self, read: Executes) -> None:
        """VaultError when the master key is not the one that this store was written with."""
        self._outbox_cipher(read)

    def seal(self, tx: Transaction, session: str, row: str, plain: bytes, now: float) -> bytes:
        """`plain` sealed for the row with this id; the session's key is made at first use.

        `now` (seconds since 1970) is when the key's retention begins. The row's id is bound in as
        associated data: a sealed body that is moved to another row does not open.
        """
        last, cipher = tx.remembered.get(_LAST, ("", None))
        if last != session:
            cipher = self._cipher(tx, session) or self._new(tx, session, now)
            tx.remembered[_LAST] = session, cipher
        return _encrypt(cipher, plain, row)

    def unseal(self, read: Executes, session: str, row: str, sealed: bytes) -> bytes:
        """What was sealed. KeyDestroyed after its retention, VaultError when it is damaged."""
        cipher = self._cipher(read, session)
        if cipher is None:
            raise KeyDestroyed(session)
        try:
            return _decrypt(cipher, sealed, row)
        except InvalidTag:
            raise VaultError("terminal_journal_broken", f"the sealed body of {row} does not open") from None

    def destroy(self, tx: Transaction, session: str) -> bool:
        """Destroys a session's key. False when there was none.

        SQLite overwrites the row (secure_delete); `Store.scrub` then clears the copy in its log.
        """
        tx.remembered.pop(_LAST, None)
        return tx.execute("DELETE FROM session_keys WHERE session = ?", (session,)).rowcount == 1

    def destroy_expired(self, tx: Transaction, now: float, retention_days: float) -> int:
        """Destroys every key older than the retention. Returns how many."""
        tx.remembered.pop(_LAST, None)
        older = now - retention_days * 86400
        return tx.execute("DELETE FROM session_keys WHERE created < ?", (older,)).rowcount

    def seal_message(self, tx: Transaction, id: str, payload: bytes) -> bytes:
        """A message as it lies in the outbox. The key is made at first use."""
        cipher = tx.remembered.get(_OUTBOX)
        if cipher is None:
            cipher = self._outbox_cipher(tx)
            if cipher is None:
                key = AESGCM.generate_key(256)
                wrapped = _encrypt(self._master, key, _OUTBOX).hex()
                tx.execute("INSERT INTO meta VALUES (?, ?)", (_OUTBOX, wrapped))
                cipher = AESGCM(key)
            tx.remembered[_OUTBOX] = cipher
        return _SEALED + _encrypt(cipher, payload, id)

    def open_message(self, read: Executes, id: str, sealed: bytes) -> bytes:
        """A message as it goes over the wire; `read` sees what is committed. VaultError: damaged."""
        if sealed[:1] != _SEALED:
            return sealed
        if self._outbox is None:
            self._outbox = self._outbox_cipher(read)
        try:
            if self._outbox is None:
                raise InvalidTag
            return _decrypt(self._outbox, sealed[1:], id)
        except InvalidTag:
            raise VaultError("terminal_store_failed", f"message {id} does not open") from None

    def _outbox_cipher(self, read: Executes) -> AESGCM | None:
        """The key of the outbox, ready to use; None before the first message."""
        found = read.execute("SELECT value FROM meta WHERE name = ?", (_OUTBOX,)).fetchone()
        if found is None:
            return None
        try:
            return AESGCM(_decrypt(self._master, bytes.fromhex(found[0]), _OUTBOX))
        except (InvalidTag, ValueError):
            raise VaultError("terminal_key_missing", "the master key is not the one of this store") from None

    def _new(self, tx: Transaction, session: str, now: float) -> AESGCM:
        key = AESGCM.generate_key(256)
        wrapped = _encrypt(self._master, key, session)
        tx.execute("INSERT INTO session_keys VALUES (?, ?, ?)", (session, wrapped, now))
        return AESGCM(key)

    def _cipher(self, read: Executes, session: str) -> AESGCM | None:
        """The session's key, ready to use; None when there is none (any more)."""
        found = read.execute("SELECT wrapped FROM session_keys WHERE session = ?", (session,)).fetchone()
        if found is None:
            return None
        try:
            return AESGCM(_decrypt(self._master, bytes(found[0]), session))
        except InvalidTag:
            raise VaultError("terminal_key_missing", "the master key is not the one of this store") from None


def _encrypt(cipher: AESGCM, plain: bytes, bound_to: str) -> bytes:
    nonce = os.urandom(_NONCE)
    return nonce + cipher.encrypt(nonce, plain, bound_to.encode())


def _decrypt(cipher: AESGCM, sealed: bytes, bound_to: str) -> bytes:
    if len(sealed) < _NONCE + 16:
        raise InvalidTag
    return cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to.encode())


def _master_key(path: Path) -> bytes:
    """The key in the file; made first when there is none, whole or not at all."""
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(32))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    path.chmod(0o600)
    key = path.read_bytes()
    if len(key) != 32:
        raise VaultError("terminal_key_missing", "the master key's file is damaged")
    return key
