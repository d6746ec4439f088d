"""The whole way over a broker that knows no MQTT 5: outbox, broker, hall's ack, empty."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from mqtt.messages import HostState
from tests.kiosk.small_terminal import PATH, eventually, hurry, terminal
from tests.mqtt.small_hall import small_hall
from tests.peers.old_broker import old_broker


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def test_given_a_broker_that_knows_no_5_then_the_terminal_falls_back_and_everything_arrives_once(
    tmp_path: Path,
) -> None:
    async def hour() -> None:
        with old_broker(tmp_path / "broker") as running:
            with small_hall(running.host, running.port, PATH, modern=False) as hall:
                hall.generation = "first"
                async with terminal(tmp_path / "data", running.port) as one:
                    await eventually(lambda: one.link.protocol == "3.1.1")
                    hall.say_state(HostState(online=True, generation="first"))
                    await eventually(lambda: one.generation() == "first")
                    await one.files(10)
                    await eventually(lambda: one.depth() == 0)
                    assert one.agrees(hall)
                    assert one.refused == []
                    running.kill()
                    await one.files(3)
                    assert one.depth() == 6
                    running.start()
                    await eventually(lambda: one.depth() == 0)
                    assert one.agrees(hall)
                    assert one.link.protocol == "3.1.1"
                await eventually(lambda: hall.births[-1][2] is False)  # it said goodbye

    asyncio.run(hour())


def test_given_a_hall_that_wants_5_and_nothing_else_then_such_a_broker_is_none(tmp_path: Path) -> None:
    async def hour() -> None:
        with old_broker(tmp_path / "broker") as running:
            async with terminal(tmp_path / "data", running.port, protocol="5") as one:
                await eventually(lambda: one.link.connection >= 3)
                assert not one.link.connected
            async with terminal(tmp_path / "data", running.port, protocol="3.1.1") as one:
                await eventually(lambda: one.link.connected)
                assert one.link.connection == 1

    asyncio.run(hour())
