"""One installed machine for all workers of a run: who comes first makes it, who goes last takes it away.

Nobody runs anything in it, since it is the layer below everybody's own machine.
"""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from tests.deploy import bare_root
from tests.deploy.bare_root import KEPT, REPO, Root

_NAME = f"kiosk-installed-{hashlib.sha256(str(REPO).encode()).hexdigest()[:8]}-"  # two clones have one each


@contextmanager
def shared(install: Callable[[Root], None]) -> Iterator[Root]:
    """A bare machine on which `install` has run, by us or by another worker."""
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / ".installed-used").open("w") as used:
        with _turn():
            if _is_the_only_one(used):
                _clear()  # left by a run that was killed
            fcntl.flock(used, fcntl.LOCK_SH)
            root = _made(install)
        try:
            yield root
        finally:
            with _turn():
                if _is_the_only_one(used):
                    _clear()


def _made(install: Callable[[Root], None]) -> Root:
    name = f"{_NAME}{bare_root.bundle().name}"
    for place in bare_root.places():
        if (place / name / "whole").exists():
            return Root((bare_root.base(),), place / name)
    folder = bare_root.place() / name
    if folder.exists():
        bare_root.remove(folder)
    root = bare_root.made((bare_root.base(),), folder)
    install(root)
    (folder / "whole").touch()
    return root


def _clear() -> None:
    for place in bare_root.places():
        for left in place.glob(f"{_NAME}*"):
            bare_root.remove(left)


@contextmanager
def _turn() -> Iterator[None]:
    """One worker after the other."""
    with (KEPT / ".installed-turn").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_the_only_one(used: IO[str]) -> bool:
    """Takes the machine for itself, if nobody else has it."""
    try:
        fcntl.flock(used, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
