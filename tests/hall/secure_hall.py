"""A hall whose broker runs on the files of `hall broker-config`, its ingest and desk beside it."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Engine, select

from config.enrolment import Enrol, Issued
from config.settings import TlsSettings
from hall.data import store, tables
from hall.intake.ingest import Ingest
from hall.machines import authority, broker_files, machines
from hall.machines.authority import Authority
from hall.machines.broker_files import BrokerPlan
from hall.settings import BrokerSettings, HallSettings, MachineSettings
from kiosk.enrolment import identity
from mqtt import messages as m
from tests.hall.conftest import PATIENCE, wait_for
from tests.peers.broker import free_port
from tests.peers.secure_broker import SecureBroker


class SecureHall:
    """An authority, a broker that trusts it alone, and an ingest in a thread that knows its machines."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        broker, ingest = folder / "broker", folder / "ingest-1"
        port = free_port()
        tls = TlsSettings(
            authority=ingest / "authority.pem", certificate=ingest / "certificate.pem", key=ingest / "key.pem"
        )
        self.settings = HallSettings(
            data=folder / "hall",
            area="a",
            hall="h",
            broker=BrokerSettings(port=port, tls=tls, client_id="ingest-1"),
            machines=MachineSettings(enrolled_only=True, broker_port=port, broker_folder=broker),
        )
        store.migrate(self.settings)
        self.engine: Engine = store.open_store(self.settings)
        self.authority: Authority = authority.open_authority(self.settings)
        broker_files.write(
            self.settings, self.engine, BrokerPlan(broker, ("127.0.0.1", "localhost"), port, denials=True)
        )
        broker_files.write_client(self.authority, ingest, "ingest-1")
        self.broker = SecureBroker(broker, port)
        self.broker.start()
        self._stop = threading.Event()
        self._ready = threading.Event()
        working = Ingest(self.settings, self.engine, on_ready=self._ready.set)
        self._thread = threading.Thread(target=working.run, args=(self._stop,))
        self._thread.start()
        assert self._ready.wait(PATIENCE), self.broker.log()[-2000:]

    def certify(self, path: str) -> Path:
        """A terminal's identity, as an enrolment ends; returns the folder with its files."""
        folder = self.folder / "terminals" / path.replace("/", "_")
        key = ec.generate_private_key(ec.SECP256R1())
        pem = identity.request(key, path).public_bytes(serialization.Encoding.PEM).decode()
        now = int(time.time() * 1000)
        with self.engine.connect() as tx:
            token = machines.make_token(tx, self.settings, self.authority, path, "test", now)
            told = Enrol(token=token.secret.hex(), terminal=path, request=pem)
            issued = machines.enrol(tx, self.settings, self.authority, told, now)
            tx.commit()
        write_identity(folder, key, issued)
        return folder

    def revoke(self, path: str, *, tell_broker: bool = True) -> None:
        """Its certificates are withdrawn."""
        with self.engine.connect() as tx:
            machines.revoke(tx, path, "stolen", "test", int(time.time() * 1000))
            tx.commit()
        if tell_broker:
            broker_files.keep_fresh(self.engine, self.settings, 0)

    def stored(self) -> list[str]:
        """The ids of the messages that the hall has."""
        with self.engine.connect() as tx:
            return list(tx.scalars(select(tables.messages.c.id).order_by(tables.messages.c.n)))

    def refused(self) -> dict[str, str]:
        """Code by id of what the hall refused."""
        r = tables.refused.c
        with self.engine.connect() as tx:
            return {row.id: row.code for row in tx.execute(select(r.id, r.code))}

    def close(self) -> None:
        """Everything gone."""
        self._stop.set()
        self._thread.join(PATIENCE)
        self.broker.kill()
        self.engine.dispose()


def stranger(folder: Path) -> Authority:
    """The authority of another hall."""
    settings = HallSettings(data=folder, area="p", hall="p")
    store.migrate(settings)
    return authority.open_authority(settings)


def write_identity(folder: Path, key: ec.EllipticCurvePrivateKey, issued: Issued) -> None:
    """The files of an identity, for a client that is no terminal."""
    folder.mkdir(parents=True)
    form = serialization.PrivateFormat.PKCS8
    text = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(text)
    (folder / "certificate.pem").write_text(issued.certificate)
    (folder / "authority.pem").write_text(issued.authority)


class Client:
    """A client of the broker that says whatever it likes; remembers what it was told."""

    def __init__(self, hall: SecureHall, folder: Path | None, client_id: str = "x", root: str = "") -> None:
        self.connected = threading.Event()
        self.ended: list[str] = []  # reasons of disconnections
        self.reasons: dict[int, str] = {}  # of PUBACKs
        self.heard: list[tuple[str, bytes]] = []
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv5)
        self._client.on_connect = lambda *_: self.connected.set()
        self._client.on_disconnect = lambda _c, _u, _f, reason, _p: self.ended.append(str(reason))
        self._client.on_publish = self._on_publish
        self._client.on_message = lambda _c, _u, one: self.heard.append((one.topic, bytes(one.payload)))
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        trusted = root or str(hall.folder / "ingest-1" / "authority.pem")
        if folder is None:
            self._client.tls_set(trusted)
        else:
            self._client.tls_set(trusted, str(folder / "certificate.pem"), str(folder / "key.pem"))
        self._client.connect(hall.broker.host, hall.broker.port)
        self._client.loop_start()

    def subscribe(self, topic: str) -> None:
        """At QoS 1; returns when the broker has answered."""
        self._subscribed.clear()
        self._client.subscribe(topic, 1)
        assert self._subscribed.wait(PATIENCE)

    def publish(self, topic: str, payload: bytes) -> str:
        """At QoS 1; the broker's reason, once it has answered."""
        mid = self.send(topic, payload)
        wait_for(lambda: mid in self.reasons, "a PUBACK")
        return self.reasons[mid]

    def send(self, topic: str, payload: bytes) -> int:
        """At QoS 1, without waiting."""
        return self._client.publish(topic, payload, 1).mid

    def acks(self) -> dict[str, list[str]]:
        """Codes by id, in the order heard."""
        codes: dict[str, list[str]] = {}
        for _, payload in self.heard:
            told = m.decode(payload).data
            if isinstance(told, m.Ack):
                codes.setdefault(told.id, []).append(told.code)
        return codes

    def close(self) -> None:
        """Hang up."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_publish(self, _c: Any, _u: Any, mid: int, reason: Any, _p: Any) -> None:
        self.reasons[mid] = str(reason)


@contextlib.contextmanager
def desk(settings: HallSettings, hall: Authority, folder: Path) -> Iterator[str]:
    """The hall's desk over HTTPS with a certificate of the hall's authority; its address."""
    from hall.desk.desk import desk_app

    broker_files.write_server(hall, folder, ("127.0.0.1", "localhost"))
    port = free_port()
    server = uvicorn.Server(
        uvicorn.Config(
            desk_app(settings, ending=lambda: server.should_exit),
            host="127.0.0.1",
            port=port,
            log_level="error",
            ssl_certfile=str(folder / "certificate.pem"),
            ssl_keyfile=str(folder / "key.pem"),
            timeout_graceful_shutdown=2,
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        wait_for(lambda: server.started or not thread.is_alive(), "the desk")
        yield f"https://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def serial(folder: Path) -> int:
    """Of the certificate in a folder."""
    return x509.load_pem_x509_certificate((folder / "certificate.pem").read_bytes()).serial_number
