"""A terminal that is short of something: handles, temporary files, a library; and ports that are none."""

from __future__ import annotations

import os
import pty
import resource
import sys
import tempfile
import time
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from drivers import chip_photo, pcsc_wire, pdf_picture
from drivers.camera import Camera
from drivers.device import Deadline, DeviceError
from drivers.id_card import PHOTO_BYTES, PHOTO_HEADER
from drivers.ipp_wire import IppWire
from drivers.pcsc_wire import PcscWire
from drivers.serial_wire import SerialWire
from drivers.speaker import EspeakSpeaker
from drivers.wire import open_wire

PHOTO = PHOTO_HEADER.ljust(PHOTO_BYTES, b"\0")
DECODER = chip_photo.Decoder(Path("/no/such/library.so"))
ECHO = 'import sys\nfor line in sys.stdin: print(\'{"readers": ["one"]}\', flush=True)\n'


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(DeviceError) as raised:
        call()
    return raised.value.code


@contextmanager
def handles(limit: int, taken: int) -> Iterator[None]:
    """At most `limit` handles in this process, `taken` of them used up by something else."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, before[1]))
    held: list[int] = []
    try:
        while len(held) < taken:
            try:
                held.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                break
        yield
    finally:
        for handle in held:
            os.close(handle)
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """A serial line that nobody reads: the far end's handle and the port."""
    far, near = pty.openpty()
    tty.setraw(near)
    yield far, os.ttyname(near)
    os.close(far)
    os.close(near)


# ── many handles ────────────────────────────────────────────────────────────
def test_a_serial_line_works_on_a_handle_beyond_1023(line: tuple[int, str]) -> None:
    with handles(4096, 1100):
        wire = SerialWire(line[1], 9600)
        wire.write(b"question", Deadline(30.0))
        assert os.read(line[0], 100) == b"question"
        os.write(line[0], b"answer")
        assert wire.read(Deadline(30.0)) == b"answer"
        wire.close()


def test_a_card_reader_works_on_handles_beyond_1023(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "process.py"
    program.write_text(ECHO, encoding="utf-8")
    monkeypatch.setattr(pcsc_wire, "PROGRAM", program)
    wire = PcscWire("", 30.0)
    with handles(4096, 1100):
        assert wire.readers() == ("one",)
    wire.close()


# ── none left ───────────────────────────────────────────────────────────────
def test_without_a_handle_each_program_is_a_coded_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with handles(200, 1000):
        assert code_of(PcscWire("", 3.0).open) == "device_absent"
        assert code_of(lambda: pdf_picture.picture(b"%PDF-1.4", 100)) == "special_failed"
        assert code_of(lambda: chip_photo.decode(PHOTO, DECODER)) == "id_photo_decoder_failed"


def test_without_a_temporary_folder_a_photo_is_a_coded_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/no/such/folder")
    assert code_of(lambda: chip_photo.decode(PHOTO, DECODER)) == "id_photo_decoder_failed"


def test_without_opencv_the_technician_reads_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    film = tmp_path / "film.mp4"
    film.write_bytes(b"a film")
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert code_of(Camera(port=str(film), open_timeout=0.5, read_timeout=0.5).open) == "device_misconfigured"


# ── a line that takes nothing ───────────────────────────────────────────────
def test_a_full_line_is_waited_for_without_work(line: tuple[int, str]) -> None:
    wire = SerialWire(line[1], 9600)
    assert code_of(lambda: wire.write(bytes(1_000_000), Deadline(0.1))) == "device_timeout"
    before = time.process_time()
    assert code_of(lambda: wire.write(b"more", Deadline(0.5))) == "device_timeout"
    assert time.process_time() - before < 0.1, "it asks again and again"
    wire.close()


# ── names that are none ─────────────────────────────────────────────────────
@pytest.mark.parametrize("host", ["a..b", "a" * 70])
def test_a_host_that_cannot_be_one_is_the_settings_mistake(host: str) -> None:
    assert code_of(lambda: open_wire(f"{host}:9100", Deadline(1.0))) == "device_misconfigured"
    assert code_of(lambda: IppWire(f"ipp://{host}/ipp/print")) == "device_misconfigured"


@pytest.mark.parametrize("port", ["ipp://[::1/", "ipp://host:99999/", "ipp://127.0.0.1/\x01"])
def test_an_address_that_cannot_be_one_is_the_settings_mistake(port: str) -> None:
    assert code_of(lambda: IppWire(port)) == "device_misconfigured"


def test_words_that_are_no_whole_text_are_spoken_as_far_as_they_go() -> None:
    speaker = EspeakSpeaker(port="null")
    speaker.open()
    assert speaker.say("half \ud800 a character", "en", 30.0) > 0
    speaker.close()
