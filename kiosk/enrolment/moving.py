"""A terminal that is carried to another place: another name, another certificate, and no message lost.

What it has to say under the old name is sent first; then the hall is asked for the new name, and gives up the
old one with it. Stopped in between it is run again: the token's answer is the same, and the store is told of
the move once. Between the two no terminal starts, since settings and certificate name different places.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from config.enrolment import Token
from config.settings import Settings
from kiosk.data import journal
from kiosk.data.ledger import note
from kiosk.data.store import Store, Transaction
from kiosk.data.vault import Vault
from kiosk.enrolment import enrolment, identity, last_words
from kiosk.enrolment.enrolled_settings import name_of
from kiosk.enrolment.identity import Identity, IdentityError

SEND_SECONDS = 60.0
MOVED, PLACE = "moved", "place"  # in `meta`: the journal's entry, and the name since


def move(settings: Settings, url: str, token: Token, trust: Path | None = None) -> tuple[Identity, str]:
    """The identity at the place that the settings name, and which place the hall gave up (empty: none).

    `url` is the desk there. IdentityError; StoreError while a terminal runs on the folder.
    """
    old = _leaving(settings, token)
    new = name_of(settings)
    if old.home.terminal == new:
        return old, ""
    with closing(Store(settings.data)) as store, identity.alone(settings.data):
        _all_said(settings, store, old)
        granted = enrolment.asked(settings, url, token, trust)
        vault = Vault(settings.data)
        store.write_sync(lambda tx: _begin_anew(tx, vault, old.home.terminal, new))
        return enrolment.adopt(settings.data, granted, token), granted.issued.left


def _leaving(settings: Settings, token: Token) -> Identity:
    """Who the terminal is until now, or already since, if this token has done it before."""
    found = identity.read(settings.data)
    if found is None:
        raise IdentityError("not_enrolled", "this folder is enrolled nowhere: run `main.py enroll`")
    if found.home.terminal == name_of(settings) and found.home.token != token.digest:
        raise IdentityError(
            "same_place",
            f"settings and certificate both say {found.home.terminal}: write area, hall and kiosk of the new"
            " place into the settings, then run it again",
        )
    return found


def _all_said(settings: Settings, store: Store, old: Identity) -> None:
    if open_ones := last_words.unsettled(store):
        raise IdentityError(
            "unsettled",
            f"{len(open_ones)} matters of {old.home.terminal} have no end yet ({open_ones[0]}): start the"
            " terminal with its old settings until they are settled (`main.py papers list`), then move it",
        )
    if left := last_words.send(settings, store, old, SEND_SECONDS):
        raise IdentityError(
            "unsent",
            f"{left} messages of {old.home.terminal} are not with its hall yet: give it a line to"
            f" {old.home.broker_host}:{old.home.broker_port} and run it again; if the certificate there is"
            " withdrawn or expired, enrol it there once more first",
        )


def _begin_anew(tx: Transaction, vault: Vault, old: str, new: str) -> None:
    """The store at the new place: the journal goes on, nothing of the old name is told under the new one."""
    row = tx.execute("SELECT value FROM meta WHERE name = ?", (PLACE,)).fetchone()
    if row is not None and row[0] == new:
        return
    entry = journal.append(tx, vault, "", MOVED, {"from": old, "to": new})
    tx.execute("DELETE FROM outbox_kept")
    tx.execute("DELETE FROM late_health")
    tx.execute("DELETE FROM meta WHERE name IN ('configuration', 'generation')")
    note(tx, PLACE, new)
    note(tx, MOVED, str(entry.n))
