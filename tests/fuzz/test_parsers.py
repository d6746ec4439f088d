"""A short run of `make fuzz`: whatever bytes arrive, a parser answers or raises DeviceError."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drivers.device import DeviceError
from tests.fuzz.__main__ import main
from tests.fuzz.parsers import PARSERS


@st.composite
def damaged(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """A good input with a few bytes changed, lost or added."""
    data = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 6))):
        at = draw(st.integers(0, len(data)))
        match draw(st.integers(0, 2)):
            case 0:
                data[at : at + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                del data[at : at + draw(st.integers(1, 40))]
            case _:
                data[at:at] = draw(st.binary(max_size=12))
    return bytes(data)


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_any_bytes(name: str) -> None:
    parser = PARSERS[name]

    @settings(max_examples=150)
    @given(data=st.binary(max_size=600) | damaged(parser.seeds))
    def any_bytes(data: bytes) -> None:
        with suppress(DeviceError):
            parser.parse(data)

    any_bytes()


@pytest.mark.parametrize("name", PARSERS)
def test_its_good_inputs_are_taken(name: str) -> None:
    """Seeds that were refused would lead nowhere."""
    for seed in PARSERS[name].seeds:
        PARSERS[name].parse(seed)


def test_a_million_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "2000", "sam_frames"]) == 0
    assert "no crash, no hang\n1 passed, 0 failed" in capsys.readouterr().out
