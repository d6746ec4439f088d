"""What a receipt printer says, in whatever pieces it arrives."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import faults
from config.devices import Availability, Supply
from drivers.escpos_status import (
    Asb,
    Block,
    Cleared,
    Demultiplexer,
    Fence,
    Full,
    RawStatus,
    Realtime,
    Reply,
    Transmitted,
    device_state,
    stopping_fault,
    with_asb,
    with_realtime,
    with_transmitted,
)

# Bytes with the fixed bits of their kind (Epson reference): the rest is free.
_realtime = st.integers(0, 255).map(lambda byte: Realtime(byte & 0x6C | 0x12))
_low = st.integers(0, 255).map(lambda byte: byte & 0x6F)
_asb = st.tuples(_low, _low, _low, _low).map(lambda four: Asb(bytes((four[0] & 0x6C | 0x10, *four[1:]))))
_transmitted = _low.map(Transmitted)
_fence = st.lists(st.integers(0x20, 0x7E), min_size=4, max_size=4).map(bytes).map(Fence)
_replies = st.lists(st.one_of(_realtime, _asb, _transmitted, _fence, st.just(Cleared())), max_size=12)


def _wire(reply: Reply) -> bytes:
    match reply:
        case Realtime(byte) | Transmitted(byte):
            return bytes((byte,))
        case Asb(data):
            return data
        case Fence(id):
            return b"\x37\x22" + id + b"\x00"
        case Cleared():
            return b"\x37\x25\x00"
        case Block(data):
            return data + b"\x00"
        case Full(data):
            return b"\x10\x0f" + data


@given(_replies, st.data())
def test_replies_come_out_as_they_were_sent_however_the_line_cuts_them(
    replies: list[Reply], data: st.DataObject
) -> None:
    wire = b"".join(map(_wire, replies))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    demultiplexer, heard = Demultiplexer(), []
    for start, end in zip([0, *cuts], [*cuts, len(wire)], strict=True):
        heard += demultiplexer.feed(wire[start:end])
    assert heard == replies


@given(st.binary(max_size=200), _replies)
def test_after_garbage_the_next_replies_are_understood(garbage: bytes, replies: list[Reply]) -> None:
    demultiplexer = Demultiplexer()
    demultiplexer.feed(garbage)
    demultiplexer.feed(bytes(3))  # ends whatever half reply the garbage looked like
    assert demultiplexer.feed(b"".join(map(_wire, replies))) == replies


def test_a_block_that_is_none_does_not_swallow_the_answers_behind_it() -> None:
    assert Demultiplexer().feed(b"\x37\x41\x12\x16") == [Realtime(0x12), Realtime(0x16)]


def test_a_full_status_is_one_only_where_it_was_asked_for() -> None:
    wire = b"\x10\x0f\x20\x00\x00\x00"
    assert Demultiplexer().feed(wire)[0] == Asb(wire[:4])
    asked = Demultiplexer()
    asked.expect_full()
    assert asked.feed(wire + wire) == [Full(wire[2:]), Asb(wire[:4]), Transmitted(0), Transmitted(0)]


def test_half_a_status_is_not_a_status_and_is_forgotten_on_reset() -> None:
    demultiplexer = Demultiplexer()
    assert demultiplexer.feed(b"\x10\x00\x00") == []
    demultiplexer.reset()
    assert demultiplexer.feed(b"\x12") == [Realtime(0x12)]


def test_a_status_cut_short_does_not_swallow_what_follows() -> None:
    assert Demultiplexer().feed(b"\x10\x00" + b"\x37\x22ABCD\x00") == [Fence(b"ABCD")]


@pytest.mark.parametrize(
    ("asb", "expected"),
    [
        (b"\x10\x00\x00\x00", RawStatus()),
        (b"\x18\x00\x0f\x00", RawStatus(offline=True, paper_near_end=True, paper_end=True)),
        (b"\x38\x00\x00\x00", RawStatus(offline=True, cover_open=True)),
        (b"\x18\x08\x00\x00", RawStatus(offline=True, cutter=True)),
        (b"\x18\x20\x00\x00", RawStatus(offline=True, unrecoverable=True)),
        (b"\x10\x00\x03\x00", RawStatus(paper_near_end=True)),
    ],
)
def test_automatic_status_holds_everything(asb: bytes, expected: RawStatus) -> None:
    assert with_asb(Asb(asb)) == expected


def test_four_questions_together_say_the_same_as_one_automatic_status() -> None:
    raw = RawStatus()
    for request, byte in ((1, 0x1A), (2, 0x36), (3, 0x1A), (4, 0x7E)):
        raw = with_realtime(raw, request, byte)
    assert raw == RawStatus(offline=True, cover_open=True, cutter=True, paper_near_end=True, paper_end=True)


def test_an_answer_to_paper_changes_only_the_paper() -> None:
    raw = with_transmitted(RawStatus(cover_open=True), 0x0F)
    assert raw == RawStatus(cover_open=True, paper_near_end=True, paper_end=True)


@pytest.mark.parametrize(
    ("raw", "availability", "paper", "worst"),
    [
        (RawStatus(), Availability.ONLINE, Supply.FULL, None),
        (RawStatus(paper_near_end=True), Availability.ONLINE, Supply.LOW, "receipt_paper_low"),
        (RawStatus(offline=True, paper_end=True), Availability.FAULT, Supply.OUT, "receipt_paper_out"),
        (RawStatus(offline=True, cover_open=True), Availability.FAULT, Supply.FULL, "receipt_cover_open"),
        (RawStatus(cutter=True), Availability.FAULT, Supply.FULL, "receipt_cutter"),
        (RawStatus(unrecoverable=True, cutter=True), Availability.FAULT, Supply.FULL, "receipt_failed"),
        (RawStatus(offline=True), Availability.OFFLINE, Supply.FULL, "device_offline"),
        (RawStatus(recovering=True), Availability.BUSY, Supply.FULL, None),
        (RawStatus(feeding=True, offline=True), Availability.BUSY, Supply.FULL, None),
    ],
)
def test_the_summary_names_the_worst_first(
    raw: RawStatus, availability: Availability, paper: Supply, worst: str | None
) -> None:
    state = device_state(raw)
    assert (state.availability, state.supplies["paper"]) == (availability, paper)
    assert (state.faults[0] if state.faults else None) == worst
    assert all(faults.fault(code) for code in state.faults)


def test_a_job_left_in_the_buffer_keeps_a_sound_printer_out_of_service() -> None:
    state = device_state(RawStatus(), uncleared=True)
    assert state.faults == ("receipt_unfinished",)
    assert not state.ready


def test_low_paper_does_not_stop_a_print_and_an_end_does() -> None:
    assert stopping_fault(RawStatus(paper_near_end=True)) is None
    assert stopping_fault(RawStatus(paper_end=True)) == "receipt_paper_out"
