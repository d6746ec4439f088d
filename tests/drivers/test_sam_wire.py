"""The ID module's split channel on USB: halves that belong together meet, however they are cut or lost."""

from __future__ import annotations

from collections import deque
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from drivers import sam_frames
from drivers.device import Deadline, DeviceError
from drivers.sam_frames import Answer, FrameParser
from drivers.sam_wire import SplitWire
from drivers.wire import drain

HEAD = 7
answers = st.builds(Answer, st.just(0), st.just(0), st.integers(0, 255), st.binary(max_size=300))


class Pipes:
    """Two pipes in memory: what was put in comes out packet by packet, and nothing is waited for."""

    def __init__(self) -> None:
        self.into: tuple[deque[bytes], deque[bytes]] = (deque(), deque())
        self.out: list[tuple[int, bytes]] = []

    def close(self) -> None:
        """Nothing to let go."""

    def write(self, data: bytes, deadline: Deadline, pipe: int = 0) -> None:
        self.out.append((pipe, data))

    def read(self, deadline: Deadline, pipe: int = 0) -> bytes:
        return self.into[pipe].popleft() if self.into[pipe] else b""

    def arrive(self, answer: Answer, cuts: list[int]) -> None:
        """The module answers; each half is cut into packets at these places."""
        frame = sam_frames.answer_frame(answer.sw3, answer.data)
        for pipe, half in ((0, frame[:HEAD]), (1, frame[HEAD:])):
            edges = sorted({0, len(half), *(cut for cut in cuts if cut < len(half))})
            self.into[pipe].extend(half[a:b] for a, b in pairwise(edges))


def asked(wire: SplitWire, pipes: Pipes) -> list[Answer | str]:
    """All that is understood of what has arrived."""
    parser, found = FrameParser(), list[Answer | str]()
    while data := wire.read(Deadline(0)):
        parser.feed(data)
        try:
            answer = parser.take()
        except DeviceError as error:
            found.append(error.code)
            continue
        if answer is not None:
            found.append(answer)
    return found


def test_a_request_goes_out_in_its_two_halves() -> None:
    pipes = Pipes()
    SplitWire(pipes).write(sam_frames.request(sam_frames.FIND), Deadline(1))
    assert pipes.out == [(0, bytes.fromhex("AAAAAA96690003")), (1, bytes.fromhex("200122"))]


@given(answers, st.lists(st.integers(1, 299), max_size=6))
def test_an_answer_is_whole_again_however_its_halves_are_cut(answer: Answer, cuts: list[int]) -> None:
    pipes = Pipes()
    wire = SplitWire(pipes)
    wire.write(sam_frames.request(sam_frames.STATUS), Deadline(1))
    pipes.arrive(answer, cuts)
    assert asked(wire, pipes) == [answer]


@given(
    st.lists(st.tuples(answers, st.sampled_from(["head", "rest"])), min_size=1, max_size=4),
    answers,
    st.lists(st.integers(1, 299), max_size=4),
)
def test_after_lost_halves_the_emptied_line_gives_the_next_answer(
    lost: list[tuple[Answer, str]], answer: Answer, cuts: list[int]
) -> None:
    """What is left of answers whose other half never came hides nothing and pairs with nothing."""
    pipes = Pipes()
    wire = SplitWire(pipes)
    for one, half in lost:
        frame = sam_frames.answer_frame(one.sw3, one.data)
        pipes.into[0 if half == "rest" else 1].append(frame[:HEAD] if half == "rest" else frame[HEAD:])
    drain(wire, 0.01, Deadline(5))
    assert pipes.into == (deque(), deque())
    wire.write(sam_frames.request(sam_frames.STATUS), Deadline(1))
    pipes.arrive(answer, cuts)
    assert asked(wire, pipes) == [answer]


@given(st.lists(st.tuples(st.integers(0, 1), st.binary(min_size=1, max_size=80)), max_size=12))
def test_any_bytes_in_either_pipe_are_read_to_their_end(pieces: list[tuple[int, bytes]]) -> None:
    pipes = Pipes()
    wire = SplitWire(pipes)
    for pipe, data in pieces:
        pipes.into[pipe].append(data)
    for found in asked(wire, pipes):
        assert isinstance(found, Answer) or found == "device_garbled"
    assert pipes.into == (deque(), deque())
