"""A release of the catalogue: one archive of a catalogue folder, its manifest of digests, one signature.

The archive is a plain tar without compression, so that what it unpacks to is never larger than itself:
`manifest.json`, `manifest.sig`, then the files in the order of their names. It has one spelling only:
whatever is not byte for byte what `pack` writes is damaged. The signature (Ed25519) is over the manifest's
exact bytes, and is looked at before anything in it is believed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import Field, ValidationError

from config.catalogue_files import Catalogue, load_catalogue
from config.part import Part
from config.toml_file import ConfigError

MOST_BYTES = 32 * 1024 * 1024  # of an archive; 420 services are about two
MOST_FILES = 10_000
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
NAME = re.compile(r"([a-z0-9_-]{1,32}/)?[a-z0-9_-]{1,60}\.toml")
_VERSION = r"^\d{1,9}(\.\d{1,9}){0,3}$"
_BLOCK = 512
_KEY_PREFIX = "ed25519:"
_SIGNED = re.compile(rb"([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)\n")

PublicKeys = Mapping[str, Ed25519PublicKey]  # by key id


class ReleaseError(Exception):
    """A release that is not to be used. `code` is of faults.toml; `detail` names a file or number."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code, self.detail = code, detail


class Manifest(Part):
    """What a release says of itself. `number` only rises; `software` is the least version that reads it."""

    format: Literal[1] = 1
    number: int = Field(ge=1, le=10**12)
    made: str = Field(max_length=40)  # when, for people
    software: str = Field(pattern=_VERSION)
    files: dict[str, str] = Field(max_length=MOST_FILES)  # name → SHA-256, hex


@dataclass(frozen=True)
class Release:
    """A release whose signature and digests hold. Its services have not been read yet."""

    manifest: Manifest
    files: Mapping[str, bytes]
    raw: bytes

    @property
    def digest(self) -> str:
        """SHA-256 of the archive, hex: what it is called on its way."""
        return hashlib.sha256(self.raw).hexdigest()


# ── keys ────────────────────────────────────────────────────────────────────
def public_text(key: Ed25519PublicKey) -> str:
    """A public key as it stands in settings: `ed25519:` and 32 bytes in base64."""
    return _KEY_PREFIX + base64.b64encode(key.public_bytes_raw()).decode()


def public_key(text: str) -> Ed25519PublicKey:
    """The key that `public_text` wrote. ValueError with what is wrong."""
    try:
        raw = base64.b64decode(text.removeprefix(_KEY_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not text.startswith(_KEY_PREFIX) or len(raw) != 32:
        raise ValueError("must be a line like ed25519:… that `main.py catalogue key` has printed")
    return Ed25519PublicKey.from_public_bytes(raw)


def public_keys(texts: Iterable[str]) -> PublicKeys:
    """The keys that are trusted, by their id."""
    found = [public_key(text) for text in texts]
    return {key_id(key): key for key in found}


def key_id(key: Ed25519PublicKey) -> str:
    """Which key it is: 16 hex digits of its digest."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


# ── making ──────────────────────────────────────────────────────────────────
def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a catalogue folder by name. ConfigError for one that belongs in no catalogue."""
    files = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in name.split("/")):
            continue
        if not NAME.fullmatch(name) or path.is_symlink():
            why = "this is no file of a catalogue: small letters, digits, - and _, ending in .toml"
            raise ConfigError(path, [f"{name}: {why}"])
        files[name] = path.read_bytes()
    return files


def sign(files: Mapping[str, bytes], number: int, software: str, made: str, key: Ed25519PrivateKey) -> bytes:
    """The archive. The same arguments make the same bytes. ReleaseError `catalogue_too_large`."""
    digests = {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}
    manifest = _spelled(Manifest(number=number, made=made, software=software, files=digests))
    raw = pack(manifest, _signature(key_id(key.public_key()), key.sign(manifest)), files)
    if len(raw) > MOST_BYTES:
        raise ReleaseError("catalogue_too_large", f"{len(raw)} bytes")
    return raw


def pack(manifest: bytes, signature: bytes, files: Mapping[str, bytes]) -> bytes:
    """The one spelling of an archive with these parts."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in ((MANIFEST, manifest), (SIGNATURE, signature), *sorted(files.items())):
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(content), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return into.getvalue()


def _spelled(manifest: Manifest) -> bytes:
    told = manifest.model_dump()
    return (json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _signature(key: str, signature: bytes) -> bytes:
    return f"{key} {base64.b64encode(signature).decode()}\n".encode()


# ── reading ─────────────────────────────────────────────────────────────────
def read(raw: bytes, keys: PublicKeys) -> Release:
    """The release in these bytes, checked whole.

    ReleaseError: catalogue_too_large, catalogue_damaged, catalogue_unknown_key, catalogue_wrong_signature.
    """
    if len(raw) > MOST_BYTES:
        raise ReleaseError("catalogue_too_large", f"{len(raw)} bytes")
    entries = _entries(raw)
    if list(entries)[:2] != [MANIFEST, SIGNATURE]:
        raise ReleaseError("catalogue_damaged", "no manifest")
    manifest, signature = entries.pop(MANIFEST), entries.pop(SIGNATURE)
    told = _signed(manifest, signature, keys)
    if entries.keys() != told.files.keys():
        odd = sorted(entries.keys() ^ told.files.keys())
        raise ReleaseError("catalogue_damaged", odd[0])
    for name, content in entries.items():
        if not NAME.fullmatch(name) or hashlib.sha256(content).hexdigest() != told.files[name]:
            raise ReleaseError("catalogue_damaged", name)
    if pack(manifest, signature, entries) != raw:
        raise ReleaseError("catalogue_damaged", "not as it was packed")
    return Release(told, entries, raw)


def _entries(raw: bytes) -> dict[str, bytes]:
    """What stands in the archive, by name. Only name and size are believed: `read` packs it again."""
    entries: dict[str, bytes] = {}
    at = 0
    while at + _BLOCK <= len(raw) and any(raw[at : at + _BLOCK]):
        header = raw[at : at + _BLOCK]
        try:
            name = header[:100].rstrip(b"\0").decode("ascii")
            size = int(header[124:135].decode("ascii"), 8)
        except ValueError:
            raise ReleaseError("catalogue_damaged", "archive") from None
        begin = at + _BLOCK
        if size < 0 or begin + size > len(raw) or name in entries or len(entries) > MOST_FILES + 2:
            raise ReleaseError("catalogue_damaged", "archive")
        entries[name] = raw[begin : begin + size]
        at = begin + -(-size // _BLOCK) * _BLOCK
    return entries


def _signed(manifest: bytes, signature: bytes, keys: PublicKeys) -> Manifest:
    """The manifest, if one of the keys has signed just these bytes."""
    told = _SIGNED.fullmatch(signature)
    if told is None:
        raise ReleaseError("catalogue_damaged", SIGNATURE)
    key = keys.get(told[1].decode())
    if key is None:
        raise ReleaseError("catalogue_unknown_key", told[1].decode())
    sealed = base64.b64decode(told[2])
    if _signature(told[1].decode(), sealed) != signature:  # base64 has several spellings of one signature
        raise ReleaseError("catalogue_damaged", SIGNATURE)
    try:
        key.verify(sealed, manifest)
    except InvalidSignature:
        raise ReleaseError("catalogue_wrong_signature", told[1].decode()) from None
    try:
        return Manifest.model_validate_json(manifest)
    except ValidationError:  # signed all the same: of a later format
        raise ReleaseError("catalogue_needs_update", "format") from None


def check_fits(release: Release, software: str) -> None:
    """ReleaseError `catalogue_needs_update` when this software (`0.1.0`) is older than the release wants."""
    if _numbers(release.manifest.software) > _numbers(software):
        raise ReleaseError("catalogue_needs_update", release.manifest.software)


def _numbers(version: str) -> tuple[int, ...]:
    """What a version begins with, in numbers, without zeros at its end: 1.0 is 1."""
    found = re.match(r"\d+(\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def files_in(raw: bytes) -> dict[str, bytes]:
    """The files of an archive whose signature nobody has looked at: to be looked through, never to be used.

    ReleaseError `catalogue_damaged`.
    """
    files = {name: content for name, content in _entries(raw).items() if NAME.fullmatch(name)}
    if not files:
        raise ReleaseError("catalogue_damaged", "no files")
    return files


def write_files(files: Mapping[str, bytes], folder: Path) -> None:
    """Into an empty folder. The names fit `NAME`: none leads out of it."""
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)


def load(release: Release, scratch: Path, folders: Iterable[Path] = ()) -> Catalogue:
    """The catalogue of a release in the place of the built-in one, and the hall's own `folders` over it.

    `scratch` is an empty folder that the caller throws away. ConfigError naming the broken file.
    """
    write_files(release.files, scratch)
    return load_catalogue(folders, base=scratch, release=release.manifest.number)
