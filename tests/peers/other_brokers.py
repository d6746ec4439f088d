"""Other brokers of MQTT 5 than mosquitto, our own children on a free port: what works there works anywhere.

iotcore is rumqttd in a wheel: it keeps everything in memory and ends a session with its connection. ejabberd
(Debian, GPL-2, a process of its own) is a clustered server in Erlang. It has no door without credentials, so
it is reached over TLS with a certificate for each client, named by the SHA-1 of a client id with a slash in
it. Its node has no name: no epmd, nothing of the system's service.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from config.settings import TlsSettings
from drivers.virtual.broker import PACKAGED
from tests.peers.broker import Broker

EJABBERD = """\
hosts: [localhost]
loglevel: error
certfiles: ["{folder}/server.pem"]
c2s_cafile: "{folder}/ca.pem"
listen:
  - {{port: {port}, ip: "127.0.0.1", module: mod_mqtt, backlog: 1000, tls: true, tls_verify: true}}
modules:
  mod_mqtt:
    access_publish: {{"#": [{{allow: all}}]}}
    access_subscribe: {{"#": [{{allow: all}}]}}
    max_queue: unlimited
    session_expiry: 7 days
"""
LIBRARIES = "/usr/lib/x86_64-linux-gnu"


class Iotcore(Broker):
    """rumqttd, as its wheel starts it."""

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        file = self.folder / "packaged.toml"
        file.write_text(PACKAGED.format(port=self.port), encoding="utf-8")
        self._launch([sys.executable, "-m", "iotcore", "--log-level", "CRITICAL", "--config", str(file)])


class Ejabberd(Broker):
    """ejabberd's mod_mqtt. What it keeps outlives kill -9 as far as Mnesia had written it."""

    def start(self) -> None:
        """Start it and wait until it accepts connections."""
        program = shutil.which("erl")
        if program is None or not any(Path(LIBRARIES).glob("ejabberd-*")):
            raise RuntimeError("ejabberd is not installed: run `make setup`")
        if not (self.folder / "ca.pem").exists():
            _authority(self.folder)
            _certificate(self.folder, "server", "localhost", chain=True)
        file = self.folder / "ejabberd.yml"
        file.write_text(EJABBERD.format(port=self.port, folder=self.folder.resolve()), encoding="utf-8")
        own = {"ERL_LIBS": LIBRARIES, "EJABBERD_CONFIG_PATH": str(file), "HOME": str(self.folder)}
        own |= {"EJABBERD_LOG_PATH": str(self.folder / "ejabberd.log"), "ERL_CRASH_DUMP_BYTES": "0"}
        data = f'"{self.folder.resolve() / "data"}"'
        self._launch([program, "+Bd", "-noinput", "-mnesia", "dir", data, "-s", "ejabberd"], own)

    def certificate(self, client_id: str) -> TlsSettings:
        """What a client with this id comes with."""
        name = hashlib.sha1(client_id.encode()).hexdigest() if "/" in client_id else client_id
        stem = name[:20]
        if not (self.folder / f"{stem}.pem").exists():
            _certificate(self.folder, stem, name)
        folder = self.folder
        return TlsSettings(
            authority=folder / "ca.pem", certificate=folder / f"{stem}.pem", key=folder / f"{stem}.key"
        )


@contextmanager
def other_broker(name: str, folder: Path) -> Iterator[Broker]:
    """iotcore or ejabberd, for as long as the block runs."""
    folder.mkdir(parents=True, exist_ok=True)
    running = {"iotcore": Iotcore, "ejabberd": Ejabberd}[name](folder)
    running.start()
    try:
        yield running
    finally:
        running.kill()


def _authority(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority")
    made = _builder(name, name, key).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    _write(folder / "ca.pem", made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM))
    _write(folder / "ca.key", _pem(key))


def _certificate(folder: Path, stem: str, name: str, *, chain: bool = False) -> None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    authority = load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(authority, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = _builder(_name(name), _name("authority"), key).add_extension(names, critical=False)
    pem = made.sign(authority, hashes.SHA256()).public_bytes(Encoding.PEM)
    _write(folder / f"{stem}.pem", pem + (_pem(key) if chain else b""))
    _write(folder / f"{stem}.key", _pem(key))


def _builder(name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return x509.CertificateBuilder(
        issuer, name, key.public_key(), x509.random_serial_number(), now - timedelta(1), now + timedelta(30)
    )


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.chmod(path, 0o600)
