"""The mobile phones of the invented citizens: where text messages arrive that the platform sends."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime

_KEPT = 50


@dataclass(frozen=True)
class Message:
    """One text message. `at` is local time in ISO 8601."""

    to: str
    text: str
    at: str


class VirtualPhone:
    """Keeps the newest messages, in memory only. Its wire is the bench's `POST /sms`."""

    name = "phone"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages: deque[Message] = deque(maxlen=_KEPT)
        self._plugged = False

    def start(self) -> None:
        """Takes messages from now on."""
        self._plugged = True

    def stop(self) -> None:
        """Takes no more messages and forgets those it has."""
        self._plugged = False
        with self._lock:
            self._messages.clear()

    def state(self) -> dict[str, object]:
        """Whether the gateway is up, and the messages, newest first."""
        return {"plugged": self._plugged, "messages": [asdict(message) for message in self.messages()]}

    def act(self, action: str, **arguments: object) -> None:
        """`clear`, `unplug` (the gateway refuses messages), `plug`. ValueError with words."""
        if arguments:
            raise ValueError(f"{action} takes no argument")
        if action == "clear":
            with self._lock:
                self._messages.clear()
        elif action in ("unplug", "plug"):
            self._plugged = action == "plug"
        else:
            raise ValueError(f"the phone knows clear, unplug and plug, not {action}")

    def receive(self, to: str, text: str) -> None:
        """A message arrives. ConnectionError when the gateway is down."""
        if not self._plugged:
            raise ConnectionError("the message gateway is down")
        message = Message(to, text, datetime.now().astimezone().isoformat(timespec="seconds"))
        with self._lock:
            self._messages.appendleft(message)

    def messages(self) -> list[Message]:
        """Newest first."""
        with self._lock:
            return list(self._messages)
