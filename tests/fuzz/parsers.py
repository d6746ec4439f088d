"""Every parser of the drivers, as a function of bytes. It may raise DeviceError and nothing else.

To add one: a function here, and a row of `PARSERS` with a few good inputs to begin from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from ippx import Attribute, IppMessage, Operation, Tag, encode

from config import app_code
from config.people import people
from drivers import (
    a4_job,
    a4_layout,
    a4_state,
    chip_photo,
    code_frames,
    escpos_status,
    id_card,
    id_card_pcsc,
    ipp_wire,
    locker_frames,
    modbus_rtu,
    pdf_picture,
    sam_frames,
    social_card,
    social_pin,
    usb_place,
    wire,
)
from drivers.device import DeviceError
from drivers.virtual.card_chips import Make, Secret, id_card_chip, social_card_chip
from drivers.virtual.id_card_reader import card_of

_ISSUER = Ed25519PrivateKey.generate()
_TICKET = app_code.AppTicket("account", "number", 1_800_000_000)


@dataclass(frozen=True)
class Parser:
    """`parse` is thrown any bytes, at most `longest`; `seeds` are good ones."""

    parse: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    longest: int = 3000  # more than twice the longest answer of a card reader


def _sam_frames(data: bytes) -> None:
    """A stream in two pieces; what is found is read on."""
    parser = sam_frames.FrameParser()
    for piece in (data[: len(data) // 2], data[len(data) // 2 :]):
        parser.feed(piece)
        for _ in range(len(data)):
            with suppress(DeviceError):
                answer = parser.take()
                if answer is None:
                    break
                sam_frames.read_parts(answer.data)
    assert parser.take() is None, "a whole answer was left lying"


def _id_card(data: bytes) -> None:
    card = id_card.decode(data[: id_card.TEXT_BYTES], data[id_card.TEXT_BYTES :])
    assert card.name and card.number


def _newest_address(data: bytes) -> None:
    assert len(id_card.newest_address(data)) <= len(data) // 2


def _chip_photo(data: bytes) -> None:
    """The first bytes as a photo, the rest as what a vendor's library gave for it."""
    chip_photo.check(data[: id_card.PHOTO_BYTES])
    result, picture = chip_photo.answer_of(data[id_card.PHOTO_BYTES :])
    assert isinstance(result, int)
    with suppress(DeviceError):  # it is seldom a whole picture
        chip_photo.bmp(picture, "backwards")


def _escpos_replies(data: bytes) -> None:
    raw = escpos_status.RawStatus()
    for reply in escpos_status.Demultiplexer().feed(data):
        escpos_status.count_of(reply)
        match reply:
            case escpos_status.Asb():
                raw = escpos_status.with_asb(reply)
            case escpos_status.Realtime(byte):
                raw = escpos_status.with_realtime(raw, 1 + byte % 4, byte)
            case escpos_status.Transmitted(byte):
                raw = escpos_status.with_transmitted(raw, byte)
    state = escpos_status.device_state(raw)
    assert state.ready or state.faults


def _ipp_answer(data: bytes) -> None:
    for group in ipp_wire.groups_of(Operation.GET_PRINTER_ATTRIBUTES, 1, data):
        a4_state.printer_state(group)
        a4_layout.abilities(group)
        a4_job.judged(a4_job.told(group), None, counts=True)


def _ipp_seed() -> bytes:
    attributes = [
        Attribute("printer-state", Tag.ENUM, [5]),
        Attribute("printer-state-reasons", Tag.KEYWORD, ["media-empty-error", "toner-low-warning"]),
        Attribute(
            "printer-supply", Tag.OCTET_STRING, [b"class=supplyThatIsConsumed;level=30;maxcapacity=100;"]
        ),
        Attribute("job-id", Tag.INTEGER, [7]),
        Attribute("job-state", Tag.ENUM, [9]),
    ]
    return encode(IppMessage((2, 0), 0, 1, [(Tag.PRINTER_ATTRS, attributes)]))


def _social_card(data: bytes) -> None:
    card = social_card.read(_replay(data))
    assert card.name and card.number


def _social_pin(data: bytes) -> None:
    """A card that says anything at all says *right* by one status word only."""
    verdict = social_pin.verify(_replay(data), "123456")
    assert verdict.right or 0 < verdict.tries_left < 16


def _app_code(data: bytes) -> None:
    """Whoever cannot sign gets no ticket: of an issuer's code each byte counts."""
    try:
        ticket = app_code.read(data.decode("utf-8", "replace"), _ISSUER.public_key())
    except app_code.BadCode:
        return
    assert ticket == _TICKET


def _id_card_pages(data: bytes) -> None:
    card = id_card_pcsc.read(_replay(data))
    assert card.name and card.number


def _replay(data: bytes) -> Callable[[bytes], bytes]:
    """A chip that gives the answers in `data`, each behind two bytes of length; nothing when they end."""

    def chip(command: bytes) -> bytes:
        nonlocal data
        end = 2 + int.from_bytes(data[:2], "big")
        answer, data = data[2:end], data[end:]
        return answer

    return chip


def _recorded(read: Callable[[Callable[[bytes], bytes]], object], chip: Callable[[bytes], bytes]) -> bytes:
    """What a good chip answers while it is read."""
    said: list[bytes] = []

    def recording(command: bytes) -> bytes:
        said.append(chip(command))
        return said[-1]

    read(recording)
    return b"".join(len(one).to_bytes(2, "big") + one for one in said)


def _social_cards() -> tuple[bytes, ...]:
    makes = (Make(), Make(addressing="tag", length="61"), Make(version=1, length="plain", select_p1=2))
    return tuple(_recorded(social_card.read, social_card_chip(people()["zhang"], make)) for make in makes)


def _social_pins() -> tuple[bytes, ...]:
    chips = (Secret(), Secret("111111"))
    return tuple(
        _recorded(
            lambda chip: social_pin.verify(chip, "123456"),
            social_card_chip(people()["zhang"], Make(), secret),
        )
        for secret in chips
    )


def _cards() -> tuple[bytes, ...]:
    return tuple(id_card.encode(card_of(one)) for one in people().values())


def _code_frames(data: bytes) -> None:
    """Pieces with silences between them, as the length of each says."""
    frames, at = code_frames.CodeFrames(b"\r\n", pause=0.1, prefix=b"]", longest=64), 0.0
    for piece in _pieces(data):
        at += (len(piece) % 5) / 20
        frames.feed(piece, at)
        while (code := frames.take()) is not None:
            assert len(code.encode()) <= 3 * 64 and "\r" not in code


def _modbus(data: bytes) -> None:
    parser = modbus_rtu.ReplyParser()
    for piece in _pieces(data):
        parser.feed(piece)
        while (reply := parser.take()) is not None:
            if reply.exception:
                modbus_rtu.refusal(reply)
            else:
                modbus_rtu.bits(reply, 8 * len(reply.data))


def _locker(data: bytes) -> None:
    parser = locker_frames.ReplyParser()
    for piece in _pieces(data):
        parser.feed(piece)
        while (reply := parser.take(locker_frames.status_bytes(12))) is not None:
            assert reply.states


def _bitmaps(data: bytes) -> None:
    for page in pdf_picture.pages_of(data):
        assert len(page.bits) == page.row_bytes * page.height


def _port(data: bytes) -> None:
    """What a technician may type as a port."""
    port = data.decode("utf-8", "replace")
    wire.check_port(port)
    if port.startswith(("usb", "serial")) and not port.startswith("/"):
        usb_place.place_of(port)


def _pieces(data: bytes) -> Iterator[bytes]:
    """Parts, each behind a byte with its length: as they come off a line."""
    while data:
        size, data = data[0], data[1:]
        yield data[:size]
        data = data[size:]


def _cut(*parts: bytes) -> bytes:
    return b"".join(bytes((len(part),)) + part for part in parts)


PARSERS: Mapping[str, Parser] = {
    "sam_frames": Parser(
        _sam_frames, (sam_frames.answer_frame(0x9F, bytes(4)), sam_frames.answer_frame(0x80))
    ),
    "id_card": Parser(_id_card, _cards()),
    "id_card_pages": Parser(_id_card_pages, (_recorded(id_card_pcsc.read, id_card_chip(people()["zhang"])),)),
    "social_card": Parser(_social_card, _social_cards()),
    "social_pin": Parser(_social_pin, _social_pins()),
    "app_code": Parser(_app_code, (app_code.write(_TICKET, _ISSUER).encode(),)),
    "newest_address": Parser(_newest_address, ("梧桐路7号".ljust(35).encode("utf-16-le"),)),
    "chip_photo": Parser(_chip_photo, (id_card.PHOTO_HEADER.ljust(1024, b"\0") + bytes(5),)),
    "escpos_status": Parser(
        _escpos_replies, (bytes.fromhex("12 16 10000000 37225445535400 00 5f31303000"),), longest=64
    ),
    "ipp_answer": Parser(_ipp_answer, (_ipp_seed(),)),
    "code_frames": Parser(_code_frames, (_cut(b"]KT-1\r", b"\n", "]办件\r\n".encode()),)),
    "modbus_rtu": Parser(_modbus, (_cut(modbus_rtu.write_coil(1, 8, modbus_rtu.ON)),), longest=64),
    "locker_frames": Parser(
        _locker, (_cut(locker_frames.open_lock(1, 1), locker_frames.read_lock(1, 2)),), longest=64
    ),
    "bitmaps": Parser(_bitmaps, (b"P4\n16 2\n" + bytes(4),)),
    "port": Parser(
        _port, (b"usb:0400:C35A:N1", b"serial@1-1.2", b"tcp:[::1]:9100", b"/dev/ttyS0"), longest=64
    ),
}
