"""The machines of a hall: let in by a token, renewed, moved and ended, as rows.

Who calls opens the transaction. Their certificates: `machine_certificates.py`.
A terminal is `enrolled`, `revoked` (its certificates are withdrawn; a new token lets it in again), `moved`
(it has another name now) or `retired` (for good). Every act stands in the audit, in the same transaction.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import Connection, Row, select, update

from config.enrolment import (
    LONGEST_NAME,
    Enrol,
    Issued,
    Renew,
    Retire,
    Retired,
    Token,
    new_token,
    signed_for_renewal,
    signed_for_retirement,
)
from hall.access import audit
from hall.data import store
from hall.data.desk_tables import certificates, enrol_tokens, machines
from hall.machines import authority, machine_certificates
from hall.machines.authority import Authority, AuthorityError
from hall.machines.machine_proofs import STRANGER, believed, check_signature
from hall.settings import HallSettings

ENROLLED, REVOKED, RETIRED = "enrolled", "revoked", "retired"
MOVED = "moved"  # to another place, under another name; this one may be given to another machine
_PATH = re.compile(r"[A-Za-z0-9_-]{1,36}(/[A-Za-z0-9_-]{1,36}){2}")


def check_path(path: str) -> str:
    """The terminal's path, if it is one that a certificate can name. AuthorityError."""
    if not _PATH.fullmatch(path):
        raise AuthorityError("wrong_path", "write AREA/HALL/KIOSK, each 1 to 36 letters, digits, - or _")
    if len(path) > LONGEST_NAME:
        raise AuthorityError(
            "name_too_long",
            f"{path} has {len(path)} characters and a certificate's name at most {LONGEST_NAME}:"
            " shorten area, hall or kiosk",
        )
    return path


# ── tokens ──────────────────────────────────────────────────────────────────
def make_token(
    tx: Connection,
    settings: HallSettings,
    whose: Authority,
    path: str,
    actor: str,
    now: int,
    moved_from: str = "",
) -> Token:
    """A token for the terminal at `path`; an earlier one that nobody has used is void. `now` in ms.

    `moved_from`: where that terminal is enrolled until it uses the token. AuthorityError wrong_path,
    name_too_long, retired; for a move also unknown_terminal, taken.
    """
    check_path(path)
    if moved_from:
        _check_move(tx, moved_from, path)
    if state(tx, path) == RETIRED:
        raise AuthorityError("retired", f"{path} was retired: give the new machine another name")
    token = new_token(whose.der)
    t = enrol_tokens.c
    tx.execute(
        update(enrol_tokens).where(t.terminal == path, t.used == 0, t.expires > now).values(expires=now)
    )
    expires = now + int(settings.machines.token_hours * 3_600_000)
    row = {"digest": token.digest, "terminal": path, "actor": actor, "made": now, "expires": expires}
    row |= {"moved_from": moved_from}
    tx.execute(enrol_tokens.insert().values(row))
    _note(tx, actor, "machine_token", path, detail=f"moved from {moved_from}" if moved_from else "")
    return token


def _check_move(tx: Connection, old: str, new: str) -> None:
    if state(tx, old) not in (ENROLLED, REVOKED):
        raise AuthorityError("unknown_terminal", f"{old} is not enrolled here: `hall machine list` has them")
    if old == new:
        raise AuthorityError("wrong_path", "name the place where it is, and the other one where it goes")
    if state(tx, new) == ENROLLED:
        raise AuthorityError("taken", f"{new} is another machine's: retire or move that one first")


def enrol(tx: Connection, settings: HallSettings, whose: Authority, told: Enrol, now: int) -> Issued:
    """The certificate for whoever has the token. The same key may fetch it again while the token holds.

    AuthorityError token_unknown, token_used, token_late, token_other_terminal, request_invalid, weak_key,
    key_known, retired; Pending.
    """
    path: str = _token(tx, told.token).terminal
    request = authority.read_request(told.request)
    key = authority.key_digest(authority.strong_key(request.public_key()))
    take_turn(tx, path)
    row = _token(tx, told.token)
    if told.terminal != path:
        raise AuthorityError(
            "token_other_terminal", "the token is for another terminal: compare the settings"
        )
    if row.expires <= now:
        raise AuthorityError("token_late", "the token's time is over: ask the hall for a new one")
    if state(tx, path) == RETIRED:
        raise AuthorityError("retired", "this terminal was retired: give the new machine another name")
    free = enrol_tokens.c.digest == row.digest, enrol_tokens.c.used == 0
    first = tx.execute(update(enrol_tokens).where(*free).values(used=now, key=key)).rowcount == 1
    if not first and _token(tx, told.token).key != key:
        raise AuthorityError("token_used", "the token was used already: ask the hall for a new one")
    if first:
        machine_certificates.withdraw(tx, path, machine_certificates.SUPERSEDED, now, but=key)
        _set_state(tx, path, ENROLLED, now)
        _note(tx, f"terminal:{path}", "machine_enrolled", path, reference=key[:16])
        if row.moved_from and state(tx, row.moved_from) in (ENROLLED, REVOKED):
            _end(tx, row.moved_from, MOVED, f"moved to {path}", f"terminal:{path}", now)
    if known := machine_certificates.known(tx, path, key):
        return machine_certificates.issued(tx, settings, whose, path, known, row.moved_from)
    if not first and whose.key is not None:
        raise AuthorityError("token_used", "its certificate was withdrawn since: ask for a new token")
    made = machine_certificates.sign(tx, settings, whose, path, request, "", now)
    return machine_certificates.issued(tx, settings, whose, path, made, row.moved_from)


def _token(tx: Connection, secret: str) -> Row[Any]:
    try:
        digest = hashlib.sha256(bytes.fromhex(secret)).hexdigest()
    except ValueError:
        digest = ""
    row = tx.execute(select(enrol_tokens).where(enrol_tokens.c.digest == digest)).one_or_none()
    if row is None:
        raise AuthorityError("token_unknown", "this hall knows no such token: ask it for a new one")
    return row


def whose(tx: Connection, told: object) -> str:
    """The terminal whose token or certificate of ours somebody showed, whatever name they gave; or empty."""
    if isinstance(told, Enrol):
        return str(_token(tx, told.token).terminal)
    if isinstance(told, Renew | Retire):
        serial = f"{x509.load_pem_x509_certificate(told.certificate.encode('ascii')).serial_number:x}"
        return tx.scalar(select(certificates.c.name).where(certificates.c.serial == serial)) or ""
    return ""


# ── certificates ────────────────────────────────────────────────────────────
def renew(tx: Connection, settings: HallSettings, whose: Authority, told: Renew, now: int) -> Issued:
    """A new certificate for who holds the current key. A lost answer: the same new key gets the same one.

    AuthorityError not_ours, wrong_signature, revoked, retired, expired, replaced, request_invalid,
    weak_key, key_known; Pending.
    """
    current, path = believed(whose, told.certificate)
    request = authority.read_request(told.request)
    signed = signed_for_renewal(request.public_bytes(serialization.Encoding.DER))
    check_signature(current, told.signature, signed)
    serial = f"{current.serial_number:x}"
    take_turn(tx, path)
    row = tx.execute(select(certificates).where(certificates.c.serial == serial)).one_or_none()
    if row is None or row.name != path:
        raise AuthorityError(*STRANGER)
    stands = state(tx, path)
    if stands == RETIRED:
        raise AuthorityError("retired", "this terminal was retired")
    if row.revoked or stands != ENROLLED:
        raise AuthorityError("revoked", "its certificate was withdrawn: enrol again with a new token")
    if row.expires <= now:
        raise AuthorityError("expired", "its certificate has expired: enrol again with a new token")
    key = authority.key_digest(authority.strong_key(request.public_key()))
    if key != row.key and (known := machine_certificates.known(tx, path, key)):
        return machine_certificates.issued(tx, settings, whose, path, known)
    if row.replaced:
        raise AuthorityError(
            "replaced", "a newer certificate was issued: use that, or enrol with a new token"
        )
    made = machine_certificates.sign(tx, settings, whose, path, request, serial, now)
    return machine_certificates.issued(tx, settings, whose, path, made)


# ── their end ───────────────────────────────────────────────────────────────
def revoke(tx: Connection, path: str, reason: str, actor: str, now: int) -> int:
    """Withdraw all certificates of a terminal; returns how many. A new token lets it in again.

    AuthorityError unknown_terminal, retired.
    """
    return _end(tx, path, REVOKED, reason, actor, now)


def retire(tx: Connection, path: str, actor: str, now: int, reason: str = "") -> int:
    """The terminal is gone for good: its certificates are withdrawn and its name is not given again."""
    return _end(tx, path, RETIRED, reason or "retired", actor, now)


def retire_itself(
    tx: Connection, settings: HallSettings, whose: Authority, told: Retire, now: int
) -> Retired:
    """For who holds the terminal's key: it is gone for good. Said once more it is the same.

    AuthorityError not_ours, wrong_signature.
    """
    current, path = believed(whose, told.certificate)
    check_signature(current, told.signature, signed_for_retirement(path, told.reason))
    if state(tx, path) == RETIRED:
        return Retired(terminal=path)
    serial = f"{current.serial_number:x}"
    if tx.scalar(select(certificates.c.name).where(certificates.c.serial == serial)) != path:
        raise AuthorityError(*STRANGER)
    if tx.scalar(select(certificates.c.revoked).where(certificates.c.serial == serial)):
        raise AuthorityError("revoked", "its certificate was withdrawn: the hall retires it itself")
    retire(tx, path, f"terminal:{path}", now, told.reason)
    return Retired(terminal=path)


def _end(tx: Connection, path: str, end: str, reason: str, actor: str, now: int) -> int:
    take_turn(tx, path)
    stands = state(tx, path)
    if not stands:
        raise AuthorityError("unknown_terminal", f"{path} was never enrolled: `hall machine list` has them")
    if stands == RETIRED:
        raise AuthorityError("retired", f"{path} is retired already")
    number = machine_certificates.withdraw(tx, path, reason, now)
    t = enrol_tokens.c
    tx.execute(update(enrol_tokens).where(t.terminal == path, t.expires > now).values(expires=now))
    _set_state(tx, path, end, now)
    _note(tx, actor, f"machine_{end}", path, detail=reason)
    return number


def state(tx: Connection, path: str) -> str:
    """enrolled, revoked, retired; empty when it was never enrolled."""
    return tx.scalar(select(machines.c.state).where(machines.c.terminal == path)) or ""


def take_turn(tx: Connection, path: str) -> None:
    """Until the transaction ends nobody else gives this terminal anything or takes it away.

    Else a certificate that is issued while its terminal is revoked would stand in no list.
    """
    m = machines.c
    tx.execute(update(machines).where(m.terminal == path).values(changed=m.changed))


def _set_state(tx: Connection, path: str, new: str, now: int) -> None:
    row = {"terminal": path, "state": new, "enrolled": now, "changed": now}
    statement = store.insert(tx.dialect.name, machines).values(row)
    again = {"state": new, "changed": now} | ({"enrolled": now} if new == ENROLLED else {})
    tx.execute(statement.on_conflict_do_update(index_elements=["terminal"], set_=again))


def _note(tx: Connection, actor: str, act: str, path: str, reference: str = "", detail: str = "") -> None:
    audit.note(tx, actor, act, area=path.partition("/")[0], subject=path, reference=reference, detail=detail)
