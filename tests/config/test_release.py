"""A release of the catalogue is taken whole and as it was signed, or not at all."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from config import release
from config.catalogue_files import BUILT_IN, load_catalogue
from config.faults import faults
from config.release import ReleaseError
from config.toml_file import ConfigError

PROVINCE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
KEYS = release.public_keys([release.public_text(PROVINCE.public_key())])
FILES = {"sb01.toml": b"id = 'SB01'\n", "papers/receipt.toml": b"document = 'receipt'\n"}
MADE = "2026-11-22T09:00:00Z"


def made(files: dict[str, bytes] = FILES, number: int = 7, software: str = "0.1.0") -> bytes:
    return release.sign(files, number, software, MADE, PROVINCE)


GOOD = made()


def refused(raw: bytes) -> str:
    """Why it is refused; each code has its words for a technician."""
    with pytest.raises(ReleaseError) as why:
        release.read(raw, KEYS)
    assert why.value.code in faults()
    return why.value.code


def unpacked(raw: bytes) -> dict[str, bytes]:
    """What anybody's tar finds in it, by name."""
    found = {}
    with tarfile.open(fileobj=io.BytesIO(raw)) as archive:
        for name in archive.getnames():
            member = archive.extractfile(name)
            assert member is not None, "only files stand in a release"
            found[name] = member.read()
    return found


def altered(manifest: bytes | None = None, signature: bytes | None = None, **files: bytes) -> bytes:
    """The good one with parts exchanged, packed as it should be."""
    found = release.read(GOOD, KEYS)
    parts = unpacked(GOOD)
    return release.pack(
        manifest or parts[release.MANIFEST],
        signature or parts[release.SIGNATURE],
        {**found.files, **files},
    )


def test_what_was_signed_is_read_again_file_by_file() -> None:
    found = release.read(GOOD, KEYS)
    assert (found.files, found.manifest.number, found.manifest.software) == (FILES, 7, "0.1.0")


def test_the_same_folder_number_and_time_make_the_same_bytes() -> None:
    assert made(dict(reversed(FILES.items()))) == GOOD
    assert made(number=8) != GOOD


def test_anybody_can_look_into_it_with_tar() -> None:
    with tarfile.open(fileobj=io.BytesIO(GOOD)) as archive:
        assert archive.getnames() == ["manifest.json", "manifest.sig", "papers/receipt.toml", "sb01.toml"]


@given(at=st.integers(0, len(GOOD) - 1), bit=st.integers(0, 7))
@settings(max_examples=400)
def test_any_flipped_bit_is_refused(at: int, bit: int) -> None:
    spoilt = bytearray(GOOD)
    spoilt[at] ^= 1 << bit
    refused(bytes(spoilt))


@given(length=st.integers(0, len(GOOD) - 1))
def test_any_shortened_one_is_refused(length: int) -> None:
    refused(GOOD[:length])


@given(raw=st.binary(max_size=3000), behind=st.booleans())
def test_whatever_else_comes_is_refused_and_nothing_worse_happens(raw: bytes, behind: bool) -> None:
    if raw:
        refused(GOOD + raw if behind else raw + GOOD)
    refused(raw)


def test_a_stranger_s_key_is_unknown_and_a_wrong_signature_is_told_apart() -> None:
    assert refused(release.sign(FILES, 7, "0.1.0", MADE, STRANGER)) == "catalogue_unknown_key"
    name = release.key_id(PROVINCE.public_key())
    other = release.read(made(number=9), KEYS)
    assert other.manifest.number == 9
    signature = unpacked(made(number=9))[release.SIGNATURE]
    assert signature.startswith(name.encode())
    assert refused(altered(signature=signature)) == "catalogue_wrong_signature"


def test_a_file_that_was_exchanged_added_or_left_out_is_refused_by_name() -> None:
    assert refused(altered(**{"sb01.toml": b"id = 'SB99'\n"})) == "catalogue_damaged"
    assert refused(altered(**{"sb02.toml": b"id = 'SB02'\n"})) == "catalogue_damaged"
    less = {name: content for name, content in FILES.items() if name != "sb01.toml"}
    told = unpacked(GOOD)
    assert refused(release.pack(told[release.MANIFEST], told[release.SIGNATURE], less)) == "catalogue_damaged"


@pytest.mark.parametrize(
    "name", ["../sb01.toml", "/sb01.toml", "a/b/c.toml", "sb01.so", "a/../b.toml", "SB.toml"]
)
def test_no_name_leads_out_of_the_folder_even_when_it_is_signed(name: str) -> None:
    assert refused(made({name: b"x = 1"})) == "catalogue_damaged"


def test_a_bomb_is_too_large_before_it_is_looked_into() -> None:
    assert refused(bytes(release.MOST_BYTES + 1)) == "catalogue_too_large"
    with pytest.raises(ReleaseError, match="catalogue_too_large"):
        made({"sb01.toml": bytes(release.MOST_BYTES)})


def test_a_release_for_newer_software_waits_for_the_update() -> None:
    newer = release.read(made(software="0.2"), KEYS)
    for version in ("0.2.0", "0.10", "1.0.1.dev3"):
        release.check_fits(newer, version)
    for version in ("0.1.9", "0.1.0+local", ""):
        with pytest.raises(ReleaseError, match="catalogue_needs_update"):
            release.check_fits(newer, version)


def test_a_key_in_settings_is_one_line_and_a_wrong_one_says_what_it_should_be() -> None:
    text = release.public_text(PROVINCE.public_key())
    assert release.public_key(text) == PROVINCE.public_key()
    for wrong in ("", "ed25519:", text[:-4], text.removeprefix("ed25519:"), "ed25519:äöü"):
        with pytest.raises(ValueError, match="catalogue key"):
            release.public_key(wrong)


def test_the_built_in_folder_as_a_release_is_the_same_catalogue(tmp_path: Path) -> None:
    raw = made(release.files_of(BUILT_IN), 12)
    found = release.load(release.read(raw, KEYS), tmp_path)
    built_in = load_catalogue()
    assert found.release == 12
    assert (found.services, found.papers, found.themes) == (
        built_in.services,
        built_in.papers,
        built_in.themes,
    )
    assert (found.letters, found.questions, found.routes) == (
        built_in.letters,
        built_in.questions,
        built_in.routes,
    )


def test_a_release_has_its_own_services_only_and_lends_what_papers_it_lacks(tmp_path: Path) -> None:
    one = {"sb02.toml": (BUILT_IN / "sb02.toml").read_bytes()}
    found = release.load(release.read(made(one), KEYS), tmp_path)
    assert list(found.services) == ["SB02"]
    assert "receipt" in found.papers


def test_what_belongs_in_no_catalogue_is_not_packed(tmp_path: Path) -> None:
    (tmp_path / "sb01.toml").write_text("x = 1")
    (tmp_path / ".notes").write_text("mine")
    assert list(release.files_of(tmp_path)) == ["sb01.toml"]
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigError, match=r"notes\.txt"):
        release.files_of(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "sb01.toml").symlink_to("/etc/hostname")
    with pytest.raises(ConfigError, match=r"sb01\.toml"):
        release.files_of(tmp_path)
