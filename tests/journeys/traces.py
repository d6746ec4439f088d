"""Searches everything in a folder for traces of people, however they are spelled.

Raw bytes of every file, and the values of every SQLite database read as such (in the file a long value may
be cut at the edge of a page).
"""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote

from drivers.id_card import PHOTO_HEADER

# What a picture or a document begins with: the name in it may be compressed, so none may lie about at all.
# Five bytes at least: the three that all JPEGs share stand by chance in one of eighty sealed copies.
PICTURES = {
    "PDF": b"%PDF-",
    "JPEG": b"\xff\xd8\xff\xe0\x00",
    "JPEG with its tables first": b"\xff\xd8\xff\xdb\x00",
    "JPEG of a camera": b"Exif\x00\x00",
    "PNG": b"\x89PNG\r\n",
    "chip photograph": PHOTO_HEADER,
}
CHARACTER_SETS = ("utf-8", "utf-16-le", "utf-16-be", "gb18030")


@dataclass(frozen=True)
class Trace:
    """One find: where, in which spelling, at which byte of the file (of a value: of that value)."""

    place: str
    spelling: str
    offset: int

    def __str__(self) -> str:
        return f"{self.place} at {self.offset}, {self.spelling}"


@cache
def spellings(text: str) -> dict[str, bytes]:
    """Every way in which a text may stand in a file, by name."""
    found: dict[str, bytes] = {}
    for charset in CHARACTER_SETS:
        raw = text.encode(charset)
        found[charset] = raw
        found[f"{charset} hex"] = raw.hex().encode()
        found[f"{charset} HEX"] = raw.hex().upper().encode()
        for shift in range(3):
            found[f"{charset} base64 {shift}"] = _base64(raw, shift)
            found[f"{charset} base64url {shift}"] = _base64(raw, shift).translate(_URL_SAFE)
    found["url"] = quote(text, safe="").encode()
    found["url lower"] = _lower(found["url"])
    found["gb18030 url"] = quote(text.encode("gb18030"), safe="").encode()
    found["\\u"] = json.dumps(text)[1:-1].encode()
    found["\\U"] = b"".join(b"\\u" + one[2:].upper() for one in _escapes(text))
    found["\\U python"] = text.encode("ascii", "backslashreplace")
    found["html"] = text.encode("ascii", "xmlcharrefreplace")
    found["html hex"] = "".join(f"&#x{ord(c):x};" for c in text).encode()
    found["\\x"] = repr(text.encode())[2:-1].encode()
    names = {raw: name for name, raw in reversed(found.items()) if len(raw) >= 4}  # of like ones the first
    return {name: raw for raw, name in reversed(names.items())}


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def _base64(raw: bytes, shift: int) -> bytes:
    """The characters that are the same whatever stands before (`shift` bytes beyond a group) and behind."""
    whole = base64.b64encode(bytes(shift) + raw)
    return whole[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]


def _lower(quoted: bytes) -> bytes:
    """`%E5` as `%e5`."""
    parts = quoted.split(b"%")
    return b"%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _escapes(text: str) -> Iterator[bytes]:
    """`\\u9648` for each unit of UTF-16."""
    raw = text.encode("utf-16-be")
    for at in range(0, len(raw), 2):
        yield b"\\u" + raw[at : at + 2].hex().encode()


def search(folder: Path, texts: Iterable[str]) -> list[Trace]:
    """Every trace of these texts, and every picture, in a file or folder."""
    needles = {f"{spelling} of {text}": raw for text in texts for spelling, raw in spellings(text).items()}
    needles |= PICTURES
    found: list[Trace] = []
    for path in [folder] if folder.is_file() else sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        found += _in(str(path), path.read_bytes(), needles)
        for name, value in _values(path):
            found += _in(name, value, needles)
        found += _in(f"the name of {path}", str(path).encode(), needles)
    return found


def _in(place: str, raw: bytes, needles: dict[str, bytes]) -> list[Trace]:
    return [Trace(place, name, raw.find(needle)) for name, needle in needles.items() if needle in raw]


def _values(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of a database, its write-ahead log read in; nothing for another file.

    Read from a copy, since a reader of the original would write beside it.
    """
    with path.open("rb") as file:
        if file.read(16) != b"SQLite format 3\0":
            return
    with tempfile.TemporaryDirectory() as folder:
        for suffix in ("", "-wal"):
            if Path(f"{path}{suffix}").exists():
                shutil.copyfile(f"{path}{suffix}", f"{folder}/copy{suffix}")
        with closing(sqlite3.connect(f"{folder}/copy")) as base:
            names = base.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in names:
                for number, row in enumerate(base.execute(f'SELECT * FROM "{table}"')):
                    joined = b"\x1f".join(one if isinstance(one, bytes) else str(one).encode() for one in row)
                    yield f"{path}: {table}, row {number + 1}", joined
