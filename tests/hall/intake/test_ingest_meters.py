"""An ingest's figures, as Prometheus reads them."""

from __future__ import annotations

import httpx
from sqlalchemy import Engine

from hall.intake.ingest_meters import Meters
from hall.intake.letters import Arrival, open_letter
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.peers.broker import free_port


def test_what_was_taken_and_refused_is_counted_by_leaf_and_no_label_is_a_strangers_word(
    engine: Engine,
) -> None:
    speaker = Speaker(engine, "a/h/k")
    good = open_letter(Arrival(0, *speaker.letter(m.SessionStarted("s")), 1000))
    good.code = "stored"
    noise = open_letter(Arrival(0, "kt/1/a/h/k/evil/leaf", b"noise", 1000))
    meters, port = Meters(), free_port()
    with meters.served(port):
        meters.count([good, noise, good], 0.01)
        text = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=30).text
    assert 'kt_hall_ingest_letters_total{leaf="evt",outcome="stored"} 2.0' in text
    assert 'kt_hall_ingest_letters_total{leaf="other",outcome="malformed"} 1.0' in text
    assert "kt_hall_ingest_batch_seconds_count 1.0" in text and "evil" not in text
    with Meters().served(0):
        pass  # no port was asked for
