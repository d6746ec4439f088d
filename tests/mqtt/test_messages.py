"""Messages and topics: what one room writes the other reads, and nothing else is taken."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mqtt import messages
from mqtt.asyncapi import EXAMPLES, example
from mqtt.messages import Data, Envelope, FaultRaised, MessageError
from mqtt.topics import TerminalPath, parse

PART = st.text("abcXYZ019_-", min_size=1, max_size=36)


@pytest.mark.parametrize("data", EXAMPLES, ids=lambda data: type(data).__name__)
def test_given_any_message_then_it_arrives_as_it_was_sent_and_is_a_cloud_event(data: Data) -> None:
    payload = messages.encode(example(data))
    assert messages.decode(payload) == example(data)
    said = msgspec.json.decode(payload)
    assert {"specversion", "id", "source", "type"} <= said.keys()  # CloudEvents 1.0, 3.1
    assert said["specversion"] == "1.0"


def test_every_type_has_a_name_an_example_and_reliable_ones_a_stream() -> None:
    assert {type(data) for data in EXAMPLES} == set(messages.TYPES.values())
    assert set(messages.STREAM) <= set(messages.TYPES)
    assert set(messages.STREAM.values()) == {"tx", "res", "evt"}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"[]", "malformed"),
        (b"\xff\xfe", "malformed"),
        (b'{"type": "hall.case.filed"}', "malformed"),
        (b'{"type": "hall.ack", "id": "", "source": "", "time": "", "data": {"id": 5}}', "malformed"),
        (b'{"type": "hall.unheard.of", "id": "1"}', "unknown_type"),
        (b'{"id": "1", "more": ' + b"[" * 30_000 + b"]" * 30_000 + b"}", "malformed"),
        (b'{"type":' * 8000, "malformed"),
        (b" " * (messages.MAX_BYTES + 1), "too_large"),
    ],
)  # fmt: skip
def test_given_a_payload_that_cannot_be_taken_then_it_is_refused_with_its_code(
    payload: bytes, code: str
) -> None:
    with pytest.raises(MessageError) as caught:
        messages.decode(payload)
    assert caught.value.code == code


def test_given_a_message_that_is_too_large_then_it_is_not_even_encoded() -> None:
    with pytest.raises(MessageError, match="too_large"):
        messages.encode(Envelope("i", "hall.fault.raised", "s", "t", FaultRaised("x" * messages.MAX_BYTES)))


@given(st.binary(max_size=200))
def test_whatever_bytes_arrive_decoding_ends_in_a_message_or_a_message_error(payload: bytes) -> None:
    try:
        messages.decode(payload)
    except MessageError as error:
        assert error.code in {"malformed", "unknown_type"}


@given(PART, PART, PART, st.lists(PART, min_size=1, max_size=3))
def test_a_topic_comes_apart_as_it_was_put_together(
    area: str, hall: str, kiosk: str, leaf: list[str]
) -> None:
    path = TerminalPath(area, hall, kiosk)
    assert parse(path.topic("/".join(leaf))) == (path, "/".join(leaf))


@pytest.mark.parametrize(
    "topic", ["", "kt/1/a/h", "kt/1/a/h/k", "kt/2/a/h/k/tx", "kt/1/a//k/tx", "x/1/a/h/k/tx"]
)
def test_given_a_topic_of_another_tree_then_it_is_refused(topic: str) -> None:
    with pytest.raises(ValueError, match="not a topic"):
        parse(topic)
