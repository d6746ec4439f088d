"""The resident identity card reader: a SAM_V module on a serial line, on USB or behind a serial server.

The terminal asks, the module answers, one at a time. Answers carry no number, so one that comes late could
be taken for the next question's, and show one person another's card. Therefore each answer is held against
the shape its question has, and after any time-out or damage the line counts as *unsure*: before the next
question it is drained and fenced by asking for the module's own number, which no card can answer.

Text and photo are read (30 01); the fingerprint only for whoever asks for it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from config.devices import Availability, DeviceState, Media
from drivers import chip_photo, id_card, sam_frames
from drivers.device import Deadline, DeviceError, check_seconds
from drivers.id_card import IdCard
from drivers.sam_frames import Answer, FrameParser
from drivers.sam_wire import open_sam_wire
from drivers.wire import Wire, check_port, drain

FIND_PAUSE = 0.01  # seconds between two Finds: with 0.9 + 1.3 ms on the wire, a card is noticed in < 20 ms
REMOVAL_PAUSE = 0.1
QUIET = 0.03  # seconds without a byte after which the line is taken to be empty
STALE_FRAMES = 8  # answers that may come before the fence: there are never more questions outstanding


class IdCardReader:
    """One reader on `port`, any spelling of `drivers/wire.py`. `timeout`: seconds for any one answer.

    `select_without_find`: for modules whose Find denies a card that Select then takes.
    `newest_address`: each card is asked for the address written into it since it was issued.
    `photo_…`: the vendor's library for the chip's photo, as `chip_photo.Decoder` has them; none by default.
    """

    def __init__(
        self,
        *,
        port: str,
        baud: int = 115200,
        timeout: float = 1.5,
        select_without_find: bool = False,
        newest_address: bool = False,
        photo_library: str = "",
        photo_symbol: str = "unpack",
        photo_convention: chip_photo.Convention = "bgr_save",
        photo_order: chip_photo.Order = "bottom_up",
        photo_folder: str = "",
        photo_timeout: float = 3.0,
    ) -> None:
        check_seconds(timeout=timeout, photo_timeout=photo_timeout)
        check_port(port, baud)
        self._port = port
        self._baud = baud
        self._timeout = timeout
        self._select_without_find = select_without_find
        self._with_newest_address = newest_address
        self._decoder: chip_photo.Decoder | None = None
        if photo_library:
            folder = Path(photo_folder) if photo_folder else None
            self._decoder = chip_photo.Decoder(
                Path(photo_library), photo_symbol, photo_convention, photo_order, folder, photo_timeout
            )
        self._photo_faults: tuple[str, ...] = ()  # of the decoder, until it decodes again
        self._wire: Wire | None = None
        self._parser = FrameParser()
        self._unsure = True
        self._lying = False  # a card has been read and has not been seen to leave
        self._selected = False  # by looking for it
        self._unknown: set[tuple[int, int]] = set()  # commands that this module has refused as unknown
        self._cards = 0

    # ── the contract ────────────────────────────────────────────────────────
    def open(self) -> None:
        """Takes the line. DeviceError `device_absent`. Asks nothing: a module may still be starting."""
        self.close()
        self._wire = open_sam_wire(self._port, Deadline(self._timeout), baud=self._baud)
        self._unsure = True
        self._lying = self._selected = False
        self._unknown.clear()

    def close(self) -> None:
        """Lets the line go; may be called twice; never raises."""
        if self._wire is not None:
            self._wire.close()
        self._wire = None
        self._parser.clear()

    def status(self) -> DeviceState:
        """Asks the module how it is (11 FF), and whether a card that was read still lies there.

        A failed self-test is a state, not an error. DeviceError `device_timeout`, `device_garbled`,
        `device_offline` (lost).
        """
        answer = self._ask(sam_frames.STATUS)
        if answer.sw3 != sam_frames.OK:
            fault = sam_frames.fault_of(answer, "status")
            return DeviceState(Availability.FAULT, Media.UNKNOWN, faults=(fault.code,), detail=fault.detail)
        media = Media.UNKNOWN
        if self._lying:
            self._lying = self._card_answers()
            media = Media.PRESENT if self._lying else Media.NONE
        return DeviceState(Availability.ONLINE, media, faults=self._photo_faults)

    def counts(self) -> Mapping[str, int]:
        """`cards` read since this object was made."""
        return {"cards": self._cards}

    # ── verbs ───────────────────────────────────────────────────────────────
    def sam_id(self) -> str:
        """The module's own number as printed on it: `05.01-20260101-0000000001-0000000002`."""
        answer = self._success(sam_frames.SAM_ID, "SAM id")
        return _sam_id_text(answer.data)

    def find_card(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds for a card; True as soon as one is found.

        A card that has been read is found again only after it has left the field.
        """
        return _until(self._find, Deadline(timeout), FIND_PAUSE)

    def read_card(self, timeout: float = 2.0, fingerprint: bool = False) -> IdCard:
        """Waits up to `timeout` seconds for a card and reads it: find, select, read. One try.

        `fingerprint` asks for that too (30 10); old modules do not know how, and the card comes without.
        DeviceError `id_no_card` when none came, `id_unreadable`, `id_refused`, `id_module_failed`,
        `device_timeout`, `device_garbled`, `device_offline` (lost).
        """
        if not self.find_card(timeout):
            raise DeviceError("id_no_card", f"none found in {timeout:g} s")
        if not self._selected:
            self._success(sam_frames.SELECT, "select")
        text, photo, finger = self._parts(fingerprint)
        self._lying = True
        card = replace(id_card.decode(text, photo), fingerprint=finger)
        if self._with_newest_address:
            card = replace(card, newest_address=self.newest_address())
        self._cards += 1
        return card

    def newest_address(self) -> str:
        """The address written into the card that was just read, since it was issued (30 03).

        Empty when there is none, or when the module does not know the question.
        DeviceError `id_unreadable` when the card has left.
        """
        answer = self._ask_if_known(sam_frames.READ_NEWEST_ADDRESS)
        if answer is None or answer.sw3 == sam_frames.NO_CONTENT:
            return ""
        if answer.sw3 != sam_frames.OK:
            raise sam_frames.fault_of(answer, "newest address")
        return id_card.newest_address(answer.data)

    def chip_photo(self, wlt: bytes) -> bytes:
        """The photo of a card (`photo_wlt`) as a BMP of 102 × 126. Asks the decoder, not the module.

        DeviceError `id_photo_no_decoder`, `id_photo_unreadable`, `id_photo_licence`,
        `id_photo_decoder_failed`. The last two stay in `status()` until a photo is decoded: somebody has
        to come, but the reader reads on.
        """
        try:
            picture = chip_photo.decode(wlt, self._decoder)
        except DeviceError as error:
            if error.code in ("id_photo_licence", "id_photo_decoder_failed"):
                self._photo_faults = (error.code,)
            raise
        self._photo_faults = ()
        return picture

    def wait_removed(self, timeout: float) -> bool:
        """Waits up to `timeout` seconds until the card that was read has left; True when it has.

        True at once when no card has been read. Asked by *read newest address* (30 03): a selected card
        answers 90 or 91 without content, an absent one 41. Modules that do not know the command are asked
        by Select instead.
        """

        def gone() -> bool:
            self._lying = self._lying and self._card_answers()
            return not self._lying

        return _until(gone, Deadline(timeout), REMOVAL_PAUSE)

    def reset(self) -> None:
        """Resets the module (10 FF) and makes sure that nothing of before is still on its way.

        To be called when a verb was given up: its late answer must not meet the next person.
        DeviceError `device_timeout` when the module is still busy: the line stays unsure, and the next
        verb drains it first.
        """
        self._unsure = True
        self._success(sam_frames.RESET, "reset")

    # ── questions and answers ───────────────────────────────────────────────
    def _find(self) -> bool:
        self._selected = False
        answer = self._ask(sam_frames.FIND)
        if answer.sw3 == sam_frames.FOUND:
            self._lying = False  # another card, or the same laid down again
            return True
        if answer.sw3 in (sam_frames.NO_CARD, sam_frames.SELECT_FAILED):
            return self._select_without_find and self._select_instead()
        raise sam_frames.fault_of(answer, "find")

    def _select_instead(self) -> bool:
        """Looks for a card by Select. It takes one that has been read again and again: that is none."""
        self._lying = self._lying and self._card_answers()
        if self._lying:
            return False
        answer = self._ask(sam_frames.SELECT)
        if answer.sw3 in (sam_frames.NO_CARD, sam_frames.SELECT_FAILED):
            return False
        if answer.sw3 != sam_frames.OK:
            raise sam_frames.fault_of(answer, "select")
        self._selected = True
        return True

    def _parts(self, fingerprint: bool) -> tuple[bytes, bytes, bytes]:
        """Text, photo and fingerprint of the selected card."""
        answer = self._ask_if_known(sam_frames.READ_WITH_FINGERPRINT) if fingerprint else None
        if answer is None:
            answer = self._ask(sam_frames.READ)
        if answer.sw3 != sam_frames.OK:
            raise sam_frames.fault_of(answer, "read")
        return sam_frames.read_parts(answer.data)

    def _card_answers(self) -> bool:
        answer = self._ask_if_known(sam_frames.READ_NEWEST_ADDRESS) or self._ask(sam_frames.SELECT)
        if sam_frames.FAULTS.get(answer.sw3) == "id_module_failed":
            raise sam_frames.fault_of(answer, "card present")
        return answer.sw3 in (sam_frames.OK, sam_frames.NO_CONTENT)

    def _success(self, command: tuple[int, int], doing: str) -> Answer:
        answer = self._ask(command)
        if answer.sw3 != sam_frames.OK:
            raise sam_frames.fault_of(answer, doing)
        return answer

    def _ask_if_known(self, command: tuple[int, int]) -> Answer | None:
        """As `_ask`; None when the module does not know the command. It is not asked twice."""
        if command in self._unknown:
            return None
        answer = self._ask(command)
        if answer.sw3 == sam_frames.BAD_COMMAND:
            self._unknown.add(command)
            return None
        return answer

    def _ask(self, command: tuple[int, int]) -> Answer:
        """One question and the answer to it, within the module's time-out."""
        deadline = Deadline(self._timeout)
        if self._unsure:
            self._fence(deadline)
        self._unsure = True  # until its answer is here
        answer = self._exchange(command, deadline)
        if not _fits(command, answer):
            raise DeviceError("device_garbled", f"{answer} answers {command[0]:02X} {command[1]:02X}")
        self._unsure = False
        return answer

    def _fence(self, deadline: Deadline) -> None:
        """Empties the line, then asks for the SAM id and throws away what comes before its answer."""
        drain(self._line(), QUIET, deadline)
        answer = self._exchange(sam_frames.SAM_ID, deadline)
        for _ in range(STALE_FRAMES):
            if len(answer.data) == 16 or _says_it_failed(answer):
                return
            answer = self._receive(deadline)
        raise DeviceError("device_garbled", "the module does not answer to its own number")

    def _exchange(self, command: tuple[int, int], deadline: Deadline) -> Answer:
        self._parser.clear()
        self._line().write(sam_frames.request(command), deadline)
        return self._receive(deadline)

    def _receive(self, deadline: Deadline) -> Answer:
        wire = self._line()
        while (answer := self._parser.take()) is None:
            deadline.check("waiting for the module's answer")
            self._parser.feed(wire.read(deadline))
        return answer

    def _line(self) -> Wire:
        if self._wire is None:
            raise DeviceError("device_offline", "not open", lost=True)
        return self._wire


def _until(done: Callable[[], bool], deadline: Deadline, pause: float) -> bool:
    """Asks at least once, then every `pause` seconds until the deadline."""
    while not done():
        if deadline.left <= 0:
            return False
        time.sleep(min(pause, deadline.left))
    return True


# How many bytes of data a success has, by command; reads are told by their own length fields.
_SIZES = {
    sam_frames.RESET: (0,),
    sam_frames.STATUS: (0,),
    sam_frames.SAM_ID: (16,),
    sam_frames.FIND: (4,),
    sam_frames.SELECT: (8,),
    sam_frames.READ_NEWEST_ADDRESS: (0, 70),
}


def _fits(command: tuple[int, int], answer: Answer) -> bool:
    """Can this be the answer to that question? A failure has no data, a success the right amount."""
    if answer.sw3 not in (sam_frames.OK, sam_frames.FOUND):
        return not answer.data
    if (answer.sw3 == sam_frames.FOUND) != (command == sam_frames.FIND):
        return False
    if command in _SIZES:
        return len(answer.data) in _SIZES[command]
    with suppress(DeviceError):
        sam_frames.read_parts(answer.data)
        return True
    return False


def _says_it_failed(answer: Answer) -> bool:
    """A module that failed its self-test refuses its number too: then that refusal is the fence."""
    return not answer.data and sam_frames.FAULTS.get(answer.sw3) == "id_module_failed"


def _sam_id_text(data: bytes) -> str:
    first, second, third = (int.from_bytes(data[i : i + 4], "little") for i in (4, 8, 12))
    return f"{data[0]:02d}.{data[2]:02d}-{first:08d}-{second:010d}-{third:010d}"
