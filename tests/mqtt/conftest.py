"""What the link's tests share: a broker of their own, and somebody who listens to the link."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mqtt.heard import Heard, hearing
from tests.peers.broker import Broker, broker


@pytest.fixture
def heard() -> Iterator[Heard]:
    """What the link has told."""
    with hearing() as listening:
        yield listening


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Broker]:
    """A broker that runs."""
    with broker(tmp_path / "broker") as one:
        yield one
