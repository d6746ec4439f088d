"""The link over TLS: who we are is our certificate, and only the hall's own broker is talked to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.settings import TlsSettings
from mqtt import link as links
from tests.mqtt.certificates import Authority
from tests.mqtt.heard import PATH, Heard, linked, started
from tests.mqtt.small_hall import eventually
from tests.peers.broker import Broker, mosquitto


class CertainBroker(Broker):
    """A mosquitto that knows each client by its certificate, and binds the client id to it."""

    def begin(self, authority: Authority, host: str = "127.0.0.1") -> None:
        """Start it with a certificate for `host`. It writes down who comes, by client id and user."""
        server = authority.issue("server", "broker", host)
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tls.conf").write_text(
            f"listener {self.port} {self.host}\n"
            f"cafile {server.authority}\ncertfile {server.certificate}\nkeyfile {server.key}\n"
            "require_certificate true\nuse_identity_as_username true\nuse_username_as_clientid true\n"
            "allow_anonymous false\nuser root\nlog_dest stderr\nlog_type all\nconnection_messages true\n",
            encoding="utf-8",
        )
        self._launch([mosquitto(), "-c", str(self.folder / "tls.conf")])


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "hall")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[CertainBroker]:
    running = CertainBroker(tmp_path / "broker")
    yield running
    running.kill()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "FIRST_WAIT", 0.05)


def test_given_a_certificate_then_the_broker_knows_the_terminal_by_it_and_messages_go(
    broker: CertainBroker, heard: Heard, authority: Authority
) -> None:
    broker.begin(authority)
    with linked(broker.port, heard, tls=authority.issue("me", str(PATH))) as link:
        assert link.publish("tx", started("m-1"), id="m-1")
        eventually(lambda: heard.pubacks == ["m-1"])
    eventually(lambda: f"as {PATH} (p5" in broker.log())
    assert f"u'{PATH}'" in broker.log()


def test_given_new_certificate_files_then_the_next_connection_shows_them_and_no_other_does(
    broker: CertainBroker, heard: Heard, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FIRST_WAIT", 60)  # a renewal waits for nothing
    broker.begin(authority)
    with linked(broker.port, heard, tls=authority.issue("me", str(PATH))) as link:
        authority.issue("me", "330100/demo/RENEWED")
        assert "RENEWED" not in broker.log()
        link.reconnect()
        eventually(lambda: "u'330100/demo/RENEWED'" in broker.log())
        eventually(lambda: heard.connections == [True, False, True])
        assert link.connection == 2


def test_given_a_renewal_that_is_half_written_then_the_link_comes_back_when_it_is_whole(
    broker: CertainBroker, heard: Heard, authority: Authority, capsys: pytest.CaptureFixture[str]
) -> None:
    broker.begin(authority)
    tls = authority.issue("me", str(PATH))
    whole = tls.key.read_bytes()
    with linked(broker.port, heard, tls=tls) as link:
        tls.key.write_bytes(whole[:100])
        link.reconnect()
        eventually(lambda: heard.connections == [True, False])
        assert "SSLError" in said_until(capsys, "link.no_connection")  # tries, and cannot
        tls.key.write_bytes(whole)
        eventually(lambda: link.connected)


def said_until(capsys: pytest.CaptureFixture[str], word: str) -> str:
    """The log up to a line with this word."""
    said: list[str] = []

    def is_there() -> bool:
        said.append(capsys.readouterr().out)
        return word in said[-1]

    eventually(is_there)
    return "".join(said)


@pytest.mark.parametrize("wrong", ["host", "authority", "no certificate"])
def test_given_a_broker_that_is_not_ours_or_that_does_not_know_us_then_nothing_is_said(
    broker: CertainBroker, heard: Heard, authority: Authority, tmp_path: Path, wrong: str
) -> None:
    broker.begin(authority, "127.0.0.2" if wrong == "host" else "127.0.0.1")
    tls = authority.issue("me", str(PATH))
    stranger = Authority(tmp_path / "stranger", "stranger")
    if wrong == "authority":
        tls = tls.model_copy(update={"authority": stranger.folder / "authority.pem"})
    if wrong == "no certificate":
        tls = stranger.issue("me", str(PATH)).model_copy(update={"authority": tls.authority})
    with linked(broker.port, heard, wait=False, tls=tls) as link:
        eventually(lambda: link.connection >= 3)
        assert not link.connected
    assert not heard.connections
    assert f"as {PATH}" not in broker.log()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_given_a_server_that_knows_no_tls_1_2_then_it_is_not_talked_to(
    heard: Heard, authority: Authority
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")  # or this machine's own policy would refuse for us
    server: TlsSettings = authority.issue("server", "broker", "127.0.0.1")
    context.load_cert_chain(server.certificate, server.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)
        with linked(
            listening.getsockname()[1], heard, wait=False, tls=authority.issue("me", str(PATH))
        ) as link:
            near, _ = listening.accept()
            near.settimeout(60)
            with pytest.raises(ssl.SSLError, match=r"(?i)unsupported"), near:
                context.wrap_socket(near, server_side=True)
            assert not link.connected
