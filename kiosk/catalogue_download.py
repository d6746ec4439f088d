"""Fetching a release of the catalogue into a file: from a server or a folder, not too large, not too slow."""

from __future__ import annotations

import shutil
import ssl
import time
from pathlib import Path

import httpx

from config.release import MOST_BYTES, ReleaseError
from config.settings import CatalogueSourceSettings, Settings

UNREACHABLE, TOO_LARGE = "catalogue_unreachable", "catalogue_too_large"
FILE = "current.release"  # what is looked for in a folder


def download(settings: Settings, into: Path, have: str) -> bool:
    """Writes the newest release to `into`; False when it is the one whose SHA-256 (hex) we `have`.

    ReleaseError: catalogue_unreachable, catalogue_too_large.
    """
    source = settings.catalogue_source
    if source.folder is not None:
        return _copy(source.folder / FILE, into)
    identity = settings.identity
    try:
        with (
            httpx.Client(verify=_trust(settings), timeout=source.timeout_seconds, trust_env=False) as client,
            client.stream(
                "GET",
                source.url,
                params={"terminal": f"{identity.area}/{identity.hall}/{identity.kiosk}"},
                headers={"If-None-Match": f'"{have}"'} if have else {},
            ) as answer,
        ):
            if answer.status_code == 304:
                return False
            if answer.status_code != 200:
                raise ReleaseError(UNREACHABLE, str(answer.status_code))
            _write(answer, into, source)
            return True
    except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError) as error:
        raise ReleaseError(UNREACHABLE, type(error).__name__) from None


def _write(answer: httpx.Response, into: Path, source: CatalogueSourceSettings) -> None:
    """The body, as long as it is neither too large nor too slow."""
    began, size = time.monotonic(), 0
    with into.open("wb") as file:
        for piece in answer.iter_raw():
            size += len(piece)
            if size > MOST_BYTES:
                raise ReleaseError(TOO_LARGE, f"more than {MOST_BYTES} bytes")
            if time.monotonic() - began > source.whole_seconds:
                raise ReleaseError(UNREACHABLE, "too slow")
            file.write(piece)


def _copy(path: Path, into: Path) -> bool:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ReleaseError(TOO_LARGE, f"more than {MOST_BYTES} bytes")
        shutil.copyfile(path, into)
    except OSError as error:
        raise ReleaseError(UNREACHABLE, type(error).__name__) from None
    return True


def _trust(settings: Settings) -> ssl.SSLContext | bool:
    """Whom we believe to be the server: the root of the settings, else that of the hall's broker."""
    source, tls = settings.catalogue_source, settings.link.tls
    authority = source.trust or (tls.authority if tls else None)
    if authority is None or not source.url.startswith("https:"):
        return True
    try:
        return ssl.create_default_context(cafile=str(authority))
    except OSError as error:
        raise ReleaseError(UNREACHABLE, type(error).__name__) from None
