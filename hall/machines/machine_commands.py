"""What `hall machine …` and `hall broker-config` do: machines are let in and shut out at the server."""

from __future__ import annotations

import hashlib
import sys
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import segno
from cryptography import x509
from sqlalchemy import Connection, select

from hall.access import audit
from hall.data import store
from hall.data.desk_tables import certificates, signing_requests
from hall.data.desk_tables import machines as machine_rows
from hall.machines import authority, broker_files, machine_certificates, machine_proofs, machines
from hall.machines.authority import Authority, AuthorityError
from hall.machines.broker_files import PROCESSES, BrokerPlan
from hall.settings import HallSettings


def token(settings: HallSettings, path: str, picture: Path | None) -> int:
    """A one-time token for a terminal, and as a picture to scan if wanted."""

    def work(tx: Connection) -> int:
        made = machines.make_token(
            tx, settings, authority.open_authority(settings), path, audit.at_the_server(), _now()
        )
        if picture is not None:
            segno.make(str(made).replace("-", ""), error="m").save(str(picture), scale=8)
        hours = f"{settings.machines.token_hours:g}"
        print(f"terminal {path}, once, within {hours} hours:\n\n  {made}\n")
        return 0

    return _do(settings, work)


def move(settings: HallSettings, old: str, new: str) -> int:
    """A one-time token with which the terminal of one place becomes that of another."""

    def work(tx: Connection) -> int:
        whose = authority.open_authority(settings)
        made = machines.make_token(tx, settings, whose, new, audit.at_the_server(), _now(), old)
        hours = f"{settings.machines.token_hours:g}"
        print(f"terminal {old} becomes {new}, once, within {hours} hours:\n\n  {made}\n")
        print("at the terminal: put area, hall and kiosk right in its settings, then `main.py move`")
        return 0

    return _do(settings, work)


def show(settings: HallSettings) -> int:
    """Every machine, and until when its certificate holds."""

    def work(tx: Connection) -> int:
        held: dict[str, int] = {}
        c = certificates.c
        for row in tx.execute(select(c.name, c.expires).where(c.revoked == 0)):
            held[row.name] = max(row.expires, held.get(row.name, 0))
        m = machine_rows.c
        listed = [(row.terminal, row.state) for row in tx.execute(select(machine_rows).order_by(m.terminal))]
        listed += [(name, "process") for name in sorted(held) if "/" not in name]
        for name, state in listed:
            print(f"{name:<40} {state:<9} {_until(settings, held.get(name, 0))}")
        print(f"{len(listed)} machines and processes")
        return 0

    return _do(settings, work)


def revoke(settings: HallSettings, path: str, reason: str) -> int:
    """Withdraw a terminal's certificates."""

    def work(tx: Connection) -> int:
        number = machines.revoke(tx, path, reason, audit.at_the_server(), _now())
        print(f"{path}: {number} certificates withdrawn; the hall refuses it from now on")
        return _about_broker(settings)

    return _do(settings, work)


def retire(settings: HallSettings, path: str) -> int:
    """A terminal is gone for good."""

    def work(tx: Connection) -> int:
        number = machines.retire(tx, path, audit.at_the_server(), _now())
        print(f"{path}: retired, {number} certificates withdrawn")
        return _about_broker(settings)

    return _do(settings, work)


def process_certificate(settings: HallSettings, name: str, out: Path) -> int:
    """A certificate for an ingest or scheduler; its earlier one is withdrawn."""

    def work(tx: Connection) -> int:
        if "/" in name or name.partition("-")[0] not in PROCESSES or not name.replace("-", "").isalnum():
            raise AuthorityError("wrong_name", "ingest-1, ingest-2 … or scheduler, scheduler-2 …")
        whose = authority.open_authority(settings)
        machine_certificates.withdraw(tx, name, machine_certificates.SUPERSEDED, _now())
        made = broker_files.write_client(whose, out, name)
        machine_certificates.keep(tx, made, name, "", _now())
        audit.note(
            tx, audit.at_the_server(), "certificate_issued", subject=name, reference=f"{made.serial_number:x}"
        )
        place = "scheduler_tls" if name.startswith("scheduler") else "tls"
        print(f"{out}: certificate.pem, key.pem, authority.pem of {name}, for [broker.{place}]")
        return _about_broker(settings)

    return _do(settings, work)


def server_certificate(settings: HallSettings, names: Sequence[str], out: Path) -> int:
    """A certificate for the broker or the desk."""

    def work(tx: Connection) -> int:
        made = broker_files.write_server(authority.open_authority(settings), out, tuple(names))
        audit.note(
            tx,
            audit.at_the_server(),
            "certificate_issued",
            subject=names[0],
            reference=f"{made.serial_number:x}",
        )
        print(
            f"{out}: certificate.pem and key.pem for {', '.join(names)}, until {made.not_valid_after_utc:%F}"
        )
        return 0

    return _do(settings, work)


def authority_state(settings: HallSettings, anew: bool) -> int:
    """Whose certificates these are; with `anew` another authority from now on."""

    def work(tx: Connection) -> int:
        if anew:
            if settings.machines.authority is not None:
                raise AuthorityError("authority_external", "machines.authority names another: change that")
            authority.begin_anew(settings)
            audit.note(tx, audit.at_the_server(), "authority_anew")
            print("every terminal has to enrol again, and broker-config to be run")
        whose = authority.open_authority(settings)
        digest = hashlib.sha256(whose.der).hexdigest()
        kind = "the hall's own, keep a copy of data/authority" if whose.key is not None else "external"
        print(f"{digest}\n{kind}; until {whose.certificate.not_valid_after_utc:%F}")
        return 0

    return _do(settings, work)


def requests(settings: HallSettings, out: Path) -> int:
    """What the external authority is to sign, one file each."""

    def work(tx: Connection) -> int:
        out.mkdir(parents=True, exist_ok=True)
        rows = tx.execute(select(signing_requests)).all()
        for row in rows:
            file = out / f"{row.terminal.replace('/', '_')}.{row.key[:8]}.csr"
            file.write_text(row.request, encoding="ascii")
            print(f"{file}: to be signed as CN={row.terminal}, clientAuth")
        print(f"{len(rows)} requests")
        return 0

    return _do(settings, work)


def take_in(settings: HallSettings, files: Sequence[Path]) -> int:
    """Certificates that the external authority has signed."""

    def work(tx: Connection) -> int:
        whose = authority.open_authority(settings)
        for file in files:
            print(f"{file.name}: {_import(tx, whose, file)}")
        return 0

    return _do(settings, work)


def _import(tx: Connection, whose: Authority, file: Path) -> str:
    try:
        made = x509.load_pem_x509_certificates(file.read_bytes())[0]
    except (OSError, ValueError):
        raise AuthorityError("request_invalid", f"{file} is no certificate in PEM") from None
    key = authority.key_digest(authority.strong_key(made.public_key()))
    row = tx.execute(select(signing_requests).where(signing_requests.c.key == key)).one_or_none()
    if row is None:
        raise AuthorityError("key_unknown", f"{file}: no request of this hall has that key")
    machines.take_turn(tx, row.terminal)
    if tx.scalar(select(signing_requests.c.key).where(signing_requests.c.key == key)) is None:
        raise AuthorityError("key_unknown", f"{file}: its terminal was revoked meanwhile")
    if machine_proofs.common_name(made) != row.terminal:
        raise AuthorityError("wrong_name", f"{file}: its CN must be {row.terminal}")
    if not whose.issued(made):
        raise AuthorityError("not_ours", f"{file}: it was signed by another than machines.authority")
    machine_certificates.keep(tx, made, row.terminal, row.replaces, _now())
    tx.execute(signing_requests.delete().where(signing_requests.c.key == key))
    audit.note(
        tx,
        audit.at_the_server(),
        "certificate_issued",
        subject=row.terminal,
        reference=f"{made.serial_number:x}",
    )
    return f"{row.terminal}, until {made.not_valid_after_utc:%F}"


def broker_config(settings: HallSettings, plan: BrokerPlan, reload: bool) -> int:
    """The broker's files; with `reload` only what changes with the machines, and the broker is told."""
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        if reload:
            changed = broker_files.refresh(settings, engine, plan.folder)
            told = broker_files.tell_broker(plan.folder)
            print(
                f"{plan.folder}: {'written anew' if changed else 'as it was'};"
                f" {'the broker reads it again' if told else 'no broker runs on it'}"
            )
        else:
            broker_files.write(settings, engine, plan)
            print(f"{plan.folder}: run mosquitto -c {plan.folder.resolve()}/mosquitto.conf")
        return 0
    except (AuthorityError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        engine.dispose()


def _do(settings: HallSettings, work: Callable[[Connection], int]) -> int:
    """One transaction on the store; what it refuses is told, and nothing changed."""
    store.migrate(settings)
    engine = store.open_store(settings)
    try:
        with engine.connect() as tx:
            code = work(tx)
            tx.commit()
        if settings.machines.broker_folder is not None:
            broker_files.keep_fresh(engine, settings, _now())
        return code
    except (AuthorityError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        engine.dispose()


def _about_broker(settings: HallSettings) -> int:
    if settings.machines.broker_folder is None:
        print("tell the broker: main.py hall broker-config --reload --out DIR")
    return 0


def _until(settings: HallSettings, expires: int) -> str:
    if not expires:
        return "no certificate"
    moment = datetime.fromtimestamp(expires / 1000, ZoneInfo(settings.desk.timezone))
    return f"until {moment:%Y-%m-%d %H:%M}" if expires > _now() else f"EXPIRED {moment:%Y-%m-%d %H:%M}"


def _now() -> int:
    return int(time.time() * 1000)
