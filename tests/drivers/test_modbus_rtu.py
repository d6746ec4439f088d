"""Modbus frames: what the standard prints, what pymodbus makes of ours, and what a bad line does to them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU
from pymodbus.pdu import DecodePDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteMultipleCoilsRequest

from drivers import modbus_rtu as m
from drivers.device import DeviceError
from drivers.modbus_rtu import Reply, ReplyParser


def framed(text: str) -> bytes:
    body = bytes.fromhex(text)
    return body + m.crc(body)


def taken(*pieces: bytes) -> list[Reply]:
    parser, found = ReplyParser(), []
    for piece in pieces:
        parser.feed(piece)
        while (reply := parser.take()) is not None:
            found.append(reply)
    return found


def test_frames_that_are_printed_in_public() -> None:
    assert m.crc(bytes.fromhex("0103 0000 000A")) == bytes.fromhex("C5CD")
    assert m.write_coil(1, 0x0200, 7) == bytes.fromhex("01 05 02 00 00 07 8D B0")  # a maker's own page
    assert m.write_coil(0x11, 0xAC, m.ON)[:6] == bytes.fromhex("11 05 00 AC FF 00")  # standard, 6.5
    assert m.write_coils(0x11, 0x13, [*map(bool, (1, 0, 1, 1, 0, 0, 1, 1, 1, 0))])[:9] == bytes.fromhex(
        "11 0F 00 13 00 0A 02 CD 01"  # standard, 6.11
    )
    (reply,) = taken(framed("11 02 03 AC DB 35"))  # standard, 6.2: inputs 197–218
    assert m.bits(reply, 22)[:8] == tuple(map(bool, (0, 0, 1, 1, 0, 1, 0, 1)))


@given(st.binary(max_size=40))
def test_the_check_is_that_of_pymodbus(data: bytes) -> None:
    assert m.crc(data) == FramerRTU.compute_CRC(data).to_bytes(2, "big")


@given(st.integers(1, 247), st.integers(0, 0xFFFF), st.integers(1, 1968), st.sampled_from([1, 2]))
def test_pymodbus_reads_our_questions(unit: int, start: int, count: int, function: int) -> None:
    asked = DecodePDU(True).decode(m.read_bits(unit, function, start, count)[1:-2])
    assert isinstance(asked, ReadCoilsRequest if function == 1 else ReadDiscreteInputsRequest)
    assert (asked.address, asked.count) == (start, count)


@given(st.lists(st.booleans(), min_size=1, max_size=40))
def test_pymodbus_reads_the_coils_that_we_switch(states: list[bool]) -> None:
    asked = DecodePDU(True).decode(m.write_coils(1, 3, states)[1:-2])
    assert isinstance(asked, WriteMultipleCoilsRequest)
    assert asked.bits[: len(states)] == states


REPLIES = st.one_of(
    st.builds(
        lambda unit, function, data: bytes((unit, function, len(data))) + data,
        st.integers(1, 247),
        st.sampled_from([1, 2]),
        st.binary(min_size=1, max_size=8),
    ),
    st.builds(
        lambda unit, function, data: bytes((unit, function)) + data,
        st.integers(1, 247),
        st.sampled_from([5, 15]),
        st.binary(min_size=4, max_size=4),
    ),
    st.builds(
        lambda unit, function, code: bytes((unit, function | 0x80, code)),
        st.integers(1, 247),
        st.sampled_from([1, 2, 5, 15]),
        st.integers(1, 11),
    ),
)


@given(st.lists(REPLIES, min_size=1, max_size=4), st.data())
def test_answers_are_found_however_they_are_cut(bodies: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(body + m.crc(body) for body in bodies)
    pieces = []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        pieces.append(stream[:size])
        stream = stream[size:]
    found = taken(*pieces)
    assert [reply.unit for reply in found] == [body[0] for body in bodies]
    assert [reply.function | (0x80 if reply.exception else 0) for reply in found] == [b[1] for b in bodies]


@given(st.lists(st.binary(max_size=30), max_size=20))
def test_noise_yields_next_to_nothing_and_is_not_kept(pieces: list[bytes]) -> None:
    found = taken(*pieces, bytes(600), framed("01 02 01 05"))
    assert found[-1] == Reply(1, 2, b"\x05")


def test_an_answer_is_found_behind_the_half_of_another_and_before_garbage() -> None:
    whole = framed("01 02 01 05")
    assert taken(b"\x01\x02\xc8\x55" + whole + b"\x01\x05") == [Reply(1, 2, b"\x05")]
    assert taken(whole[:-1] + b"\x00", whole) == [Reply(1, 2, b"\x05")]


def test_a_read_of_another_length_is_garbled() -> None:
    for count in (7, 9, 0, 17):
        if count == 7:
            assert m.bits(Reply(1, 2, b"\x7f"), count) == (True,) * 7
            continue
        with pytest.raises(DeviceError, match="device_garbled"):
            m.bits(Reply(1, 2, b"\x7f"), count)


def test_a_refusal_says_why() -> None:
    assert m.refusal(Reply(1, 2, b"", 2)).code == "io_refused"
    assert "no such address" in m.refusal(Reply(1, 2, b"", 2)).detail
    assert m.refusal(Reply(1, 5, b"", 4)).code == "io_failed"
