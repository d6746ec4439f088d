"""The chip's photo by a vendor's library that works, crashes, hangs, prints, litters or refuses."""

from __future__ import annotations

import io
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from config.devices import Kind
from config.settings import DeviceSettings
from drivers import chip_photo, id_card, registry
from drivers.chip_photo import BGR_BYTES, Decoder
from drivers.device import DeviceError
from drivers.id_card_reader import IdCardReader
from drivers.virtual.id_card_reader import VirtualIdCardReader
from tests.drivers.card_benches import failing
from tests.peers.photo_library import compiled

PHOTO = id_card.PHOTO_HEADER.ljust(id_card.PHOTO_BYTES, b"\0")  # shows nobody


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("vendor")


def decoder(folder: Path, name: str) -> Decoder:
    library = folder / f"{name.replace(' ', '-')}.so"
    if not library.exists():
        compiled(name, folder)
    return Decoder(library, timeout=30.0)


def calling_unpack(folder: Path, name: str) -> Decoder:
    return replace(decoder(folder, name), symbol="_Unpack", convention="bmp_len")


def pixel(bmp: bytes, column: int, row: int) -> tuple[int, int, int]:
    """Red, green and blue at a place counted from the top left."""
    with Image.open(io.BytesIO(bmp)) as picture:
        assert (picture.size, picture.mode) == ((102, 126), "RGB")
        found = picture.getpixel((column, row))
    assert isinstance(found, tuple)
    return found[0], found[1], found[2]


def test_a_decoded_photo_stands_upright(folder: Path) -> None:
    """The buffer begins with the picture's last row; a pixel there holds its column, its row and 0x66."""
    picture = chip_photo.decode(PHOTO, decoder(folder, "good"))
    assert pixel(picture, 0, 125) == (0x66, 0, 0)
    assert pixel(picture, 101, 125) == (0x66, 0, 101)
    assert pixel(picture, 0, 0) == (0x66, 125, 0)


def test_a_library_that_stores_pixel_by_pixel_from_the_end_is_turned(folder: Path) -> None:
    picture = chip_photo.decode(PHOTO, replace(decoder(folder, "good"), order="backwards"))
    assert pixel(picture, 101, 125) == (0x66, 0, 0)
    assert pixel(picture, 0, 0) == (0x66, 125, 101)


def test_a_library_that_gives_a_whole_bmp_is_taken_at_its_word(folder: Path) -> None:
    picture = chip_photo.decode(PHOTO, calling_unpack(folder, "bmp"))
    assert (picture[:2], len(picture)) == (b"BM", 54 + 308 * 126)


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        ("crashing", "id_photo_decoder_failed", "SIGSEGV"),
        ("unlicensed", "id_photo_licence", "-12"),
        ("refusing", "id_photo_unreadable", "answers 0"),
    ],
)
def test_vendor_code_that_fails_costs_the_photo_and_no_more(
    folder: Path, name: str, code: str, said: str
) -> None:
    error = failing(lambda: chip_photo.decode(PHOTO, decoder(folder, name)))
    assert (error.code, error.lost) == (code, False)
    assert said in error.detail


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("no bmp", "id_photo_decoder_failed"),
        ("mute", "id_photo_unreadable"),
        ("wild", "id_photo_decoder_failed"),
    ],
)
def test_what_is_no_picture_is_not_taken_for_one(folder: Path, name: str, code: str) -> None:
    assert failing(lambda: chip_photo.decode(PHOTO, calling_unpack(folder, name))).code == code


@pytest.mark.parametrize("name", ["hanging", "forking"])
def test_vendor_code_that_hangs_is_ended(folder: Path, name: str) -> None:
    begun = time.monotonic()
    error = failing(lambda: chip_photo.decode(PHOTO, replace(decoder(folder, name), timeout=0.4)))
    assert error.code == "id_photo_decoder_failed"
    assert time.monotonic() - begun < 10  # the forked child sleeps for 30


def test_what_a_library_writes_beside_itself_is_gone_with_its_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    littering = decoder(folder, "littering")
    chip_photo.decode(PHOTO, littering)
    assert list(tmp_path.rglob("*")) == []
    own = tmp_path / "licensed"
    own.mkdir()
    chip_photo.decode(PHOTO, replace(littering, folder=own))
    assert [file.name for file in own.iterdir()] == ["zp.bmp"]  # where the hall says it may


def test_a_library_that_is_not_there_or_has_no_such_function_is_told(folder: Path) -> None:
    missing = Decoder(folder / "nothing.so")
    assert "nothing.so" in failing(lambda: chip_photo.decode(PHOTO, missing)).detail
    nameless = replace(decoder(folder, "good"), symbol="decode_photo")
    assert "decode_photo" in failing(lambda: chip_photo.decode(PHOTO, nameless)).detail


def test_without_a_decoder_the_photo_is_there_and_is_not_shown() -> None:
    error = failing(lambda: chip_photo.decode(PHOTO, None))
    assert (error.code, error.detail) == ("id_photo_no_decoder", "photo present, no decoder installed")


@pytest.mark.parametrize("wlt", [b"", bytes(1024), PHOTO[:-1], PHOTO + b"\0"])
def test_what_is_no_photo_is_never_handed_to_the_library(folder: Path, wlt: bytes) -> None:
    assert failing(lambda: chip_photo.decode(wlt, decoder(folder, "crashing"))).code == "id_photo_unreadable"


@given(st.binary(max_size=64), st.sampled_from(["bottom_up", "backwards"]))
def test_any_output_is_a_picture_or_a_coded_error(output: bytes, order: chip_photo.Order) -> None:
    try:
        result, rest = chip_photo.answer_of(output)
        assert -(2**31) <= result < 2**31
        chip_photo.bmp(rest * (BGR_BYTES // max(1, len(rest))), order)
    except DeviceError as error:
        assert error.code == "id_photo_decoder_failed"


# ── the reader ──────────────────────────────────────────────────────────────
def test_the_reader_decodes_the_card_that_it_read_and_tells_when_its_decoder_fails(
    folder: Path, tmp_path: Path
) -> None:
    bench = VirtualIdCardReader(tmp_path / "reader", wire_time=False)
    bench.start()
    bench.act("put", person="li")
    library = tmp_path / "vendor.so"
    library.symlink_to(decoder(folder, "crashing").file)
    driver = IdCardReader(port=str(bench.state()["link"]), photo_library=str(library), photo_timeout=30.0)
    driver.open()
    card = driver.read_card()
    assert failing(lambda: driver.chip_photo(card.photo_wlt)).code == "id_photo_decoder_failed"
    assert driver.status().faults == ("id_photo_decoder_failed",)
    assert driver.status().ready, "cards are read all the same"
    library.unlink()
    library.symlink_to(decoder(folder, "good").file)
    assert driver.chip_photo(card.photo_wlt).startswith(b"BM")
    assert driver.status().faults == ()
    driver.close()
    bench.stop()


def test_a_convention_that_is_none_is_a_mistake_of_the_settings() -> None:
    told = DeviceSettings(
        kind=Kind.ID_CARD_READER,
        driver="id_card_reader_usb",
        options={"photo_library": "/opt/vendor.so", "photo_convention": "stdcall"},
    )
    error = failing(lambda: registry.make(told))
    assert error.code == "device_misconfigured"
    assert "'bgr_save' or 'bmp_len'" in error.detail
