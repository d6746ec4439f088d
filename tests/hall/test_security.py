"""Who tries to be somebody else, and who sends what they must not: refused, told, counted, and nobody waits.

A real mosquitto with the files that `hall broker-config` writes, and a real ingest.
"""

from __future__ import annotations

import socket
import ssl
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from config.settings import TlsSettings
from hall.data import desk_tables, tables
from hall.machines import broker_files
from hall.scheduler.dispatch import Dispatch
from mqtt import messages as m
from tests.hall.conftest import wait_for
from tests.hall.fleet import Speaker
from tests.hall.secure_hall import Client, SecureHall, stranger

DENIED = "Not authorized"


@pytest.fixture(scope="module")
def hall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureHall]:
    """One hall for all of them, as in life: each test has terminals of its own."""
    made = SecureHall(tmp_path_factory.mktemp("secure"))
    yield made
    made.close()


@pytest.fixture
def path() -> str:
    """A terminal that nobody has met."""
    return f"a/h/{uuid.uuid4().hex[:8]}"


@pytest.fixture
def terminal(hall: SecureHall, path: str) -> Iterator[Client]:
    """It, connected with its certificate and listening to its answers."""
    made = Client(hall, hall.certify(path))
    made.subscribe(f"kt/1/{path}/ack")
    yield made
    made.close()


@pytest.fixture
def speaker(hall: SecureHall, path: str) -> Speaker:
    """What it says."""
    return Speaker(hall.engine, path)


def filed(key: str = "key") -> m.CaseFiled:
    """A submission."""
    return m.CaseFiled("session", "SB01", key, "accepted", "case")


def command(path: str) -> bytes:
    """As the hall would give it."""
    given = m.CommandGiven("c1", "restart", "2030-01-01T00:00:00Z")
    source, now = f"kt/1/{path}", "2026-01-01T00:00:00Z"
    return m.encode(m.Envelope(str(uuid.uuid4()), "hall.command.given", source, now, given, 1, 1))


def check_next_is_stored(hall: SecureHall, client: Client, speaker: Speaker) -> None:
    """Nothing that went before is in the way of an honest message."""
    topic, payload = speaker.letter(filed("honest"))
    id = m.decode(payload).id
    assert client.publish(topic, payload) == "Success"
    wait_for(lambda: id in client.acks(), "an ack")
    assert set(client.acks()[id]) == {"stored"}
    assert hall.stored().count(id) == 1


def test_nobody_connects_without_a_certificate(hall: SecureHall) -> None:
    nobody = Client(hall, None)
    wait_for(lambda: nobody.ended, "the broker to hang up")
    assert not nobody.connected.is_set()
    nobody.close()
    wait_for(lambda: "peer did not return a certificate" in hall.broker.log(), "the broker's log")


def test_nobody_connects_with_a_certificate_of_another_authority(
    hall: SecureHall, tmp_path: Path, path: str
) -> None:
    broker_files.write_client(stranger(tmp_path), tmp_path / "own", path)
    mallory = Client(hall, tmp_path / "own")
    wait_for(lambda: mallory.ended, "the broker to hang up")
    assert not mallory.connected.is_set()
    mallory.close()
    wait_for(lambda: "certificate verify failed" in hall.broker.log(), "the broker's log")


def test_a_servers_certificate_lets_nobody_in_as_a_client(
    hall: SecureHall, tmp_path: Path, path: str
) -> None:
    broker_files.write_server(hall.authority, tmp_path / "server", (path,))
    mallory = Client(hall, tmp_path / "server")
    wait_for(lambda: mallory.ended, "the broker to hang up")
    assert not mallory.connected.is_set()
    mallory.close()


def test_a_revoked_terminal_is_refused_at_once_and_does_not_come_in_again(
    hall: SecureHall, terminal: Client, speaker: Speaker, path: str
) -> None:
    check_next_is_stored(hall, terminal, speaker)
    hall.revoke(path, tell_broker=False)
    refused: list[str] = []

    def says_on() -> bool:
        topic, payload = speaker.letter(filed("stolen"))
        refused.append(m.decode(payload).id)
        assert terminal.publish(topic, payload) == "Success", "its connection stands"
        wait_for(lambda: refused[-1] in terminal.acks(), "an answer")
        return terminal.acks()[refused[-1]] == ["revoked"]

    wait_for(says_on, "the ingest to have heard of it")
    assert hall.refused()[refused[-1]] == "revoked"
    assert refused[-1] not in hall.stored()
    broker_files.keep_fresh(hall.engine, hall.settings, 0)
    wait_for(lambda: _turned_away(hall, path), "the broker to have read its list")
    wait_for(lambda: "certificate verify failed" in hall.broker.log(), "the broker's log")


def _turned_away(hall: SecureHall, path: str) -> bool:
    again = Client(hall, hall.folder / "terminals" / path.replace("/", "_"))
    wait_for(lambda: again.connected.is_set() or again.ended, "an end")
    again.close()
    return not again.connected.is_set()


def test_the_next_revocations_reach_a_broker_that_has_read_its_list_before(hall: SecureHall) -> None:
    """Two within one second: of two lists of one second the broker would keep the first."""
    paths = [f"a/h/{uuid.uuid4().hex[:8]}" for _ in range(3)]
    for one in paths:
        hall.certify(one)
    for one in paths[:2]:
        hall.revoke(one)
    for one in paths[:2]:
        wait_for(lambda one=one: _turned_away(hall, one), "the list")  # type: ignore[misc]
    assert not _turned_away(hall, paths[2]), "who was not revoked is let in"


def test_nobody_speaks_for_another(hall: SecureHall, terminal: Client, speaker: Speaker) -> None:
    other = f"a/h/{uuid.uuid4().hex[:8]}"
    topic, payload = Speaker(hall.engine, other).letter(filed())
    assert terminal.publish(topic, payload) == DENIED
    assert terminal.publish("kt/1/a/h/$srv/state", payload) == DENIED
    check_next_is_stored(hall, terminal, speaker)
    assert m.decode(payload).id not in hall.stored()
    assert f"Denied PUBLISH from {speaker.path}" in hall.broker.log()


def test_anothers_client_id_kicks_nobody_off(
    hall: SecureHall, terminal: Client, speaker: Speaker, path: str
) -> None:
    thief = Client(hall, hall.certify(f"a/h/{uuid.uuid4().hex[:8]}"), client_id=path)
    wait_for(thief.connected.is_set, "its own connection")
    check_next_is_stored(hall, terminal, speaker)
    assert not terminal.ended, "the victim was never disconnected"
    thief.close()


def test_a_terminal_gives_no_commands(
    hall: SecureHall, terminal: Client, speaker: Speaker, path: str
) -> None:
    payload = command(path)
    victim = f"a/h/{uuid.uuid4().hex[:8]}"
    heard = Client(hall, hall.certify(victim))
    heard.subscribe(f"kt/1/{victim}/cmd/#")
    for topic in (f"kt/1/{victim}/cmd/restart", f"kt/1/{path}/cmd/restart", f"kt/1/{victim}/cfg/desired"):
        assert terminal.publish(topic, payload) == DENIED
    assert terminal.publish(f"kt/1/{path}/tx", payload) == "Success"
    id = m.decode(payload).id
    wait_for(lambda: id in terminal.acks(), "an answer")
    assert terminal.acks()[id] == ["wrong_stream"]
    check_next_is_stored(hall, terminal, speaker)
    assert heard.heard == []
    heard.close()


def test_nobody_hears_what_is_for_another(
    hall: SecureHall, terminal: Client, speaker: Speaker, path: str, tmp_path: Path
) -> None:
    broker_files.write_client(hall.authority, tmp_path / "scheduler", "scheduler")
    victim = f"a/h/{uuid.uuid4().hex[:8]}"
    for topic in ("#", "kt/1/#", f"kt/1/{victim}/cmd/#", f"kt/1/{path}/cmd/#"):
        terminal.subscribe(topic)
    scheduler = Client(hall, tmp_path / "scheduler")
    payload = command(path)
    assert scheduler.publish(f"kt/1/{victim}/cmd/restart", payload) == "Success"
    assert scheduler.publish(f"kt/1/{path}/cmd/restart", payload) == "Success"
    own = f"kt/1/{path}/cmd/restart"
    wait_for(lambda: own in [topic for topic, _ in terminal.heard], "its own command")
    check_next_is_stored(hall, terminal, speaker)
    foreign = [topic for topic, _ in terminal.heard if path not in topic and "/$srv/" not in topic]
    assert foreign == []
    scheduler.close()


def test_the_scheduler_speaks_under_a_name_of_its_own_beside_the_ingest(
    hall: SecureHall, terminal: Client, speaker: Speaker, path: str, tmp_path: Path
) -> None:
    broker_files.write_client(hall.authority, tmp_path, "scheduler")
    sending = Dispatch()
    sending.work(hall.engine, hall.settings, 0)
    assert sending._line is None, "with the ingest's certificate it would put the ingest out"
    tls = {name: tmp_path / f"{name}.pem" for name in ("authority", "certificate", "key")}
    changed = {"scheduler_tls": TlsSettings.model_validate(tls)}
    own = hall.settings.model_copy(update={"broker": hall.settings.broker.model_copy(update=changed)})
    row = {"terminal": path, "version": 1, "desired": "{}", "reported": "{}", "refused": "{}"}
    with hall.engine.begin() as tx:
        tx.execute(desk_tables.configurations.insert().values(row))
    topic = f"kt/1/{path}/cfg/desired"
    terminal.subscribe(topic)
    sending = Dispatch()
    sending.work(hall.engine, own, 0)
    wait_for(lambda: topic in [one for one, _ in terminal.heard], "what the hall wants to be set")
    check_next_is_stored(hall, terminal, speaker)
    sending.close()


def test_what_is_wrong_is_answered_with_its_code_and_the_next_is_stored(
    hall: SecureHall, terminal: Client, speaker: Speaker
) -> None:
    topic, good = speaker.letter(filed("first"))
    id = m.decode(good).id
    for _ in range(2):
        assert terminal.publish(topic, good) == "Success"
    wait_for(lambda: terminal.acks().get(id) == ["stored"] * 2, "the same again to be acked again")
    assert hall.stored().count(id) == 1
    _, replayed = Speaker(hall.engine, speaker.path).letter(filed("replayed"))  # counts from 1 again
    _, cut = speaker.letter(filed("cut"))
    large = speaker.letter(filed("large"))[1].replace(b"large", b"k" * 70_000)
    _, foreign = Speaker(hall.engine, "a/h/other").letter(filed())
    _, bomb = speaker.letter(filed("bomb"))
    wrong = {"conflict": good.replace(b"first", b"other"), "seq_taken": replayed, "malformed": cut[:-20]}
    wrong |= {"too_large": large, "wrong_source": foreign}
    deep = bomb[:-1] + b',"more":' + b"[" * 60_000
    for code, payload in [*wrong.items(), ("malformed", deep)]:
        name = id if code == "conflict" else payload.split(b'"id":"')[1][:36].decode()
        assert terminal.publish(topic, payload) == "Success"
        wait_for(lambda n=name, c=code: c in terminal.acks().get(n, []), code)  # type: ignore[misc]
        assert code == "conflict" or hall.refused()[name] == code
        assert code == "conflict" or name not in hall.stored()
    assert hall.stored().count(id) == 1
    check_next_is_stored(hall, terminal, speaker)


def test_what_is_larger_than_the_broker_takes_ends_only_its_senders_connection(
    hall: SecureHall, terminal: Client, speaker: Speaker
) -> None:
    big = f"a/h/{uuid.uuid4().hex[:8]}"
    greedy = Client(hall, hall.certify(big))
    wait_for(greedy.connected.is_set, "a connection")
    greedy.send(f"kt/1/{big}/tx", b"x" * (broker_files.PACKET_BYTES + 1))
    wait_for(lambda: "Packet too large" in greedy.ended, "the broker's reason")
    greedy.close()
    said = f"Client {big} disconnected due to oversize packet"
    wait_for(lambda: said in hall.broker.log(), "the broker's log, which comes after its word to the client")
    check_next_is_stored(hall, terminal, speaker)


def test_a_flood_of_garbage_blocks_nobody(hall: SecureHall, terminal: Client, speaker: Speaker) -> None:
    noisy = f"a/h/{uuid.uuid4().hex[:8]}"
    flood = Client(hall, hall.certify(noisy))
    wait_for(flood.connected.is_set, "a connection")
    sent = [
        flood.send(f"kt/1/{noisy}/{leaf}", b"\x00{garbage" * 9)
        for leaf in ("tx", "health")
        for _ in range(1000)
    ]
    check_next_is_stored(hall, terminal, speaker)
    wait_for(lambda: flood.reasons.keys() >= set(sent), "the broker to have taken them all")
    wait_for(lambda: _counted(hall, noisy) >= 1, "the flood to be counted")
    check_next_is_stored(hall, terminal, speaker)
    flood.close()


def _counted(hall: SecureHall, path: str) -> int:
    r = tables.refused.c
    with hall.engine.connect() as tx:
        return tx.scalar(select(func.count()).where(r.terminal == path, r.code == "malformed")) or 0


def test_the_broker_speaks_no_old_tls(hall: SecureHall) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection((hall.broker.host, hall.broker.port), 10) as line, pytest.raises(OSError):
        context.wrap_socket(line)
