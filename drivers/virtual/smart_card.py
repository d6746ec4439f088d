"""A chip card for the real card daemon: it plugs into a reader of vsmartcard's driver and answers as a card.

Each message on its socket is two bytes of length and that many bytes. One byte alone is the reader's:
0 power off, 1 power on, 2 reset, 4 the answer to reset, please. All else is an APDU.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from config.people import person
from drivers.virtual.card_chips import ATR, Make, Secret, id_card_chip, social_card_chip

APPLICATIONS = ("social", "id")
DAMAGES = ("silent", "late", "garbled", "cut", "failed")
_AGAIN = 0.02  # seconds until a daemon that is away is tried again
_PATIENCE = 5.0
LATE_SECONDS = 1.2


class VirtualSmartCard:
    """The card in the slot at TCP port `port` of 127.0.0.1, when there is one.

    The daemon may die and come back meanwhile: a card in the slot is there again when it is.
    """

    def __init__(self, port: int, *, name: str = "social_card_reader") -> None:
        self.name = name
        self._port = port
        self._lock = threading.RLock()  # guards everything below
        self._card = ""  # key of config/people.py
        self._insertion: _Insertion | None = None
        self._damage, self._damage_after = "", 0
        self._secrets: dict[str, Secret] = {}  # by person: tries are counted by the card, not by its stay
        self._asked = 0  # APDUs since the card was put
        self._started = False

    # ── the contract of a virtual device ────────────────────────────────────
    def start(self) -> None:
        """An empty slot. Nothing to take hold of: the port is the daemon's."""
        self._started = True

    def stop(self) -> None:
        """Takes the card out. No thread and no socket is left."""
        self._started = False
        self._take()

    def state(self) -> dict[str, object]:
        """`card` (a key or None), `apdus` it was asked, `damage` that comes next."""
        with self._lock:
            return {"card": self._card or None, "apdus": self._asked, "damage": self._damage or None}

    def act(self, action: str, **arguments: object) -> None:
        """`put(person=KEY, application=social|id, version=, addressing=, length=, select_p1=)`, `take`,
        `unblock(person=KEY)` (its PIN, 123456, has all tries again),
        `damage_next(how=silent|late|garbled|cut|failed, after=APDUs)`. ValueError with words.

        A `cut` pulls the card out in the middle of its answer.
        """
        match action, arguments:
            case "put", {"person": str(key), **rest}:
                application = rest.pop("application", "social")
                try:
                    make = Make(**rest)  # type: ignore[arg-type]
                except TypeError:
                    raise ValueError(f"a card is not made by {', '.join(sorted(rest))}") from None
                self._put(key, str(application), make)
            case "take", {**rest} if not rest:
                self._take()
            case "unblock", {"person": str(key), **rest} if not rest:
                self._secrets.pop(key, None)
            case "damage_next", {"how": str(how), **rest} if not set(rest) - {"after"}:
                if how not in DAMAGES:
                    raise ValueError(f"an answer is damaged by {', '.join(DAMAGES)}, not {how}")
                with self._lock:
                    self._damage, self._damage_after = how, int(str(rest.get("after", 0)))
            case _:
                raise ValueError(
                    "the slot knows put(person), take, unblock(person) and damage_next(how), "
                    f"not {action}({', '.join(sorted(arguments))})"
                )

    def _put(self, key: str, application: str, make: Make) -> None:
        citizen = person(key)  # ValueError when there is no such person
        if application not in APPLICATIONS:
            raise ValueError(f"a card carries {', '.join(APPLICATIONS)}, not {application}")
        secret = self._secrets.setdefault(key, Secret())
        chip = social_card_chip(citizen, make, secret) if application == "social" else id_card_chip(citizen)
        with self._lock:
            if not self._started:
                raise ValueError("the slot has not been started")
            if self._card:
                raise ValueError(f"the card of {self._card} is still in the slot: take it first")
            self._card, self._asked = key, 0
            self._insertion = _Insertion(self._port, lambda apdu: self._answer(chip, apdu))

    def _take(self) -> None:
        with self._lock:
            insertion, self._insertion, self._card = self._insertion, None, ""
        if insertion is not None:  # without the lock: the card's thread may be waiting for it
            insertion.pull()

    def _answer(self, chip: Callable[[bytes], bytes], apdu: bytes) -> tuple[bytes, str]:
        with self._lock:
            self._asked += 1
            how = ""
            if self._damage and self._damage_after == 0:
                how, self._damage = self._damage, ""
            elif self._damage:
                self._damage_after -= 1
            if how == "cut":
                self._card = ""
        answer = chip(apdu)
        if how == "garbled":  # every data byte falls over, the status word stands
            answer = bytes(byte ^ 0x55 for byte in answer[:-2]) + answer[-2:]
        elif how == "failed":
            answer = b"\x6f\x00"
        return answer, how


class _Insertion:
    """One stay of a card in the slot: its connection to the daemon, and the thread of its chip."""

    def __init__(self, port: int, answer: Callable[[bytes], tuple[bytes, str]]) -> None:
        self._port, self._answer = port, answer
        self._pulled = threading.Event()
        self._line: socket.socket | None = None
        self._thread = threading.Thread(target=self._live, name="virtual-smart-card", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """The card comes out, in the middle of whatever it was saying."""
        self._pulled.set()
        line = self._line
        if line is not None:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)

    def _live(self) -> None:
        while not self._pulled.is_set():
            try:
                with socket.create_connection(("127.0.0.1", self._port), _PATIENCE) as line:
                    line.settimeout(None)
                    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    self._line = line
                    if not self._pulled.is_set():
                        self._serve(line)
            except OSError:
                pass  # the daemon is away
            self._pulled.wait(_AGAIN)

    def _serve(self, line: socket.socket) -> None:
        while (message := _message(line)) is not None:
            if message == b"\x04":
                _send(line, ATR)
            elif len(message) > 1:
                answer, how = self._answer(message)
                if how == "cut":
                    line.sendall((len(answer).to_bytes(2, "big") + answer)[: 2 + len(answer) // 2])
                    self._pulled.set()
                    return
                if how == "late":
                    self._pulled.wait(LATE_SECONDS)
                if how != "silent":
                    _send(line, answer)


def _send(line: socket.socket, content: bytes) -> None:
    line.sendall(len(content).to_bytes(2, "big") + content)


def _message(line: socket.socket) -> bytes | None:
    """The reader's next message; None when the daemon has hung up."""
    head = _exactly(line, 2)
    return None if head is None else _exactly(line, int.from_bytes(head, "big"))


def _exactly(line: socket.socket, count: int) -> bytes | None:
    content = b""
    while len(content) < count:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)  # else each message waits 40 ms
        chunk = line.recv(count - len(content))
        if not chunk:
            return None
        content += chunk
    return content
