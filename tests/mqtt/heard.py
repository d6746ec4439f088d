"""A link for tests, and everything that it told, on a loop of its own as in the terminal."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from config.settings import LinkSettings
from mqtt import messages
from mqtt.link import Link, Listeners
from mqtt.messages import (
    Ack,
    CommandGiven,
    ConfigurationDesired,
    Envelope,
    HostState,
    SessionStarted,
    Stored,
)
from mqtt.topics import TerminalPath
from tests.mqtt.small_hall import eventually

PATH = TerminalPath("330100", "demo", "K001")


class Heard:
    """Everything that a link told."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever)
        self.thread.start()
        self.acks: list[Ack] = []
        self.hosts: list[HostState] = []
        self.connections: list[bool] = []
        self.pubacks: list[str] = []
        self.stored: list[Stored] = []
        self.commands: list[CommandGiven] = []
        self.desired: list[ConfigurationDesired] = []
        self.births_asked: list[bool] = []
        self.listeners = Listeners(
            ack=self.acks.append,
            host_state=self.hosts.append,
            connection=self.connections.append,
            puback=self.pubacks.append,
            stored=self.stored.append,
            command=self.commands.append,
            desired=self.desired.append,
            birth_asked=lambda: self.births_asked.append(True),
        )

    def close(self) -> None:
        """Ends the loop."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(60)
        self.loop.close()


@contextmanager
def hearing() -> Iterator[Heard]:
    """A loop to hear on for as long as the block runs."""
    heard = Heard()
    try:
        yield heard
    finally:
        heard.close()


@contextmanager
def linked(
    port: int, heard: Heard, boot: int = 3, path: TerminalPath = PATH, wait: bool = True, **settings: Any
) -> Iterator[Link]:
    """A link to the broker on `port`, connected when the block begins unless it shall not `wait`."""
    told = LinkSettings(port=port, **settings)
    link = Link(told, path, boot, "0.1.0", heard.listeners, heard.loop)
    try:
        if wait:
            eventually(lambda: link.connected)
        yield link
    finally:
        link.close()


def started(id: str = "1") -> bytes:
    """A message of the stream evt."""
    return messages.encode(Envelope(id, "hall.session.started", "s", "t", SessionStarted("s"), 1, 1))
