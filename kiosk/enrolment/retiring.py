"""The end of a terminal: all is said, the hall knows, and the keys are destroyed. Stopped, it is run again.

What is destroyed: the master key with every session's key, the key of the outbox, the terminal's own key and
certificate, the technicians' secrets, drafts and sealed copies. What stays is the journal, sealed for ever,
whose chain still verifies. Overwriting reaches what the disk lets us reach: a disk that leaves the house is
wiped or broken besides.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings
from kiosk import drafts, private_file
from kiosk.data import journal, vault
from kiosk.data.store import FILE, Store, Transaction
from kiosk.enrolment import enrolment, identity, last_words
from kiosk.enrolment.enrolled_settings import RETIRED
from kiosk.enrolment.identity import IdentityError
from kiosk.technician import people

SEND_SECONDS = 60.0
MOST_REASON = 40
_IDENTITIES = "identities"


class NotYet(Exception):
    """Something is unsent or unsettled, or the hall does not know: one line each, and what to do."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True)
class Left:
    """What is still on the disk: a name in the data folder, bytes, and what it is."""

    name: str
    size: int
    what: str


def retire(settings: Settings, anyway: str = "") -> list[Left]:
    """Ends the terminal of this data folder and says what is left on the disk.

    `anyway` is the reason (of at most 40 characters, no person in it) for doing so although something is in
    the way. NotYet; StoreError while a terminal runs on the folder.
    """
    data = settings.data
    if not (data / RETIRED).exists():
        with closing(Store(data)) as store:
            _say_all(settings, store, anyway[:MOST_REASON])
            _note(data)
    destroy(data)
    if settings.technician.people is not None:  # it may lie elsewhere
        _overwrite(settings.technician.people)
    return list(_left(data))


def _say_all(settings: Settings, store: Store, anyway: str) -> None:
    """Everything is with the hall, and it has written the end down; or somebody said why not."""
    found = identity.readable(settings.data)
    reasons = [f"{one}: settle it (`main.py papers list`)" for one in last_words.unsettled(store)]
    left = last_words.send(settings, store, found, SEND_SECONDS) if found else last_words.unsent(store)
    if left:
        reasons.append(f"{left} messages are not with the hall: give the terminal its line and run it again")
    if reasons and not anyway:
        raise NotYet(reasons)
    own = vault.Vault(settings.data)
    body = {"reason": anyway, "unsent": left, "unsettled": len(last_words.unsettled(store))}
    store.write_sync(lambda tx: journal.append(tx, own, "", "retired", body))
    if found is None:
        return
    try:
        enrolment.retire(found, anyway)
    except IdentityError as error:
        if not anyway:
            raise NotYet([f"the hall did not confirm it: {error}"]) from None


def destroy(data: Path) -> None:
    """Destroys the keys and what is kept for people. Done again it does nothing more."""
    _overwrite(data / vault.FILE)  # first: without it nothing that lies sealed can be read
    _overwrite(data / people.KEY_FILE)
    for folder in (data / _IDENTITIES, data / drafts.FOLDER):
        for file in folder.rglob("*") if folder.is_dir() else ():
            if file.is_file() and not file.is_symlink():
                _overwrite(file)
        shutil.rmtree(folder, ignore_errors=True)
    identity.link(data).unlink(missing_ok=True)
    if (data / FILE).exists():
        with closing(Store(data)) as store:
            store.write_sync(_forget)
            store.scrub()


def _forget(tx: Transaction) -> None:
    tx.execute("DELETE FROM session_keys")
    tx.execute("DELETE FROM sealed_copies")
    tx.execute("DELETE FROM outbox")
    tx.execute("DELETE FROM outbox_kept")
    tx.execute("DELETE FROM late_health")
    tx.execute("DELETE FROM dead_letters")
    tx.execute("DELETE FROM meta WHERE name = 'outbox_key'")  # it is there wrapped


def _overwrite(file: Path) -> None:
    """Gone, and its content with it as far as the disk lets us."""
    if file.is_symlink() or not file.is_file():
        return
    with file.open("r+b") as content:
        content.write(os.urandom(file.stat().st_size))
        content.flush()
        os.fsync(content.fileno())
    file.unlink()


def _note(data: Path) -> None:
    """From now on this folder starts no terminal, and running it again destroys what is left."""
    private_file.write(data / RETIRED, b"retired\n")


def _left(data: Path) -> Iterator[Left]:
    known = {FILE: "journal and counters; what was sealed can never be read again", "logs": "the logs"}
    for one in sorted(data.iterdir()):
        if one.name != RETIRED:
            size = sum(f.lstat().st_size for f in one.rglob("*")) if one.is_dir() else one.lstat().st_size
            yield Left(one.name, size, known.get(one.name, ""))
