"""MQTT packets as bytes: what one side writes the other reads, however the network cuts it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from hall.intake import packets
from hall.intake.packets import Packet, PacketError, Publication

publications = st.builds(
    Publication,
    topic=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=40),
    payload=st.binary(max_size=400),
    mid=st.integers(0, 0xFFFF),
    retain=st.booleans(),
)


@given(st.lists(publications, max_size=6), st.lists(st.integers(1, 60), max_size=30))
def test_publications_come_out_whole_however_they_are_cut(sent: list[Publication], cuts: list[int]) -> None:
    wire = b"".join(packets.publish(p.topic, p.payload, mid=p.mid, retain=p.retain) for p in sent)
    buffer, got = bytearray(), []
    for size in [*cuts, len(wire)]:
        buffer += wire[:size]
        wire = wire[size:]
        got += list(packets.take(buffer))
    assert got == sent and not buffer


@given(st.binary(max_size=200))
def test_any_bytes_are_packets_or_an_error_never_a_crash(noise: bytes) -> None:
    buffer = bytearray(noise)
    try:
        for packet in packets.take(buffer):
            if isinstance(packet, Packet) and packet.kind == packets.CONNACK:
                packets.connack(packet.body)
            elif isinstance(packet, Packet) and packet.kind == packets.SUBACK:
                packets.suback(packet.body)
    except PacketError:
        return
    assert len(buffer) <= len(noise)


def test_a_publication_with_properties_keeps_its_payload() -> None:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.MessageExpiryInterval = 300
    properties.UserProperty = ("a", "b" * 200)
    body = b"\x00\x03a/b" + b"\x00\x07" + properties.pack() + b"payload"  # type: ignore[no-untyped-call]
    wire = bytearray(b"\x33" + packets._length(len(body)) + body)
    assert list(packets.take(wire)) == [Publication("a/b", b"payload", 7, True)]


def test_the_server_may_set_the_keep_alive() -> None:
    properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]
    properties.ServerKeepAlive = 5
    properties.ReasonString = "as you like"
    properties.UserProperty = ("a", "b")
    properties.MaximumQoS = 1
    assert packets.connack(b"\x01\x00" + properties.pack()) == (0, 5)  # type: ignore[no-untyped-call]
    assert packets.connack(b"\x00\x87\x00") == (0x87, 0)


@pytest.mark.parametrize(
    "wire", [b"\x35\x05\x00\x01a\x00\x01", b"\x32\x03\x00\x09a", b"\x30\xff\xff\xff\xff\x01"]
)
def test_what_nobody_asked_for_or_ends_early_is_an_error(wire: bytes) -> None:
    with pytest.raises(PacketError):
        list(packets.take(bytearray(wire)))


@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=300),
    st.binary(max_size=20_000),
)
def test_the_short_way_to_a_publication_gives_the_same_bytes(topic: str, payload: bytes) -> None:
    assert packets.publication(topic.encode(), payload) == packets.publish(topic, payload)


def test_many_pubacks_are_one_behind_the_other_and_none_for_what_wants_none() -> None:
    assert packets.pubacks([1, 0, 770]) == packets.puback(1) + packets.puback(770)


def test_the_server_says_how_many_it_takes_unconfirmed() -> None:
    assert packets.receive_maximum(b"\x00\x00\x03\x21\x00\x14") == 20
    assert packets.receive_maximum(b"\x00\x00\x00") == 65535
