"""The broker's files: mosquitto's configuration, who may say what, and who is revoked.

`hall broker-config` writes them all; what changes with the machines (access list, revocations, the broker's
own certificate) is written anew by `--reload` and by the scheduler, and the broker told by SIGHUP, upon
which it reads them again (docs/decisions/092-broker-files.md).
"""

from __future__ import annotations

import contextlib
import fcntl
import getpass
import os
import pwd
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, Engine, select

from hall.data.desk_tables import certificates
from hall.machines import authority, whole_files
from hall.machines.authority import Authority, AuthorityError
from hall.settings import HallSettings
from mqtt.topics import ROOT

TERMINAL_WRITES = ("state", "health", "evt", "tx", "res", "cfg/reported")
TERMINAL_READS = ("ack", "cmd/#", "cfg/desired", "state")  # its own: the will of an old connection
# What a process of the hall may do at any terminal's topics, by how its name begins.
PROCESSES = {
    "ingest": (("state", "health", "evt", "tx", "res", "cfg/reported"), ("ack", "cmd/birth")),
    "scheduler": ((), ("cmd/#", "cfg/desired")),
}
FIRST = ("ingest-1", "scheduler")  # have their lines before they have certificates
CHANGING = ("access.acl", "revoked.pem", "certificate.pem", "authority.pem")
PACKET_BYTES = 128 * 1024  # twice what the hall takes, so that it can still say `too_large`
RENEW_LEFT = timedelta(days=275)  # a third of authority.SERVER_DAYS


@dataclass(frozen=True)
class BrokerPlan:
    """What a broker is to be. `loopback`: a port of this machine without encryption or names; 0: none."""

    folder: Path
    names: tuple[str, ...]  # by which terminals reach it: host names, addresses
    port: int = 8883
    loopback: int = 0
    user: str = ""  # that it runs as, when root starts it; empty: whoever writes this
    connections: int = 20_000
    denials: bool = False  # mosquitto names whom it denied something only where it names every packet


def write(settings: HallSettings, engine: Engine, plan: BrokerPlan) -> None:
    """Everything that this broker needs, in its folder. AuthorityError, OSError."""
    folder = plan.folder.resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)
    (folder / "data").mkdir(exist_ok=True)
    whose = authority.open_authority(settings)
    _own_certificate(whose, folder, plan.names)
    whole_files.write_whole(_names_file(folder), ("\n".join(plan.names) + "\n").encode())
    if plan.user and os.geteuid() == 0:
        _give(folder, plan.user)
    refresh(settings, engine, folder, whose)
    whole_files.write_whole(folder / "mosquitto.conf", configuration(plan).encode())
    _hand_over(folder)


def refresh(settings: HallSettings, engine: Engine, folder: Path, whose: Authority | None = None) -> bool:
    """Write anew what changes with the machines; True if something did. AuthorityError, OSError."""
    whose = whose or authority.open_authority(settings)
    with _turn(folder), engine.connect() as tx:
        changed = _refreshed(settings, tx, folder, whose)
        _hand_over(folder)
        return changed


def _refreshed(settings: HallSettings, tx: Connection, folder: Path, whose: Authority) -> bool:
    changed = _replace(folder / "authority.pem", whose.pem.encode())
    changed |= _replace(folder / "access.acl", access(tx).encode())
    changed |= _renew_own_certificate(whose, folder)
    if settings.machines.authority is not None:
        return changed | _replace(
            folder / "revoked.pem", settings.machines.authority.revocations.read_bytes()
        )
    return changed | _write_revocations(tx, whose, folder / "revoked.pem")


@contextlib.contextmanager
def _turn(folder: Path) -> Iterator[None]:
    turn = os.open(folder / "lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield
    finally:
        os.close(turn)


def _give(folder: Path, user: str) -> None:
    """The folder is the broker's from now on. AuthorityError when there is no such user."""
    try:
        whose = pwd.getpwnam(user)
    except KeyError:
        raise AuthorityError("no_such_user", f"there is no user {user}: install the broker first") from None
    os.chown(folder, whose.pw_uid, whose.pw_gid)


def _hand_over(folder: Path) -> None:
    """What root wrote belongs to whom the folder belongs to, else the broker could not read it."""
    if os.geteuid() == 0:
        own = folder.stat()
        for file in folder.iterdir():
            os.chown(file, own.st_uid, own.st_gid, follow_symlinks=False)


def tell_broker(folder: Path) -> bool:
    """SIGHUP to the broker of this folder; False when none runs."""
    try:
        broker = int((folder / "mosquitto.pid").read_text().strip())
        program = Path(f"/proc/{broker}/comm").read_text().strip()
    except (OSError, ValueError):
        return False
    if program != "mosquitto":  # a number that was left behind and now is somebody else's
        return False
    try:
        os.kill(broker, signal.SIGHUP)
    except OSError as error:
        raise AuthorityError("broker_deaf", f"send SIGHUP to process {broker}: {error.strerror}") from None
    return True


def keep_fresh(engine: Engine, settings: HallSettings, now_ms: int) -> None:
    """The scheduler's work: what changed since goes to the broker that runs beside it.

    AuthorityError, OSError. `now_ms` is not looked at: each call does all that is due.
    """
    folder = settings.machines.broker_folder
    if folder is None or not (folder / "mosquitto.conf").exists():
        return
    refresh(settings, engine, folder)
    # Another process may have written them and not been allowed to tell.
    told = folder / "told"
    newest = max((folder / name).stat().st_mtime_ns for name in CHANGING)
    if (not told.exists() or told.stat().st_mtime_ns < newest) and tell_broker(folder):
        whole_files.write_whole(told, b"")


# ── mosquitto.conf ──────────────────────────────────────────────────────────
def configuration(plan: BrokerPlan) -> str:
    """mosquitto's configuration (checked with 2.0.11)."""
    folder = plan.folder.resolve()
    loopback = ""
    if plan.loopback:
        loopback = f"""
# For the hall's own processes on this machine, and for whoever else has an account here: no encryption, no
# names, everything allowed. Leave it out unless you know why.
listener {plan.loopback} 127.0.0.1
"""
    return f"""# Written by `hall broker-config`; write it again rather than change it.
user {plan.user or getpass.getuser()}
pid_file {folder}/mosquitto.pid
allow_anonymous {"true" if plan.loopback else "false"}
acl_file {folder}/access.acl

listener {plan.port}
cafile {folder}/authority.pem
certfile {folder}/certificate.pem
keyfile {folder}/key.pem
crlfile {folder}/revoked.pem
tls_version tlsv1.2
require_certificate true
# Who somebody is stands in the certificate alone: no name or client id that is sent counts.
use_identity_as_username true
use_username_as_clientid true
max_connections {plan.connections}
{loopback}
# Nobody can fill the machine. A terminal that is away is kept its acknowledgements, not more.
max_packet_size {PACKET_BYTES}
max_keepalive 120
max_inflight_messages 2000
max_queued_messages 100000
max_queued_bytes 268435456
persistent_client_expiration 30d

persistence true
persistence_location {folder}/data/
persistence_file broker.db
autosave_interval 5

log_dest stderr
log_type error
log_type warning
log_type notice
connection_messages true
{"log_type debug" if plan.denials else ""}
"""


def access(tx: Connection) -> str:
    """Who may say and hear what. `%u` is the name in the certificate: a terminal's own area/hall/kiosk."""
    lines = [
        "# Without a name: only where `broker-config --loopback` opened a door.",
        f"topic readwrite {ROOT}/#",
    ]
    for name in _processes(tx):
        reads, writes = PROCESSES[name.partition("-")[0]]
        lines += ["", f"user {name}"]
        lines += [f"topic read {ROOT}/+/+/+/{leaf}" for leaf in reads]
        lines += [f"topic write {ROOT}/+/+/+/{leaf}" for leaf in writes]
        lines += [f"topic readwrite {ROOT}/+/+/$srv/state"] if reads else []
    lines += ["", "# Terminals."]
    lines += [f"pattern write {ROOT}/%u/{leaf}" for leaf in TERMINAL_WRITES]
    lines += [f"pattern read {ROOT}/%u/{leaf}" for leaf in TERMINAL_READS]
    lines += [f"pattern read {ROOT}/+/+/$srv/state"]
    return "\n".join(lines) + "\n"


def _processes(tx: Connection) -> list[str]:
    names = set(FIRST)
    for name in tx.scalars(select(certificates.c.name).where(certificates.c.revoked == 0).distinct()):
        if "/" not in name and name.partition("-")[0] in PROCESSES:
            names.add(name)
    return sorted(names)


# ── revocations, the broker's own certificate ───────────────────────────────
def _write_revocations(tx: Connection, whose: Authority, file: Path) -> bool:
    """The list, if it is another one than in the file."""
    c = certificates.c
    rows = tx.execute(select(c.serial, c.revoked).where(c.revoked > 0).order_by(c.revoked, c.serial))
    wanted = [(int(row.serial, 16), datetime.fromtimestamp(row.revoked // 1000, UTC)) for row in rows]
    before = _read_list(file, whose)
    if before is not None and {one.serial_number for one in before} == {serial for serial, _ in wanted}:
        return False
    # Of two lists the broker takes the younger one, by the second; and one of the future it does not take.
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
    if before is not None and before.last_update_utc >= at:
        at = before.last_update_utc + timedelta(seconds=1)
    whole_files.write_whole(file, authority.revocation_list(whose, wanted, at))
    return True


def _read_list(file: Path, whose: Authority) -> x509.CertificateRevocationList | None:
    """The list that we wrote before; None without one, or when another authority signed it."""
    try:
        listed = x509.load_pem_x509_crl(file.read_bytes())
    except (OSError, ValueError):
        return None
    assert whose.key is not None
    return listed if listed.is_signature_valid(whose.key.public_key()) else None


def _own_certificate(whose: Authority, folder: Path, names: tuple[str, ...]) -> None:
    """The broker's key and certificate, where they are missing, old or for other names."""
    try:
        certificate = x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes())
        held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        same = {str(one.value) for one in held} == set(names) and whose.issued(certificate)
        if same and certificate.not_valid_after_utc - datetime.now(UTC) > RENEW_LEFT:
            return
    except (OSError, ValueError, x509.ExtensionNotFound):
        pass
    if whose.key is None:  # whoever puts them there renews them
        if (folder / "certificate.pem").exists() and (folder / "key.pem").exists():
            return
        raise AuthorityError(
            "authority_external",
            f"put the broker's certificate.pem (with its chain) and key.pem into {folder}",
        )
    write_server(whose, folder, names)


def write_server(whose: Authority, folder: Path, names: tuple[str, ...]) -> x509.Certificate:
    """A key and a server's certificate for these names into `folder`. AuthorityError, OSError."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.server_certificate(whose, names, key.public_key())
    _write_pair(whose, folder, key, certificate)
    return certificate


def write_client(whose: Authority, folder: Path, name: str) -> x509.Certificate:
    """A key and a certificate for a process of the hall into `folder`. AuthorityError, OSError."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = authority.client_certificate(whose, name, key.public_key(), authority.SERVER_DAYS)
    _write_pair(whose, folder, key, certificate)
    return certificate


def _write_pair(
    whose: Authority, folder: Path, key: ec.EllipticCurvePrivateKey, certificate: x509.Certificate
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    whole_files.write_private(folder / "key.pem", authority.private_pem(key))
    text = whose.with_chain(certificate)
    whole_files.write_whole(folder / "certificate.pem", text.encode())
    whole_files.write_whole(folder / "authority.pem", whose.pem.encode())


def _renew_own_certificate(whose: Authority, folder: Path) -> bool:
    before = (folder / "certificate.pem").read_bytes()
    names = _names_file(folder).read_text(encoding="utf-8").split()
    _own_certificate(whose, folder, tuple(names))
    return (folder / "certificate.pem").read_bytes() != before


def _names_file(folder: Path) -> Path:
    return folder / "names.txt"


def _replace(file: Path, content: bytes) -> bool:
    if file.exists() and file.read_bytes() == content:
        return False
    whole_files.write_whole(file, content)
    return True
