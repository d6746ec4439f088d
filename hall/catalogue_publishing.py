"""Releases of the catalogue at the hall: published by who runs it, fetched by terminals.

`GET /catalogue/current` is open to whoever asks, since what it hands out is public and carries its own proof.
A release may go to some places first (canaries), and to everywhere when it is published once more.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException, Query, Request, Response
from sqlalchemy import Connection, func, select

from config import release
from config.release import Release, ReleaseError
from config.toml_file import ConfigError
from hall.access import audit
from hall.data import bulk, store
from hall.data.desk_tables import catalogue_releases
from hall.settings import HallSettings

MEDIA = "application/x-tar"
router = APIRouter(prefix="/catalogue", tags=["catalogue"])
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA: {}}, "description": "the archive; docs/catalogue.md has its form"},
    304: {"description": "it is the one that was named"},
    404: {"description": "nothing is published for this terminal"},
}


class NotPublished(Exception):
    """Why a release is not published, and what to do."""


@router.get("/current", response_class=Response, responses=_ANSWERS)
def current(
    request: Request,
    terminal: Annotated[str, Query(max_length=128, description="AREA/HALL/KIOSK of who asks")] = "",
    if_none_match: Annotated[str, Header(max_length=200)] = "",
) -> Response:
    """The newest release that this terminal may have."""
    with request.app.state.engine.connect() as tx:
        found = newest(tx, terminal)
        if found is None:
            raise HTTPException(404, "no release is published")
        number, digest = found
        headers = {"ETag": f'"{digest}"', "X-Release": str(number)}
        if if_none_match.strip() == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        c = catalogue_releases.c
        archive = tx.scalar(select(c.archive).where(c.number == number))
    return Response(archive, media_type=MEDIA, headers=headers)


def newest(tx: Connection, terminal: str) -> tuple[int, str] | None:
    """Number and digest of the newest release for this terminal; None without any."""
    c = catalogue_releases.c
    for number, digest, told in tx.execute(select(c.number, c.digest, c.places).order_by(c.number.desc())):
        places = json.loads(told)
        if not places or any(terminal == one or terminal.startswith(f"{one}/") for one in places):
            return number, digest
    return None


def publish(tx: Connection, found: Release, services: int, places: Sequence[str], actor: str) -> None:
    """Lays it out for these places, or for everywhere; with the audit. NotPublished when it is too old.

    The same one once more only changes the places.
    """
    bulk.begin(tx)
    c, number = catalogue_releases.c, found.manifest.number
    known = tx.scalar(select(c.digest).where(c.number == number))
    highest = tx.scalar(select(func.max(c.number))) or 0
    if known not in (None, found.digest):
        raise NotPublished(f"another release has number {number}: sign it again under a higher one")
    if number < highest:
        raise NotPublished(
            f"release {highest} is out already, and terminals take none below theirs: sign it again under a"
            " higher number"
        )
    told = {
        "places": json.dumps(sorted(places)),
        "published": int(time.time() * 1000),
        "actor": actor,
    }
    fresh = {"number": number, "digest": found.digest, "archive": found.raw, "services": services} | told
    new = store.insert(tx.dialect.name, catalogue_releases).values(fresh)
    tx.execute(new.on_conflict_do_update(index_elements=["number"], set_=told))
    where = ", ".join(sorted(places)) or "everywhere"
    audit.note(tx, actor, "publish_catalogue", reference=str(number), detail=f"{found.digest} {where}")


def run(settings: HallSettings, file: Path, places: Sequence[str]) -> int:
    """`main.py catalogue publish`; returns the exit code. ConfigError naming a broken file."""
    if not settings.release_keys:
        print(
            "release_keys is missing in the hall's settings: whose releases may it publish?", file=sys.stderr
        )
        return 2
    try:
        found = release.read(file.read_bytes(), release.public_keys(settings.release_keys))
        with tempfile.TemporaryDirectory() as scratch:
            services = len(release.load(found, Path(scratch)).services)
        store.migrate(settings)
        engine = store.open_store(settings)
        try:
            with engine.begin() as tx:
                publish(tx, found, services, places, audit.at_the_server())
        finally:
            engine.dispose()
    except OSError as error:
        print(f"{file}: {error.strerror}", file=sys.stderr)
        return 2
    except (ReleaseError, ConfigError, NotPublished) as error:
        print(f"not published: {error}", file=sys.stderr)
        return 1
    where = ", ".join(sorted(places)) or "every terminal"
    print(f"release {found.manifest.number} with {services} services is out for {where}")
    return 0
