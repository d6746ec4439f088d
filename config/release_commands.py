"""What `main.py catalogue key`, `sign` and `preview` do: for the office that publishes the catalogue."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from config import release
from config.catalogue_files import Catalogue, load_catalogue
from config.release import ReleaseError
from config.service import Service
from config.toml_file import ConfigError


class ReleaseTrouble(Exception):
    """What was asked cannot be done; the text says why and what to do."""


def make_key(file: Path) -> str:
    """Writes a new private key, which only its owner may read; returns the public one for settings."""
    key = Ed25519PrivateKey.generate()
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ReleaseTrouble(f"{file}: {error.strerror}; nothing was written") from None
    with os.fdopen(number, "wb") as opened:
        opened.write(pem)
    return release.public_text(key.public_key())


def sign(folder: Path, key_file: Path, number: int, software: str, into: Path) -> str:
    """Signs a catalogue folder, once everything in it reads; returns what to say.

    ConfigError naming the broken file: that one is never signed. ReleaseTrouble.
    """
    files = release.files_of(folder)
    catalogue = load_catalogue(base=folder)
    if not catalogue.services:
        raise ReleaseTrouble(f"{folder} has no service in it; name a catalogue folder")
    made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    key = _private(key_file)
    try:
        raw = release.sign(files, number, software, made, key)
        found = release.read(raw, {release.key_id(key.public_key()): key.public_key()})
        with into.open("xb") as opened:
            opened.write(raw)
    except (ReleaseError, ValueError) as error:
        raise ReleaseTrouble(f"not signed: {error}") from None
    except OSError as error:
        raise ReleaseTrouble(f"{into}: {error.strerror}; nothing was written") from None
    size = f"{len(catalogue.services)} services, {len(raw) / 1e6:.1f} MB"
    return f"{into}: release {number}, {size}, SHA-256 {found.digest}"


def _private(file: Path) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(file.read_bytes(), None)
    except OSError as error:
        raise ReleaseTrouble(f"{file}: {error.strerror}") from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise ReleaseTrouble(f"{file} is no key that `main.py catalogue key` has made")
    return key


# ── looking before it is published ──────────────────────────────────────────
@dataclass(frozen=True)
class Look:
    """A catalogue that is looked through: its services, and a line for each file that does not read."""

    catalogue: Catalogue | None
    broken: tuple[str, ...]


def look(what: Path, scratch: Path) -> Look:
    """A folder, or an archive whose signature nobody asks about; `scratch` is an empty folder.

    ReleaseTrouble when it is neither.
    """
    folder = what
    if not what.is_dir():
        try:
            files = release.files_in(what.read_bytes())
        except OSError as error:
            raise ReleaseTrouble(f"{what}: {error.strerror}") from None
        except ReleaseError as error:
            raise ReleaseTrouble(f"{what} is no release: {error}") from None
        folder = scratch
        release.write_files(files, folder)
    try:
        return Look(load_catalogue(base=folder), ())
    except ConfigError as error:
        return Look(None, tuple(str(error).splitlines()))


def changes(before: Catalogue, after: Catalogue) -> Iterator[str]:
    """A line for each service that comes, changes or goes, by name; then papers and letters."""
    for sign, services in (
        ("+", _missing(after, before)),
        ("~", [one for id, one in sorted(after.services.items()) if before.services.get(id, one) != one]),
        ("-", _missing(before, after)),
    ):
        for one in services:
            was = before.services.get(one.id)
            version = f"v{was.version} → v{one.version}" if sign == "~" and was else f"v{one.version}"
            yield f"{sign} {one.id}  {version}  {one.name.zh} / {one.name.en}"
    for kind in ("papers", "letters", "questions"):
        old, new = getattr(before, kind), getattr(after, kind)
        for name in sorted(old.keys() | new.keys()):
            if old.get(name) != new.get(name):
                yield f"{'+' if name not in old else '-' if name not in new else '~'} {kind}/{name}"


def _missing(these: Catalogue, there: Catalogue) -> list[Service]:
    return [one for id, one in sorted(these.services.items()) if id not in there.services]


def preview(what: Path, current: Catalogue, against: Path | None = None) -> tuple[int, list[str]]:
    """What would change, as lines, and the exit code: 1 when something in it is broken. ReleaseTrouble."""
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        if against is not None:
            before = look(against, Path(first))
            if before.catalogue is None:
                raise ReleaseTrouble(f"{against} cannot be compared with: {'; '.join(before.broken)}")
            current = before.catalogue
        after = look(what, Path(second))
    if after.catalogue is None:
        return 1, [f"! {line}" for line in after.broken]
    told = list(changes(current, after.catalogue)) or ["nothing changes"]
    return 0, [*told, f"{len(after.catalogue.services)} services, {len(current.services)} before"]


def show(what: Path, run: Callable[[Path], int]) -> int:
    """Runs the demo with it until that ends; its exit code."""
    with tempfile.TemporaryDirectory() as scratch:
        look(what, Path(scratch))
        return run(what if what.is_dir() else Path(scratch))
