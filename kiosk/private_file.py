"""A file for its owner alone: written whole or not at all, read only where nobody else could have written."""

from __future__ import annotations

import os
import stat
from pathlib import Path


class NotPrivate(Exception):
    """The file is not ours alone; the text says why, for who puts it right."""


def write(path: Path, content: bytes) -> None:
    """Whole or not at all, on the disk when it returns, mode 0600. OSError."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.unlink(missing_ok=True)
    # Its own new file: whoever else may write in the folder could have laid a link there.
    made = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(made, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)  # a full disk is not filled with beginnings
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read(path: Path) -> bytes:
    """Its content. FileNotFoundError; OSError; NotPrivate when another owns it or may read or change it."""
    opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)  # a pipe there must not stop us
    with os.fdopen(opened, "rb") as file:
        found = os.fstat(opened)
        if not stat.S_ISREG(found.st_mode):
            raise NotPrivate("it is no plain file")
        if found.st_uid != os.geteuid():
            raise NotPrivate(f"it belongs to user {found.st_uid}, and this program runs as {os.geteuid()}")
        if found.st_mode & 0o077:
            raise NotPrivate(f"others may use it (mode {stat.S_IMODE(found.st_mode):04o}); it must be 0600")
        return file.read()
