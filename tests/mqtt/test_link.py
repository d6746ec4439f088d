"""The link, over a real broker: birth, death, the gate, and a line that comes and goes."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from config.settings import LinkSettings
from mqtt import connection as connections
from mqtt import link as links
from mqtt import messages
from mqtt.link import Link, Listeners
from mqtt.messages import Ack, Envelope, Health, HostState
from tests.mqtt.heard import PATH, Heard, linked, started
from tests.mqtt.small_hall import eventually, small_hall
from tests.peers.broker import Broker


def test_given_a_terminal_that_starts_and_ends_then_the_hall_sees_its_birth_and_its_death(
    running: Broker, heard: Heard
) -> None:
    with small_hall(running.host, running.port, PATH) as hall:
        with linked(running.port, heard) as link:
            eventually(lambda: hall.states == [(False, True, 3)])
        eventually(lambda: hall.states == [(False, True, 3), (False, False, 3)])
        assert not link.connected
        link.close()  # twice is fine
    with small_hall(running.host, running.port, PATH) as late:
        eventually(lambda: late.states == [(True, False, 3)])  # retained: who comes later knows too
    assert not [thread for thread in threading.enumerate() if thread.name == "link"]


def test_given_a_terminal_whose_line_is_cut_then_the_broker_tells_of_its_death_in_its_stead(
    running: Broker, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "WILL_DELAY", 0)
    monkeypatch.setattr(links, "FIRST_WAIT", 60)
    with small_hall(running.host, running.port, PATH) as hall:
        with linked(running.port, heard) as link:
            eventually(lambda: hall.states == [(False, True, 3)])
            cut(link)
            eventually(lambda: hall.states[1:] == [(False, False, 3)])
            eventually(lambda: heard.connections == [True, False])


def test_given_another_release_of_the_catalogue_then_the_hall_reads_it_in_the_birth(
    running: Broker, heard: Heard
) -> None:
    found: list[str] = []

    def told(_client: paho.Client, _userdata: Any, message: paho.MQTTMessage) -> None:
        state = messages.decode(bytes(message.payload)).data
        assert isinstance(state, messages.TerminalState)
        found.append(state.catalogue)

    client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5)
    client.on_message = told
    client.connect(running.host, running.port)
    client.subscribe(PATH.topic("state"), qos=1)
    client.loop_start()
    try:
        with linked(running.port, heard) as link:
            eventually(lambda: found[-1:] == [""])
            link.tell_catalogue("12")
            eventually(lambda: found[-1:] == ["12"])
            cut(link)
            eventually(lambda: heard.connections == [True, False, True])
            eventually(lambda: found.count("12") >= 2)  # and with each birth from then on
    finally:
        client.disconnect()
        client.loop_stop()


def cut(link: Link) -> None:
    """The cable out: no farewell."""
    assert link._connection is not None
    link._connection.cut()


def test_given_messages_then_acks_and_host_state_reach_the_loop_and_rubbish_does_no_harm(
    running: Broker, heard: Heard
) -> None:
    with small_hall(running.host, running.port, PATH) as hall, linked(running.port, heard) as link:
        for rubbish in (b"", b"\xff", b'{"type": "hall.ack", "id": "1"}', started()):
            hall.client.publish(PATH.topic("ack"), rubbish, 1)
        assert link.publish("tx", started("m-1"), id="m-1")
        eventually(lambda: heard.acks == [Ack("m-1", "stored")])
        eventually(lambda: heard.pubacks == ["m-1"])
        hall.say_state(HostState(online=True, generation="g"))
        eventually(lambda: [host.generation for host in heard.hosts] == ["g"])
        assert not link.in_flight


def test_given_a_listener_that_fails_then_the_link_lives_on(running: Broker, heard: Heard) -> None:
    heard.listeners = Listeners(
        ack=lambda ack: heard.acks.remove(ack),  # raises
        host_state=heard.hosts.append,
        connection=heard.connections.append,
        puback=heard.pubacks.append,
    )
    heard.loop.set_exception_handler(lambda loop, context: None)
    with small_hall(running.host, running.port, PATH) as hall, linked(running.port, heard):
        hall.publish(PATH.topic("ack"), Ack("m-1", "stored"))
        hall.say_state(HostState(online=True))
        eventually(lambda: heard.hosts)


def test_given_a_broker_that_does_not_answer_then_no_more_than_the_gate_is_handed_on(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FAREWELL", 0.3)
    with mute_broker() as port:
        link = Link(LinkSettings(port=port), PATH, 1, "", heard.listeners, heard.loop)
        try:
            eventually(lambda: heard.connections == [True])  # it is told when the birth is on its way
            handed_on = [link.publish("tx", started(str(n)), id=str(n)) for n in range(50)]
            assert handed_on.count(True) == connections.GATE - 1  # the birth has a place, too
            assert link.room == 0
            assert {str(n) for n in range(connections.GATE - 1)} <= link.in_flight
        finally:
            link.close()
    assert not link._thread.is_alive()


@contextmanager
def mute_broker() -> Iterator[int]:
    """Accepts the connection and never says another word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            try:
                while True:
                    connection, _ = server.accept()
                    connection.recv(4096)
                    connection.sendall(bytes([0x20, 3, 0, 0, 0]))  # CONNACK, accepted, no properties
                    held.append(connection)
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(60)
            for connection in held:
                connection.close()


def test_given_a_broker_that_is_killed_and_started_then_the_link_is_back_and_hears_again(
    running: Broker, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FIRST_WAIT", 0.1)
    with linked(running.port, heard) as link:
        running.kill()
        eventually(lambda: not link.connected)
        assert not link.publish("tx", started())
        running.start()
        eventually(lambda: heard.connections == [True, False, True])
        with small_hall(running.host, running.port, PATH) as hall:
            assert link.publish("tx", started("m-2"), id="m-2")
            eventually(lambda: heard.acks == [Ack("m-2", "stored")])
            # Retained or just said: the birth may go out while the hall subscribes.
            eventually(lambda: [(online, boot) for _, online, boot in hall.states[-1:]] == [(True, 3)])


def test_given_a_terminal_that_is_off_then_the_broker_keeps_the_acks_for_it(
    running: Broker, heard: Heard
) -> None:
    with linked(running.port, heard):
        pass
    with small_hall(running.host, running.port, PATH) as hall:
        hall.publish(PATH.topic("ack"), Ack("while-away", "stored"))
        with linked(running.port, heard, boot=4):
            eventually(lambda: heard.acks == [Ack("while-away", "stored")])


def test_given_health_that_nobody_fetched_then_the_broker_lets_it_expire(
    running: Broker, heard: Heard
) -> None:
    with linked(running.port, heard) as link:
        body = Envelope("1", "hall.terminal.health", "s", "t", Health(devices=[]))
        arrived: list[Any] = []
        reader = paho.Client(CallbackAPIVersion.VERSION2, "reader", protocol=paho.MQTTv5)
        reader.on_message = lambda client, userdata, message: arrived.append(message.properties)
        ready = threading.Event()
        reader.on_subscribe = lambda *_: ready.set()
        reader.connect(running.host, running.port)
        reader.loop_start()
        reader.subscribe(PATH.topic("health"), 1)
        assert ready.wait(60)
        assert link.publish("health", messages.encode(body), expiry=300)
        eventually(lambda: arrived)
        reader.disconnect()
        reader.loop_stop()
    assert 240 <= arrived[0].MessageExpiryInterval <= 300
    assert arrived[0].ContentType == "application/cloudevents+json"


def test_given_no_broker_at_all_then_closing_ends_the_thread(heard: Heard) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        link = Link(LinkSettings(port=nobody.getsockname()[1]), PATH, 1, "", heard.listeners, heard.loop)
        assert not link.connected
        link.close()
    assert not link._thread.is_alive()
