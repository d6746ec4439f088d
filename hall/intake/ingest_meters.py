"""What one ingest does, in figures: kept by the process, served to Prometheus if settings name a port.

What the store knows is not here but in `hall/desk/metrics.py`. No label names a terminal or a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import prometheus_client as prometheus

from hall.intake.letters import LEAVES, Letter

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Meters:
    """The counters of one ingest, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = prometheus.CollectorRegistry()
        self.connected = prometheus.Gauge(
            "kt_hall_ingest_connected", "1 while subscribed at the broker", registry=self.registry
        )
        self._letters = prometheus.Counter(
            "kt_hall_ingest_letters",
            "Messages by leaf and outcome",
            ["leaf", "outcome"],
            registry=self.registry,
        )
        self._bytes = prometheus.Counter("kt_hall_ingest_bytes", "Payload taken", registry=self.registry)
        self._seconds = prometheus.Histogram(
            "kt_hall_ingest_batch_seconds", "Decode to commit", buckets=_SECONDS, registry=self.registry
        )
        self.again = prometheus.Counter(
            "kt_hall_ingest_batches_again",
            "Batches that lost a race and were tried again",
            registry=self.registry,
        )

    def count(self, letters: Sequence[Letter], seconds: float) -> None:
        """One batch, committed."""
        outcomes = Counter((letter.leaf, letter.code) for letter in letters)
        for (leaf, code), number in outcomes.items():
            self._letters.labels(leaf if leaf in LEAVES else "other", code or "taken").inc(number)
        self._bytes.inc(sum(len(letter.arrival.payload) for letter in letters))
        self._seconds.observe(seconds)

    @contextmanager
    def served(self, port: int) -> Iterator[None]:
        """Serve them on loopback while the block runs; port 0: nowhere. OSError when the port is taken."""
        if not port:
            yield
            return
        server, thread = prometheus.start_http_server(port, addr="127.0.0.1", registry=self.registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join(5)
