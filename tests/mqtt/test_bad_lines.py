"""The link over lines as they are: cut in mid-packet, standing twice, gone for an hour, too narrow."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from config.settings import LinkSettings
from mqtt import link as links
from mqtt import messages
from mqtt.link import Link
from mqtt.messages import Ack, CommandGiven, ConfigurationDesired, Envelope, HostState, Stored, TerminalState
from tests.mqtt.bad_line import bad_line
from tests.mqtt.heard import PATH, Heard, linked, started
from tests.mqtt.small_hall import eventually, small_hall
from tests.peers.broker import Broker, kept


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(links, "FIRST_WAIT", 0.05)


@pytest.fixture
def confirms() -> threading.Event:
    """Whether a narrow broker confirms what came: it does, unless the test holds it back."""
    event = threading.Event()
    event.set()
    return event


def send(link: Link, heard: Heard, id: str) -> None:
    """As the outbox would: again and again until the broker has it."""

    def confirmed() -> bool:
        if id in heard.pubacks:
            return True
        if sent.get(id) != link.connection and link.publish("evt", started(id), id=id):
            sent[id] = link.connection  # if that line goes, it takes the message along
        return False

    sent: dict[str, int] = {}
    eventually(confirmed)


def test_given_a_line_that_is_cut_in_mid_packet_then_half_a_message_is_none_and_the_next_line_serves(
    running: Broker, heard: Heard
) -> None:
    with small_hall(running.host, running.port, PATH) as hall, bad_line(running.port) as line:
        line.cuts = [10, 700, 1000, 1300, 1600]  # in CONNECT, birth, one of the messages
        with linked(line.port, heard, wait=False) as link:
            for n in range(6):
                send(link, heard, f"m-{n}")
            eventually(lambda: set(hall.rows) == {f"m-{n}" for n in range(6)})
            assert len(line.cuts) <= 1
            assert len(hall.births) > 1
    orders = [(boot, connection, not online) for boot, connection, online in hall.births]
    assert orders == sorted(orders)


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_given_an_old_connection_beside_the_new_one_then_its_will_does_not_win(
    running: Broker, heard: Heard, monkeypatch: pytest.MonkeyPatch, protocol: str
) -> None:
    monkeypatch.setattr(links, "WILL_DELAY", 0)
    with small_hall(running.host, running.port, PATH) as hall, bad_line(running.port) as line:
        line.half_open, line.cuts = True, [1200]
        with linked(line.port, heard, protocol=protocol) as link:
            while link.connection == 1:  # until the line breaks, of which the broker hears nothing
                link.publish("evt", started())
            eventually(lambda: link.connected)
            line.let_go()
            eventually(lambda: hall.births[-1:] == [(3, 2, True)])
            assert link.publish("evt", started("m"), id="m")
            eventually(lambda: "m" in hall.rows)  # the new line stands
            assert hall.births[-1] == (3, 2, True)
    with small_hall(running.host, running.port, PATH) as late:
        eventually(lambda: late.births[-1:] == [(3, 2, False)])  # closed in good order since


def test_given_an_old_will_that_comes_after_the_birth_then_the_birth_is_what_stands_retained(
    running: Broker, heard: Heard
) -> None:
    with small_hall(running.host, running.port, PATH) as hall:
        with linked(running.port, heard):
            eventually(lambda: hall.births == [(3, 1, True)])
            for boot, connection in ((3, 0), (2, 7)):
                hall.publish(PATH.topic("state"), TerminalState(False, boot, connection=connection), True)
            eventually(lambda: hall.births.count((3, 1, True)) == 3)
            with small_hall(running.host, running.port, PATH) as late:
                eventually(lambda: late.births == [(3, 1, True)])
                hall.publish(PATH.topic("state"), TerminalState(False, 3, connection=1), True)
                eventually(lambda: (3, 1, False) in late.births)  # ours: nobody argues with that


def test_given_a_broker_that_is_away_for_an_hour_then_it_is_asked_ever_more_seldom_and_found_again(
    running: Broker, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "FIRST_WAIT", 1.0)
    waited: list[float] = []

    def pause(closing: threading.Event, seconds: float) -> None:
        waited.append(seconds)
        if sum(waited) >= 3600 and link.connection:
            running.start()
        closing.wait(0.001)

    running.kill()
    settings = LinkSettings(port=running.port)
    with kept(running.port):
        link = Link(settings, PATH, 1, "", heard.listeners, heard.loop, pause=pause)
        try:
            eventually(lambda: link.connected)
            assert 3600 / (1.5 * links.LONGEST_WAIT) < len(waited) < 3600 / (0.5 * links.LONGEST_WAIT)
            assert waited[0] < 3.1
            assert all(0.5 * links.LONGEST_WAIT <= one <= 1.5 * links.LONGEST_WAIT for one in waited[6:])
            assert len(set(waited)) == len(waited)  # no two terminals come at the same instant
            assert link.connection == len(waited) + 1
        finally:
            link.close()


@contextmanager
def narrow_broker(properties: bytes, confirms: threading.Event) -> Iterator[int]:
    """Accepts with these properties in CONNACK, confirms each message while it may, hangs up on nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            try:
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(bytes([0x20, 3 + len(properties), 0, 0, len(properties)]) + properties)
                    while piece := connection.recv(65536):
                        for mid in published(piece):
                            confirms.wait(60)
                            connection.sendall(struct.pack("!BBH", 0x40, 2, mid))
            except OSError:
                pass

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(60)


def published(piece: bytes) -> Iterator[int]:
    """The message ids of the PUBLISH packets in whole packets."""
    while piece:
        size, n = piece[1] & 127, 2
        if piece[1] > 127:
            size, n = size | piece[2] << 7, 3
        if piece[0] >> 4 == 3:
            topic = struct.unpack("!H", piece[n : n + 2])[0]
            yield struct.unpack("!H", piece[n + 2 + topic : n + 4 + topic])[0]
        piece = piece[n + size :]


def test_given_a_broker_that_takes_no_large_packets_then_such_a_message_is_refused_for_good(
    heard: Heard, confirms: threading.Event
) -> None:
    with narrow_broker(b"\x27" + struct.pack("!I", 700), confirms) as port, linked(port, heard) as link:
        assert link.publish("tx", bytes(700), id="large")  # dealt with: it is not offered again and again
        eventually(lambda: heard.acks == [Ack("large", "too_large")])
        assert link.publish("tx", started(), id="small")
        eventually(lambda: heard.pubacks == ["small"])
        assert heard.acks == [Ack("large", "too_large")]


def test_given_a_broker_that_takes_one_at_a_time_then_health_has_its_turn_between_transactions(
    heard: Heard, confirms: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "SPARE_SECONDS", 60.0)  # the place is still kept when we look
    with narrow_broker(b"\x21" + struct.pack("!H", 1), confirms) as port, linked(port, heard) as link:
        eventually(lambda: link.room == 1)  # the birth is through
        confirms.clear()
        assert link.publish("tx", started("1"), id="1")
        assert not link.publish("health", started("h"))  # no place: but the next one is kept for it
        confirms.set()
        eventually(lambda: heard.pubacks == ["1"])
        assert not link.publish("tx", started("2"), id="2")
        eventually(lambda: link.publish("health", started("h")))
        eventually(lambda: link.publish("tx", started("2"), id="2"))  # and then it is their turn again
        eventually(lambda: heard.pubacks == ["1", "2"])


def test_given_what_the_hall_wants_then_it_is_handed_on_typed_and_rubbish_is_counted(
    running: Broker, heard: Heard, capsys: pytest.CaptureFixture[str]
) -> None:
    given = CommandGiven("c-1", "lock", "2026-03-02T04:00:00Z", {"notice_zh": "检修", "notice_en": "Service"})
    wanted = ConfigurationDesired(4, {"volume": 60})
    with small_hall(running.host, running.port, PATH) as hall, linked(running.port, heard) as link:
        eventually(lambda: hall.births)
        hall.publish(PATH.topic("cfg/desired"), wanted, retain=True)
        hall.publish(PATH.topic("cmd/lock"), given)
        hall.publish(PATH.topic("ack"), Stored("g-1", {"tx": (3, 5)}))
        hall.publish(PATH.topic("cmd/birth"), messages.BirthAsked())
        for leaf in ("cmd/unlock", "ack", "cfg/desired"):  # a command under another's name, and elsewhere
            hall.publish(PATH.topic(leaf), given)
        hall.client.publish(PATH.topic("cmd/lock"), b"planted 11010519491231002X", 1)
        hall.say_state(HostState(True))
        eventually(lambda: heard.hosts)
        assert (heard.commands, heard.desired) == ([given], [wanted])
        assert heard.stored == [Stored("g-1", {"tx": (3, 5)})]
        assert len(heard.births_asked) == 1
        assert link.unreadable == 4
        eventually(lambda: hall.births == [(3, 1, True)] * 2)
    assert "11010519491231002X" not in capsys.readouterr().out


def test_given_whom_nobody_asked_then_a_message_of_another_terminal_is_not_ours(
    running: Broker, heard: Heard
) -> None:
    letter = Envelope("1", "hall.ack", "hall", "t", Ack("m-1", "stored"))
    with small_hall(running.host, running.port, PATH) as hall, linked(running.port, heard):
        hall.client.publish("kt/1/330100/demo/K002/ack", messages.encode(letter), 1)
        hall.say_state(HostState(True))
        eventually(lambda: heard.hosts)
        assert heard.acks == []
