"""A resident identity card reader on a PTY, with a hand that lays invented citizens' cards on it.

It answers as a module does, at the speed of its line; the terminal's driver cannot tell the difference. It
reads requests with eyes of its own, so that a mistake in the driver's parser does not hide behind the same
mistake here.
"""

from __future__ import annotations

import os
import select
import termios
import threading
import time
import tty
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from config.people import Person, person
from drivers import id_card, sam_frames
from drivers.id_card import IdCard

DAMAGES = ("checksum", "cut", "garbage", "silent", "late")
SAM_ID = bytes.fromhex("0500 0100 05253501 01000000 02000000")
FINGERPRINT_BYTES = 1024  # all zero: nobody's
_READS = (bytes(sam_frames.READ), bytes(sam_frames.READ_WITH_FINGERPRINT))
_CHUNK = 64  # bytes that a USB adapter hands over at once
_BITS = 10  # of one byte on the line, 8N1
_PREAMBLE = b"\xaa\xaa\xaa\x96\x69"


@dataclass
class _Field:
    """The reader's field: whose card lies in it and how far the terminal has come with it."""

    card: str = ""  # key of config/people.py, or the kind of another card; empty: none lies there
    says: IdCard | None = None
    newest_address: str = ""  # written into the chip after it was issued
    found: bool = False
    selected: bool = False
    spent: bool = False  # read once: Find denies it until it has been lifted


class VirtualIdCardReader:
    """A reader whose terminal end is the symbolic link `link`.

    `wire_time` off answers at once. `late_seconds` is how long a `late` answer takes.
    """

    def __init__(
        self, link: Path, *, baud: int = 115200, wire_time: bool = True, late_seconds: float = 2.5
    ) -> None:
        self.name = "id_card_reader"
        self._link = link
        self._byte_seconds = _BITS / baud if wire_time else 0.0
        self._late_seconds = late_seconds
        self._lock = threading.RLock()  # guards everything below
        self._field = _Field()
        self._damage = ""
        self._damage_any = False  # else only the answer to a read
        self._failed = False
        self._reads = 0
        self._plug: _Plug | None = None

    # ── the contract of a virtual device ────────────────────────────────────
    def start(self) -> None:
        """Makes the PTY and its link, replacing a link that a killed bench has left."""
        with self._lock:
            if self._plug is None:
                self._plug = _Plug(self._link, self._byte_seconds, self._answer)

    def stop(self) -> None:
        """Ends the thread, closes the PTY, removes the link."""
        with self._lock:
            plug, self._plug = self._plug, None
        if plug is not None:  # without the lock: the plug's thread may be waiting for it
            plug.pull()

    def state(self) -> dict[str, object]:
        """`plugged`, `card` (a key or None), `reads` so far, `damage` that comes next, `failed` self-test."""
        with self._lock:
            return {
                "plugged": self._plug is not None,
                "link": str(self._link),
                "card": self._field.card or None,
                "reads": self._reads,
                "damage": self._damage or None,
                "failed": self._failed,
            }

    def act(self, action: str, **arguments: object) -> None:
        """`put(person=KEY[, newest_address=TEXT])`, `take`,
        `damage_next(how=checksum|cut|garbage|silent|late, of=read|any)`, `unplug`, `plug`,
        `fail_self_test`, `repair`. ValueError with words.

        Damage waits for the next card that is read, unless `of="any"`: then it meets the next answer.
        """
        match action, arguments:
            case "put", {"person": str(key), **rest} if set(rest) <= {"newest_address"}:
                self.lay(card_of(person(key)), key, str(rest.get("newest_address", "")))
            case "take", {**rest} if not rest:
                with self._lock:
                    self._field = _Field()
            case "damage_next", {"how": str(how), **rest} if rest.get("of", "read") in ("read", "any"):
                if how not in DAMAGES:
                    raise ValueError(f"a frame is damaged by {', '.join(DAMAGES)}, not {how}")
                with self._lock:
                    self._damage, self._damage_any = how, rest.get("of") == "any"
            case "unplug", {**rest} if not rest:
                self.stop()
            case "plug", {**rest} if not rest:
                self.start()
            case (("fail_self_test" | "repair"), {**rest}) if not rest:
                with self._lock:
                    self._failed = action == "fail_self_test"
                    if action == "repair":  # nor is an answer spoilt that nobody has asked for yet
                        self._damage, self._damage_any = "", False
            case _:
                raise ValueError(
                    "the reader knows put(person), take, damage_next(how), unplug, plug, fail_self_test "
                    f"and repair, not {action}({', '.join(sorted(arguments))})"
                )

    def lay(self, card: IdCard, key: str = "", newest_address: str = "") -> None:
        """Puts any card on the reader, of any of the four kinds. ValueError when one lies there already."""
        with self._lock:
            if self._field.card:
                raise ValueError(f"the card of {self._field.card} still lies on the reader: take it first")
            self._field = _Field(key or card.card, card, newest_address)

    # ── what the module does ────────────────────────────────────────────────
    def _answer(self, body: bytes) -> tuple[bytes, float]:
        """The frame that answers a request's body, and the seconds it is kept back. Called by the plug."""
        with self._lock:
            frame, damage = self._module(body), ""
            if self._damage_any or body in _READS:
                damage, self._damage, self._damage_any = self._damage, "", False
        return _damaged(frame, damage), self._late_seconds if damage == "late" else 0.0

    def _module(self, body: bytes) -> bytes:
        command = (body[0], body[1]) if len(body) == 2 else (0, 0)
        if self._failed:
            return sam_frames.answer_frame(sam_frames.SELF_TEST_FAILED)
        if command in (sam_frames.RESET, sam_frames.STATUS):
            return sam_frames.answer_frame(sam_frames.OK)
        if command == sam_frames.SAM_ID:
            return sam_frames.answer_frame(sam_frames.OK, SAM_ID)
        if command == sam_frames.FIND:
            return self._find()
        if command == sam_frames.SELECT:
            return self._select()
        if command in (sam_frames.READ, sam_frames.READ_WITH_FINGERPRINT):
            return self._read(command == sam_frames.READ_WITH_FINGERPRINT)
        if command == sam_frames.READ_NEWEST_ADDRESS:
            return self._newest_address()
        return sam_frames.answer_frame(sam_frames.BAD_COMMAND)

    def _find(self) -> bytes:
        if not self._field.card or self._field.spent:
            return sam_frames.answer_frame(sam_frames.NO_CARD)
        self._field.found = True
        return sam_frames.answer_frame(sam_frames.FOUND, bytes(4))

    def _select(self) -> bytes:
        if not self._field.found or self._field.spent:
            return sam_frames.answer_frame(sam_frames.SELECT_FAILED)
        self._field.selected = True
        return sam_frames.answer_frame(sam_frames.OK, bytes(8))

    def _read(self, with_fingerprint: bool) -> bytes:
        card = self._field.says
        if card is None or not self._field.selected or self._field.spent:
            return sam_frames.answer_frame(sam_frames.READ_FAILED)
        self._field.spent = True
        self._reads += 1
        parts = [id_card.encode(card), card.photo_wlt]
        if with_fingerprint:
            parts.append(bytes(FINGERPRINT_BYTES))
        lengths = b"".join(len(part).to_bytes(2, "big") for part in parts)
        return sam_frames.answer_frame(sam_frames.OK, lengths + b"".join(parts))

    def _newest_address(self) -> bytes:
        if not self._field.card or not self._field.selected:
            return sam_frames.answer_frame(sam_frames.READ_FAILED)
        if not self._field.newest_address:
            return sam_frames.answer_frame(sam_frames.NO_CONTENT)
        return sam_frames.answer_frame(
            sam_frames.OK, self._field.newest_address.ljust(35).encode("utf-16-le")
        )


def card_of(citizen: Person) -> IdCard:
    """The resident card of an invented citizen."""
    return IdCard(
        card="resident",
        name=citizen.name,
        sex=citizen.sex,
        nation=citizen.nation,
        birth=citizen.birth,
        address=citizen.address,
        number=citizen.number,
        issuer=citizen.issuer,
        valid_from=citizen.valid_from,
        valid_to=citizen.valid_to,
        photo_wlt=_photo(),
    )


def _photo() -> bytes:
    """A chip photo that shows nobody: the header, then nothing. Faces come from the platform."""
    return id_card.PHOTO_HEADER.ljust(id_card.PHOTO_BYTES, b"\0")


def _damaged(frame: bytes, how: str) -> bytes:
    match how:
        case "checksum":  # one bit falls over: in the name, where a card is sent
            place = 14 if len(frame) > 200 else len(frame) - 1
            return frame[:place] + bytes((frame[place] ^ 0x01,)) + frame[place + 1 :]
        case "cut":
            return frame[: len(frame) * 2 // 3]
        case "garbage":
            return bytes((byte * 7 + 0x35) & 0x7F for byte in frame)  # below 0x80: holds no preamble
        case "silent":
            return b""
    return frame


class _Plug:
    """One stay of the cable in its socket: a PTY, its link, and the thread at the module's end."""

    def __init__(
        self, link: Path, byte_seconds: float, answer: Callable[[bytes], tuple[bytes, float]]
    ) -> None:
        self._link = link
        self._byte_seconds = byte_seconds
        self._answer = answer
        self._pulled = threading.Event()
        if link.is_symlink():  # a killed bench has left it; anything else there is not ours to remove
            link.unlink()
        link.parent.mkdir(parents=True, exist_ok=True)
        self._wake_out, self._wake_in = os.pipe()
        self._master, self._slave = os.openpty()
        os.set_blocking(self._master, False)
        # Our own handle on the terminal's end keeps the line up between two openings, and raw from the
        # start: in its first state a PTY would echo.
        tty.setraw(self._slave, termios.TCSANOW)
        self._thread = threading.Thread(target=self._serve, name="virtual-id-card-reader", daemon=True)
        try:
            link.symlink_to(os.ttyname(self._slave))
        except OSError:
            self._close()
            raise
        self._thread.start()

    def pull(self) -> None:
        """The cable comes out: the terminal's handle hangs up, the link is gone, the thread has ended."""
        with suppress(FileNotFoundError):
            self._link.unlink()
        self._pulled.set()
        os.write(self._wake_in, b"x")
        self._thread.join()
        self._close()

    def _close(self) -> None:
        for handle in (self._master, self._slave, self._wake_in, self._wake_out):
            os.close(handle)

    def _serve(self) -> None:
        received = bytearray()
        while not self._pulled.is_set():
            ready, _, _ = select.select([self._master, self._wake_out], [], [])
            if self._master not in ready or self._pulled.is_set():
                continue
            received += os.read(self._master, 4096)
            while (body := _next_request(received)) is not None:
                self._reply(body)

    def _reply(self, body: bytes) -> None:
        self._pulled.wait(self._byte_seconds * (len(_PREAMBLE) + 3 + len(body)))  # the request's own time
        frame, kept_back = self._answer(body)
        if self._pulled.wait(kept_back):
            return
        start = time.monotonic()
        for sent in range(0, len(frame), _CHUNK):
            chunk = frame[sent : sent + _CHUNK]
            due = start + self._byte_seconds * (sent + len(chunk))
            if self._pulled.wait(max(0.0, due - time.monotonic())):
                return
            with suppress(BlockingIOError):  # nobody reads: the bytes are lost, as on a real line
                os.write(self._master, chunk)


def _next_request(received: bytearray) -> bytes | None:
    """Takes the next whole request off `received`: its command, parameter and data. None: not yet."""
    while (start := received.find(_PREAMBLE)) >= 0:
        del received[:start]
        if len(received) < 7:
            return None
        counted = received[5] << 8 | received[6]
        if len(received) < 7 + counted:
            return None
        check = 0
        for byte in received[5 : 7 + counted - 1]:
            check ^= byte
        body, good = bytes(received[7 : 7 + counted - 1]), received[7 + counted - 1] == check
        del received[: 7 + counted]
        if good and body:
            return body  # a module does answer 10 to a damaged request; this one stays silent
    return None
