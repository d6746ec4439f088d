"""Forms that citizens asked to keep for another day: sealed here, and only their slip's code opens one.

The key is made of the code (scrypt), and so is the file's name; the code itself is nowhere but on paper. A
file is destroyed when it is opened, and when its 72 hours are over.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from kiosk.prompts import Value

HOURS = 72
FOLDER = "drafts"
# Without 0 O 1 I L, which people take for each other. Sixteen of them are 79 bits: nobody tries them all.
LETTERS, LENGTH = "23456789ABCDEFGHJKMNPQRSTUVWXYZ", 16
_NONCE, _HEAD, _SALT = 12, struct.Struct(">d"), "salt"


@dataclass(frozen=True)
class Draft:
    """A form as far as it was filled in. `owner` is a digest of whose it is; empty where nobody was known."""

    service: str
    values: Mapping[str, Value] = field(default_factory=dict, repr=False)
    owner: str = field(default="", repr=False)


async def keep(data: Path, draft: Draft, now: float | None = None) -> str:
    """Seals the draft under a new code, which is returned and kept nowhere. OSError when the disk is full."""
    code = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
    await asyncio.to_thread(_keep, data / FOLDER, draft, code, time.time() if now is None else now)
    return code


async def look(data: Path, code: str, now: float | None = None) -> Draft | None:
    """The draft of this code, which stays; None when there is none, or its time is over."""
    moment = time.time() if now is None else now
    return await asyncio.to_thread(_open, data / FOLDER, code, moment, False)


async def take(data: Path, code: str, now: float | None = None) -> Draft | None:
    """As `look`, and the draft is destroyed."""
    moment = time.time() if now is None else now
    return await asyncio.to_thread(_open, data / FOLDER, code, moment, True)


def digest(number: str) -> str:
    """Whose a draft is, of an identity number. It is sealed with the draft."""
    return hashlib.sha256(number.encode()).hexdigest()


def purge(data: Path, now: float | None = None) -> int:
    """Destroys every draft whose time is over; how many."""
    moment, gone = time.time() if now is None else now, 0
    for path in (data / FOLDER).glob("*.sealed"):
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
        if len(head) < _HEAD.size or _HEAD.unpack(head)[0] <= moment:
            path.unlink(missing_ok=True)
            gone += 1
    return gone


def spaced(code: str) -> str:
    """A code as people read it, in fours."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def _keep(folder: Path, draft: Draft, code: str, now: float) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    purge(folder.parent, now)
    name, cipher = _opened(folder, code)
    head, nonce = _HEAD.pack(now + HOURS * 3600), os.urandom(_NONCE)
    sealed = cipher.encrypt(nonce, msgspec.json.encode(draft), head)
    part = folder / f"{name}.part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(head + nonce + sealed)
        file.flush()
        os.fsync(file.fileno())
    part.rename(folder / f"{name}.sealed")


def _open(folder: Path, code: str, now: float, destroy: bool) -> Draft | None:
    if len(code) != LENGTH or not set(code) <= set(LETTERS) or not (folder / _SALT).exists():
        return None
    purge(folder.parent, now)
    name, cipher = _opened(folder, code)
    path = folder / f"{name}.sealed"
    try:
        content = path.read_bytes()
        if destroy:
            path.unlink()
    except OSError:
        return None
    head, rest = content[: _HEAD.size], content[_HEAD.size :]
    try:
        plain = cipher.decrypt(rest[:_NONCE], rest[_NONCE:], head)
    except (InvalidTag, ValueError):
        return None
    values = msgspec.json.decode(plain)
    told = {key: tuple(one) if isinstance(one, list) else one for key, one in values["values"].items()}
    return Draft(values["service"], told, values["owner"])


def _opened(folder: Path, code: str) -> tuple[str, AESGCM]:
    """The name of the code's file, and what opens it."""
    salt = _salt(folder / _SALT)
    made = Scrypt(salt=salt, length=48, n=2**14, r=8, p=1).derive(code.encode())
    return made[:16].hex(), AESGCM(made[16:])


def _salt(path: Path) -> bytes:
    """The terminal's own, made once."""
    if not path.exists():
        path.write_bytes(os.urandom(16))
    return path.read_bytes()
