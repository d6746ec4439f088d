"""A locker board's frames: as vendors print them, cut anywhere, with either check, and out of noise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drivers import locker_frames as f
from drivers.locker_frames import ALL, OPEN, READ, TOLD, Reply, ReplyParser


def taken(*pieces: bytes, wide: int = 0) -> list[Reply]:
    parser, found = ReplyParser(), []
    for piece in pieces:
        parser.feed(piece)
        while (reply := parser.take(wide)) is not None:
            found.append(reply)
    return found


def one(head: int, board: int, lock: int, state: bool, wrong: bool = False) -> bytes:
    body = bytes((head, board, lock, 0x11 if state else 0))
    return body + bytes((f.check(body) ^ (lock if wrong else 0),))


def every(board: int, states: bytes) -> bytes:
    body = bytes((READ, board)) + states + b"\x33"
    return body + bytes((f.check(body),))


def test_questions_are_those_that_vendors_print() -> None:
    assert f.open_lock(1, 1) == bytes.fromhex("8A 01 01 11 9B")
    assert f.open_lock(1, 2) == bytes.fromhex("8A 01 02 11 98")
    assert f.read_lock(1, 1) == bytes.fromhex("80 01 01 33 B3")
    assert f.read_lock(1, ALL) == bytes.fromhex("80 01 00 33 B2")


def test_answers_are_those_that_vendors_print() -> None:
    assert taken(bytes.fromhex("8A 01 01 00 8A")) == [Reply(OPEN, 1, 1, (False,))]
    assert taken(bytes.fromhex("80 01 00 00 00 33 B2"), wide=3) == [Reply(READ, 1, ALL, (False,) * 24)]


def test_the_check_of_lock_00_is_taken_in_answers_and_never_written() -> None:
    assert taken(bytes.fromhex("8A 01 01 11 9A")) == [Reply(OPEN, 1, 1, (True,))]
    assert taken(bytes.fromhex("8A 01 01 11 99")) == []
    for lock in range(1, 51):
        frame = f.open_lock(1, lock)
        assert frame[4] == 0x8A ^ 0x01 ^ lock ^ 0x11


ONES = st.builds(
    one,
    st.sampled_from([OPEN, READ, TOLD]),
    st.integers(1, 32),
    st.integers(1, 50),
    st.booleans(),
    st.booleans(),
)


@given(st.lists(ONES, max_size=5), st.data())
def test_answers_are_found_however_they_are_cut(frames: list[bytes], data: st.DataObject) -> None:
    stream, pieces = b"".join(frames), []
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        pieces.append(stream[:size])
        stream = stream[size:]
    assert [(r.head, r.board, r.lock, r.states) for r in taken(*pieces)] == [
        (frame[0], frame[1], frame[2], (frame[3] == 0x11,)) for frame in frames
    ]


@given(st.integers(1, 32), st.sampled_from([3, 7]).flatmap(lambda n: st.binary(min_size=n, max_size=n)))
def test_all_doors_are_told_lowest_bit_first(board: int, states: bytes) -> None:
    (reply,) = taken(every(board, states), wide=len(states))
    assert (reply.board, reply.lock, len(reply.states)) == (board, ALL, 8 * len(states))
    assert reply.states[0] == bool(states[0] & 1)
    assert reply.states[8] == bool(states[1] & 1)


@given(st.lists(st.binary(max_size=20), max_size=20), st.sampled_from([0, 3, 7]))
def test_out_of_noise_comes_the_answer_and_nothing_is_kept(pieces: list[bytes], wide: int) -> None:
    """What noise may look like is told apart by board and lock; the true answer comes last."""
    found = taken(*pieces, bytes(20), one(READ, 1, 7, True), wide=wide)
    if wide:
        found += taken(bytes(20), every(1, bytes(wide)), wide=wide)
        assert found[-1] == Reply(READ, 1, ALL, (False,) * 8 * wide)
    else:
        assert found[-1] == Reply(READ, 1, 7, (True,))
