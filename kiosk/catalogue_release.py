"""The terminal's own copy of the catalogue's releases: fetched, verified, kept, and used at the next start.

Under `data/catalogue/` lie `good` (the last one that was verified and read whole) and `before` (the one
before it). A new one is a `.part` until it has been verified, read, and written down to the disk; then one
rename makes it the good one. Whatever stops the terminal at whatever instant, the last good one is there.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import structlog

from config import release
from config.catalogue_files import Catalogue, load_catalogue
from config.release import Release, ReleaseError
from config.settings import Settings
from config.toml_file import ConfigError
from kiosk.backstage import Backstage
from kiosk.catalogue_download import download
from kiosk.software import software

GOOD, BEFORE, LOST, HIGHEST = "good", "before", "lost", "highest"
FIRST_SECONDS = 30.0  # after the start, by chance: a whole city may have had a power cut
UNREACHABLE = "catalogue_unreachable"
REFUSALS = (
    "catalogue_damaged",
    "catalogue_wrong_signature",
    "catalogue_unknown_key",
    "catalogue_old",
    "catalogue_too_large",
    "catalogue_needs_update",
    "catalogue_broken",
)
_log = structlog.get_logger("kiosk.catalogue")


def at_start(settings: Settings) -> Catalogue:
    """The last good release, else the one before it, else the built-in catalogue; and the hall's own folders.

    One that no longer reads is put aside, which the terminal tells as `catalogue_lost`. ConfigError when the
    hall's own folders are broken.
    """
    if not settings.catalogue_source.given:
        return load_catalogue(settings.catalogue)
    folder = _folder(settings)
    for left in (*folder.glob("*.part"), *folder.glob("read-*")):
        _throw_away(left)
    for name in (GOOD, BEFORE):
        try:
            return _read(settings, (folder / name).read_bytes())
        except FileNotFoundError:
            continue
        except (ReleaseError, OSError) as error:
            _log.error("kept release lost", file=name, error=getattr(error, "code", type(error).__name__))
            with contextlib.suppress(OSError):
                os.replace(folder / name, folder / LOST)
    return load_catalogue(settings.catalogue)


def kept(settings: Settings) -> Catalogue:
    """As `at_start`, for whoever only looks: nothing is put aside or made, also while a terminal runs.

    ReleaseError when the last good one no longer reads; ConfigError as there.
    """
    try:
        raw = (settings.data / "catalogue" / GOOD).read_bytes()
    except FileNotFoundError:
        return load_catalogue(settings.catalogue)
    except OSError as error:
        raise ReleaseError("catalogue_lost", type(error).__name__) from None
    found = release.read(raw, release.public_keys(settings.catalogue_source.keys))
    release.check_fits(found, software())
    with tempfile.TemporaryDirectory(prefix="read-") as scratch:
        return release.load(found, Path(scratch), settings.catalogue)


async def renew(backstage: Backstage) -> Catalogue | None:
    """Fetches the newest release, in use from the next session on. None when it is the one that we have.

    ReleaseError when it is not to be had or not to be used, which is told as a fault: the old one stays.
    """
    async with backstage.renewing:
        now = backstage.coming or backstage.catalogue
        try:
            found = await asyncio.to_thread(_fetch, backstage.settings, now.release)
        except ReleaseError as error:
            _tell(backstage, error.code)
            _log.warning("release refused", code=error.code, detail=error.detail)
            raise
        _tell(backstage, "")
        if found is not None:
            backstage.coming = found
        return found


async def keep_renewing(backstage: Backstage) -> None:
    """Asks for a newer one from time to time, each terminal at an instant of its own. For ever."""
    source = backstage.settings.catalogue_source
    if not source.given:
        return
    if (_folder(backstage.settings) / LOST).exists():
        backstage.set_fault("catalogue_lost", True)
    await asyncio.sleep(random.uniform(0, min(FIRST_SECONDS, source.every_minutes * 60)))
    while True:
        try:
            await renew(backstage)
        except ReleaseError:
            pass  # told as a fault
        except Exception as error:
            _log.error("failed", work="renew", error=type(error).__name__)
        await asyncio.sleep(source.every_minutes * 60 * random.uniform(0.8, 1.2))


def _tell(backstage: Backstage, code: str) -> None:
    """Of all that may be wrong with a release this holds now. One that is out of reach clears no refusal."""
    backstage.set_fault(UNREACHABLE, code == UNREACHABLE)
    if code == UNREACHABLE:
        return
    for refusal in REFUSALS:
        backstage.set_fault(refusal, refusal == code)
    if not code and not (_folder(backstage.settings) / LOST).exists():
        backstage.set_fault("catalogue_lost", False)


def _fetch(settings: Settings, current: int) -> Catalogue | None:
    """One try: the newer release, read and kept; None when there is none. ReleaseError."""
    folder = _folder(settings)
    part = folder / f"{os.getpid()}.part"
    try:
        if not download(settings, part, _digest(folder / GOOD)):
            return None
        raw = part.read_bytes()
        found = release.read(raw, release.public_keys(settings.catalogue_source.keys))
        if found.digest == _digest(folder / GOOD) and found.manifest.number == current:
            return None
        least = max(current + 1, _highest(folder))
        if found.manifest.number < least:
            raise ReleaseError("catalogue_old", str(found.manifest.number))
        catalogue = _catalogue(settings, found)
        _keep(folder, part, found.manifest.number)
        return catalogue
    except ConfigError as error:  # it does not go with the hall's own services
        raise ReleaseError("catalogue_broken", error.path.name) from None
    except OSError as error:  # of our own disk
        raise ReleaseError(UNREACHABLE, type(error).__name__) from None
    finally:
        part.unlink(missing_ok=True)


def _read(settings: Settings, raw: bytes) -> Catalogue:
    return _catalogue(settings, release.read(raw, release.public_keys(settings.catalogue_source.keys)))


def _catalogue(settings: Settings, found: Release) -> Catalogue:
    """Everything in it, read whole. ReleaseError; ConfigError naming a file of the hall's own folders."""
    release.check_fits(found, software())
    with _scratch(_folder(settings)) as scratch:
        try:
            return release.load(found, scratch, settings.catalogue)
        except ConfigError as error:
            if any(error.path.is_relative_to(folder) for folder in settings.catalogue):
                raise
            raise ReleaseError("catalogue_broken", error.path.name) from None


def _keep(folder: Path, part: Path, number: int) -> None:
    """Makes the verified file the good one. Each line leaves a state from which a start finds a good one."""
    _to_disk(part)
    told = folder / f"{HIGHEST}.part"
    told.write_text(str(number), "ascii")
    _to_disk(told)
    os.replace(told, folder / HIGHEST)
    if (folder / GOOD).exists():
        second = folder / f"{BEFORE}.part"
        second.unlink(missing_ok=True)
        os.link(folder / GOOD, second)
        os.replace(second, folder / BEFORE)
    os.replace(part, folder / GOOD)
    _to_disk(folder)
    (folder / LOST).unlink(missing_ok=True)


def _to_disk(path: Path) -> None:
    number = os.open(path, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def _highest(folder: Path) -> int:
    """The highest number that was ever good here: none below it comes back, even when the file is lost."""
    try:
        return int((folder / HIGHEST).read_text("ascii"))
    except (OSError, ValueError):
        return 0


def _digest(path: Path) -> str:
    """SHA-256 of what is kept, hex; empty when nothing is."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _folder(settings: Settings) -> Path:
    folder = settings.data / "catalogue"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextlib.contextmanager
def _scratch(folder: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="read-", dir=folder) as name:
        yield Path(name)


def _throw_away(left: Path) -> None:
    """What a stop in the middle left behind."""
    if left.is_dir():
        for path in sorted(left.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink(missing_ok=True)
        left.rmdir()
    else:
        left.unlink(missing_ok=True)
