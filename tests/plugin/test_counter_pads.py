"""Given a hall's own pads, when their package is installed, then settings may name them and all holds."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.devices import Kind
from config.words import same
from drivers import registry
from drivers.device import DeviceError
from drivers.pads import RatingPad, SignaturePad
from tests.drivers import test_unplugging as unplugging
from tests.drivers.meddler import MISHAPS
from tests.drivers.rig import Call, Rig, Verb, behind_pty, settings_of
from tests.plugin.counter_pads.rating_pad import CounterRatingPad, framed, unframed
from tests.plugin.counter_pads.signature_pad import CounterSignaturePad, strokes_of
from tests.plugin.installed import HERE, installed
from tests.plugin.virtual_pads import VirtualPad

QUESTION = same("?")
_FITS: tuple[type[RatingPad], type[SignaturePad]] = (CounterRatingPad, CounterSignaturePad)


@pytest.fixture(scope="module", autouse=True)
def plugin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with installed(tmp_path_factory.mktemp("plugin")):
        yield


@pytest.fixture
def pad(tmp_path: Path) -> Iterator[VirtualPad]:
    pad = VirtualPad(tmp_path / "pad")
    pad.start()
    yield pad
    pad.stop()


def test_settings_may_name_what_pip_has_installed(pad: VirtualPad) -> None:
    assert {"counter_rating_pad", "counter_signature_pad"} <= set(registry.names())
    device = registry.make(settings_of(Kind.RATING_PAD, "counter_rating_pad", str(pad.link)))
    assert type(device).__module__ == "counter_pads.rating_pad"
    device.open()
    assert device.status().detail == "Counter pad 1.0"
    device.close()
    taken = {entry.name for entry in metadata.entry_points(group=registry.GROUP)} & set(registry.BUILT_IN)
    assert not taken, "a name of the table cannot be taken: the table's own would be used"


def test_a_touch_before_the_question_is_no_answer_to_it(pad: VirtualPad) -> None:
    driver = CounterRatingPad(port=str(pad.link))
    driver.open()
    pad.touch(1)
    assert driver.ask(QUESTION, 0.1) is None
    assert pad.state()["dark"] is False
    pad.touch(5)
    assert driver.ask(QUESTION, 60.0) == 5, "asked again, it goes on: the touch in between counts"
    assert pad.state()["dark"] is True
    driver.close()


@pytest.mark.parametrize("mishap", MISHAPS)
@pytest.mark.parametrize("kind", [Kind.RATING_PAD, Kind.SIGNATURE_PAD])
def test_a_mishap_is_told_in_time_and_mended_without_a_restart(
    kind: Kind, mishap: str, tmp_path: Path
) -> None:
    pad = VirtualPad(tmp_path / "bench")

    async def rates(call: Call) -> None:
        asyncio.get_running_loop().call_later(0.1, lambda: pad.touch(4))
        stars = await call("ask", QUESTION, 1.0)
        if stars is None:
            raise DeviceError("device_timeout", "nobody touched")
        assert stars == 4

    async def signs(call: Call) -> None:
        asyncio.get_running_loop().call_later(0.1, lambda: pad.write("100,100,0;900,400,300"))
        strokes = await call("sign", 1.0)
        if strokes is None:
            raise DeviceError("device_timeout", "nobody signed")
        assert strokes.svg_path() == "M100 100L900 400"

    verb = Verb(rates if kind is Kind.RATING_PAD else signs, 3.0)
    with behind_pty(tmp_path, pad) as (port, meddler):
        settings = settings_of(kind, f"counter_{kind.value}", port, timeout=0.25)
        asyncio.run(unplugging.all_verbs(Rig(settings, meddler, {"asks": verb}), mishap))


@given(st.binary(max_size=40) | st.builds(framed, st.integers(0, 99), st.text("0123456789ok", max_size=9)))
def test_any_bytes_are_an_answer_or_a_coded_error(line: bytes) -> None:
    try:
        assert framed(7, unframed(line, 7)) == line[:-1] + b"\r"
    except DeviceError as error:
        assert error.code == "device_garbled"


@given(st.text(max_size=60) | st.text("0123456789,;|-", max_size=60))
def test_any_text_is_a_signature_or_a_coded_error_that_quotes_nothing(written: str) -> None:
    try:
        assert strokes_of(written).strokes
    except DeviceError as error:
        assert (error.code, error.detail) == ("device_garbled", "no strokes")


def test_the_manual_prints_the_very_driver_that_runs_here() -> None:
    manual = (HERE.parents[1] / "docs" / "drivers.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:python|ini|toml)\n(.*?)^```$", manual, re.MULTILINE | re.DOTALL)
    for name in ("counter_pads/rating_pad.py", "setup.cfg", "pyproject.toml"):
        assert (HERE / name).read_text(encoding="utf-8") in blocks, f"docs/drivers.md prints another {name}"
