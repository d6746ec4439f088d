"""Frames of the identity card module: the published examples, damage, and bytes cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.faults import faults
from drivers import sam_frames
from drivers.device import DeviceError
from drivers.sam_frames import Answer, FrameParser

# Command → the check byte that the makers' tables print.
PUBLISHED_REQUESTS = [
    (sam_frames.RESET, 0xEC),
    (sam_frames.STATUS, 0xED),
    (sam_frames.SAM_ID, 0xEE),
    (sam_frames.FIND, 0x22),
    (sam_frames.SELECT, 0x21),
    (sam_frames.READ, 0x32),
    (sam_frames.READ_WITH_FINGERPRINT, 0x23),
    (sam_frames.READ_NEWEST_ADDRESS, 0x30),
]
PUBLISHED_ANSWERS = [
    ("AAAAAA9669 0004 000090 94", Answer(0, 0, 0x90)),
    ("AAAAAA9669 0008 00009F 00000000 97", Answer(0, 0, 0x9F, bytes(4))),
    ("AAAAAA9669 0004 000080 84", Answer(0, 0, 0x80)),
    ("AAAAAA9669 000C 000090 0000000000000000 9C", Answer(0, 0, 0x90, bytes(8))),
    ("AAAAAA9669 0004 000081 85", Answer(0, 0, 0x81)),
    ("AAAAAA9669 0004 000041 45", Answer(0, 0, 0x41)),
]
answers = st.builds(
    Answer, st.integers(0, 255), st.integers(0, 255), st.integers(0, 255), st.binary(max_size=1400)
)


def frame_of(answer: Answer) -> bytes:
    return sam_frames.answer_frame(answer.sw3, answer.data, answer.sw1, answer.sw2)


def fed(*pieces: bytes) -> FrameParser:
    parser = FrameParser()
    for piece in pieces:
        parser.feed(piece)
    return parser


def taken(parser: FrameParser) -> list[Answer | str]:
    """Everything a parser yields, errors by their code, until it waits for more."""
    found: list[Answer | str] = []
    while True:
        try:
            answer = parser.take()
        except DeviceError as error:
            found.append(error.code)
            continue
        if answer is None:
            return found
        found.append(answer)


@pytest.mark.parametrize(("command", "check"), PUBLISHED_REQUESTS)
def test_a_request_is_framed_as_published(command: tuple[int, int], check: int) -> None:
    assert sam_frames.request(command) == bytes.fromhex("AAAAAA96690003") + bytes((*command, check))


@pytest.mark.parametrize(("published", "answer"), PUBLISHED_ANSWERS)
def test_a_published_answer_is_understood_and_made_alike(published: str, answer: Answer) -> None:
    frame = bytes.fromhex(published)
    assert fed(frame).take() == answer
    assert frame_of(answer) == frame


def test_a_read_answer_has_the_length_of_the_real_one() -> None:
    frame = sam_frames.answer_frame(0x90, bytes.fromhex("01000400") + bytes(256 + 1024))
    assert len(frame) == 1295
    assert frame[5:7] == bytes.fromhex("0508")


def test_text_photo_and_fingerprint_are_told_by_their_own_lengths() -> None:
    text, photo, finger = b"t" * 256, b"p" * 1024, b"f" * 1024
    assert sam_frames.read_parts(bytes.fromhex("01000400") + text + photo) == (text, photo, b"")
    with_finger = bytes.fromhex("010004000400") + text + photo + finger
    assert sam_frames.read_parts(with_finger) == (text, photo, finger)
    without = bytes.fromhex("010004000000") + text + photo
    assert sam_frames.read_parts(without) == (text, photo, b"")


@given(st.binary(max_size=1400))
def test_lengths_that_do_not_fit_are_refused_and_nothing_else_happens(data: bytes) -> None:
    try:
        parts = sam_frames.read_parts(data)
    except DeviceError as error:
        assert error.code == "device_garbled"
    else:
        assert b"".join(parts) == data[-sum(map(len, parts)) :] or not any(parts)


@given(answers, st.lists(st.integers(0, 1500), max_size=6))
def test_an_answer_survives_however_the_line_cuts_it(answer: Answer, cuts: list[int]) -> None:
    frame, edges = frame_of(answer), sorted(cuts)
    pieces = [frame[a:b] for a, b in zip([0, *edges], [*edges, len(frame)], strict=True)]
    parser, found = FrameParser(), []
    for piece in pieces:
        parser.feed(piece)
        found += taken(parser)
    assert found == [answer]


@given(st.binary(max_size=40), answers)
def test_garbage_before_a_frame_never_hides_it(garbage: bytes, answer: Answer) -> None:
    """The garbage may look like a preamble; then it costs an error, but the frame still comes."""
    if sam_frames.PREAMBLE in garbage + frame_of(answer)[:4]:
        return  # a false head may claim the bytes of the frame as its own: the next test
    assert taken(fed(garbage, frame_of(answer))) == [answer]


@given(answers)
def test_a_false_head_before_a_frame_costs_one_error_and_no_frame(answer: Answer) -> None:
    false_head = sam_frames.PREAMBLE + bytes.fromhex("0004 000000 77")
    assert taken(fed(false_head, frame_of(answer))) == ["device_garbled", answer]


@given(answers, st.data())
def test_one_flipped_bit_never_yields_an_answer(answer: Answer, data: st.DataObject) -> None:
    """Anywhere but in the length, where an eight-bit sum cannot promise it: see the reader's own test."""
    frame = bytearray(frame_of(answer))
    place = data.draw(st.integers(0, len(frame) - 1).filter(lambda place: place not in (5, 6)))
    frame[place] ^= 1 << data.draw(st.integers(0, 7))
    assert all(found == "device_garbled" for found in taken(fed(bytes(frame))))


@given(st.lists(st.binary(max_size=60) | st.just(sam_frames.PREAMBLE), max_size=12))
def test_any_bytes_end_in_answers_or_the_one_error(pieces: list[bytes]) -> None:
    for found in taken(fed(*pieces)):
        assert isinstance(found, Answer) or found == "device_garbled"


def test_half_a_frame_waits_and_a_length_out_of_reason_does_not() -> None:
    frame = frame_of(Answer(0, 0, 0x90, bytes(16)))
    assert fed(frame[:-1]).take() is None
    with pytest.raises(DeviceError, match="device_garbled"):
        fed(sam_frames.PREAMBLE + bytes.fromhex("F000 00")).take()


def test_every_status_of_the_module_has_a_row_in_the_table_of_faults() -> None:
    assert set(sam_frames.FAULTS.values()) <= set(faults())
    assert sam_frames.fault_of(Answer(0, 0, 0x40), "select").code == "id_refused"
    assert sam_frames.fault_of(Answer(0, 0, 0x66), "find").code == "id_module_failed"
    assert sam_frames.fault_of(Answer(0, 0, 0xEE), "find").code == "device_garbled"


def test_an_answer_shown_in_a_log_holds_no_data() -> None:
    assert repr(Answer(0x90, 0, 0x90, b"secret")) == "Answer(90 00 90, 6 bytes)"
