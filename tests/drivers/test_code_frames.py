"""A scanner's bytes become codes: whole ones, torn ones, damaged ones, in pieces of any size."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivers.code_frames import TERMINATORS, CodeFrames, decode, terminator_of
from drivers.device import DeviceError

PAUSE = 0.1


def frames(ending: str | bytes = "cr", **options: object) -> CodeFrames:
    return CodeFrames(terminator_of(ending), pause=PAUSE, **options)  # type: ignore[arg-type]


def taken(collector: CodeFrames) -> list[str]:
    """Every code that is whole; `?` for one that could not be read."""
    found: list[str] = []
    while True:
        try:
            code = collector.take()
        except DeviceError as error:
            assert error.code == "code_unreadable"
            code = "?"
        if code is None:
            return found
        found.append(code)


TEXTS = st.text(st.characters(categories=("L", "N", "P")), min_size=1, max_size=40)


@given(st.lists(TEXTS, max_size=5), st.sampled_from(sorted(TERMINATORS)), st.data())
def test_codes_come_out_as_they_went_in_however_the_line_cuts_them(
    codes: list[str], ending: str, data: st.DataObject
) -> None:
    collector, found = frames(ending), []
    stream = b"".join(code.encode() + terminator_of(ending) for code in codes)
    while stream:
        size = data.draw(st.integers(1, len(stream)))
        collector.feed(stream[:size], 0.0)
        found += taken(collector)
        stream = stream[size:]
    assert found == codes


@given(st.lists(st.tuples(st.binary(max_size=60), st.floats(0, 1)), max_size=20))
def test_whatever_comes_no_code_is_longer_than_allowed_and_nothing_but_a_coded_error(
    pieces: list[tuple[bytes, float]],
) -> None:
    collector, now = frames(longest=16), 0.0
    for data, pause in pieces:
        now += pause
        collector.feed(data, now)
        for code in taken(collector):
            assert code
            assert "\r" not in code
            assert len(code.encode("gb18030")) <= 24
    collector.feed(b"\rGOOD\r", now)
    assert taken(collector)[-1:] == ["GOOD"]


def test_half_a_code_is_not_joined_with_the_next() -> None:
    collector = frames()
    collector.feed(b"3301SB01", 0.0)
    collector.feed(b"NEXT\r", PAUSE * 1.5)
    assert taken(collector) == ["NEXT"]


def test_a_code_in_pieces_without_a_pause_is_one() -> None:
    collector = frames()
    for moment, piece in enumerate((b"3301", b"SB01", b"\r")):
        collector.feed(piece, moment * PAUSE * 0.9)
    assert taken(collector) == ["3301SB01"]


def test_a_whole_code_waits_for_whoever_takes_it_though_the_next_was_torn() -> None:
    collector = frames()
    collector.feed(b"WHOLE\rTOR", 0.0)
    collector.feed(b"AFTER\r", 9.0)
    assert taken(collector) == ["WHOLE", "AFTER"]


def test_cr_lf_is_read_by_any_of_the_three_spellings() -> None:
    for ending in ("cr", "lf", "crlf"):
        collector = frames(ending)
        collector.feed(b"A1\r\nB2\r\n", 0.0)
        assert taken(collector) == ["A1", "B2"]


def test_prefix_and_suffix_are_taken_off_and_a_code_without_them_is_none() -> None:
    collector = frames("etx", prefix=b"\x02", suffix=b";")
    collector.feed(b"\x02CODE;\x03CODE;\x03\x02CODE\x03", 0.0)
    assert taken(collector) == ["CODE", "?", "?"]


def test_an_overlong_code_is_thrown_away_up_to_its_terminator() -> None:
    collector = frames("crlf", longest=8)
    for _ in range(50):
        collector.feed(b"XXXXXXXX", 0.0)
        assert collector.take() is None
    collector.feed(b"TAIL\r\nGOOD\r\n", 0.0)
    assert taken(collector) == ["?", "GOOD"]


def test_chinese_is_read_from_both_encodings() -> None:
    assert decode("示例市".encode()) == "示例市"
    assert decode("示例市".encode("gb18030")) == "示例市"


@pytest.mark.parametrize("code", [b"AB\x00CD", b"\x1b[0m", b"\xff\xff\xff"])
def test_noise_is_not_taken_for_text(code: bytes) -> None:
    with pytest.raises(DeviceError, match="code_unreadable"):
        decode(code)


def test_an_empty_terminator_is_refused() -> None:
    for nothing in ("", b""):
        with pytest.raises(ValueError, match="terminator"):
            terminator_of(nothing)
