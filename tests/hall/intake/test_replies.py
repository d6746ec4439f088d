"""What the ingest tells terminals: the bytes that the message types give, and nobody is asked too often."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from hall.intake import packets, replies
from hall.intake.letters import Arrival, open_letter
from hall.intake.packets import Publication
from mqtt import messages as m
from tests.hall.fleet import Speaker


@pytest.mark.parametrize("path", ["a/h/k", '市/厅/"k"'])
@pytest.mark.parametrize(("code", "retry"), [("stored", False), ("seq_taken", False), ("internal", True)])
def test_an_ack_written_by_hand_is_the_message_that_the_types_describe(
    engine: Engine, path: str, code: str, retry: bool
) -> None:
    letter = open_letter(Arrival(7, *Speaker(engine, path).letter(m.SessionStarted("s")), 1000))
    letter.code = code
    (packet,) = packets.take(bytearray(replies.acks([letter])))
    assert isinstance(packet, Publication)
    assert packet.topic == f"kt/1/{path}/ack" and packet.mid == 0
    envelope = m.decode(packet.payload)
    assert envelope.data == m.Ack(letter.id, code, retry)
    assert m.encode(envelope) == packet.payload


def test_what_waits_for_no_answer_gets_none(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    state = open_letter(Arrival(1, *speaker.letter(m.TerminalState(True, 1)), 1000))
    noise = open_letter(Arrival(2, "kt/1/a/h/k/tx", b"noise", 1000))
    assert replies.acks([state, noise]) == b""


def test_a_terminal_is_asked_for_its_birth_once_a_minute() -> None:
    births = replies.BirthRequests()
    assert [topic for topic, _ in births.to(["a/h/k"])] == ["kt/1/a/h/k/cmd/birth"]
    assert [topic for topic, _ in births.to(["a/h/k", "a/h/x"])] == ["kt/1/a/h/x/cmd/birth"]
