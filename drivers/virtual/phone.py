"""The phones of the invented citizens: text messages arrive, QR codes are paid, apps show who they are."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import asdict, dataclass
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from config.people import person
from drivers.virtual.app_issuer import AppIssuer

_KEPT = 50
_SECONDS = 5.0
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass(frozen=True)
class Message:
    """One text message. `at` is local time in ISO 8601."""

    to: str
    text: str
    at: str


class VirtualPhone:
    """Keeps the newest messages, in memory only. Its wire is the bench's `POST /sms`.

    `show_code` opens the app of a citizen, signed by `issuer`: its code is in `state`, and good for a minute.
    `scan` opens what a QR code says, `pay` and `refuse` touch the buttons of that page. It has no eyes:
    without a code it scans the newest that waits at `cashier`, the reference platform's address.
    """

    name = "phone"

    def __init__(self, cashier: str = "", issuer: AppIssuer | None = None) -> None:
        self._cashier, self._page, self._said = cashier, "", ""
        self._issuer, self._code = issuer, ""
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
        self._page = self._said = self._code = ""

    def state(self) -> dict[str, object]:
        """Whether the gateway is up, the messages, newest first, the page that is open with its state, and
        the text of the app's `code`."""
        messages = [asdict(message) for message in self.messages()]
        page = {"page": self._page, "said": self._said, "code": self._code}
        return {"plugged": self._plugged, "messages": messages, **page}

    def act(self, action: str, **arguments: object) -> None:
        """`clear`, `unplug` (the gateway refuses messages), `plug`; `scan` (`code`), `pay`, `refuse`;
        `show_code` (`person`).

        ValueError with words.
        """
        if action == "scan":
            self._open(str(arguments.get("code", "")) or self._waiting())
            return
        if action == "show_code":
            self._show(str(arguments.get("person", "")))
            return
        if arguments:
            raise ValueError(f"{action} takes no argument")
        if action == "clear":
            with self._lock:
                self._messages.clear()
        elif action in ("unplug", "plug"):
            self._plugged = action == "plug"
        elif action in ("pay", "refuse"):
            if not self._page:
                raise ValueError("scan a code first")
            self._said = _state(_ask("POST", f"{self._page}/{action}"))
        else:
            raise ValueError(
                f"the phone knows clear, unplug, plug, scan, pay, refuse and show_code, not {action}"
            )

    def _show(self, key: str) -> None:
        if self._issuer is None:
            raise ValueError("this bench has no issuer of app codes")
        self._code = self._issuer.code(person(key))  # ValueError when there is no such person

    def _waiting(self) -> str:
        if not self._cashier:
            raise ValueError("this bench knows no cashier: give the code")
        codes: list[str] = _ask("GET", f"{self._cashier}/bench/orders").json()
        if not codes:
            raise ValueError("no screen shows a code to pay")
        return codes[0]

    def _open(self, code: str) -> None:
        if urlsplit(code).hostname not in _LOOPBACK:
            raise ValueError("the phone opens pages of this computer only")
        self._page, self._said = code, _state(_ask("GET", code))

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


def _ask(method: str, address: str) -> httpx.Response:
    try:
        answer = httpx.request(method, address, timeout=_SECONDS, trust_env=False)
    except httpx.HTTPError as error:
        raise ValueError(f"the cashier does not answer: {type(error).__name__}") from None
    if answer.status_code != 200:
        raise ValueError(f"the cashier answers with status {answer.status_code}")
    return answer


def _state(page: httpx.Response) -> str:
    """What the cashier's page says of the order: open, paid, refused, expired, closed, refunded."""
    return page.text.partition('data-state="')[2].partition('"')[0]
