"""A desk with a filled store and people of several areas, and what somebody at its door can do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import Engine, select

from hall.data import store
from hall.data.desk_tables import audit
from hall.settings import DeskSettings, HallSettings
from tests.hall.fleet import fill
from tests.peers.desk import PASSWORD, account, desk

HERS, OTHERS = "330101", "330102"  # the area that *watcher* may watch, and one that she may not


@dataclass
class Doors:
    """A running desk. Accounts: *officer* commands everywhere, *watcher* watches one area, *nobody* none."""

    address: str
    settings: HallSettings
    engine: Engine

    def browser(self, **headers: str) -> httpx.Client:
        """Somebody without any cookie yet; sends what a browser sends from a page of the desk."""
        told = {"Origin": self.address, **headers}
        return httpx.Client(base_url=self.address, trust_env=False, headers=told, timeout=60)

    def come_in(self, client: httpx.Client, name: str, password: str = PASSWORD) -> httpx.Response:
        """Fills the login page."""
        fields = {"csrf": csrf(client.get("/login").text), "name": name, "password": password}
        return client.post("/login", data=fields)

    @contextmanager
    def inside(self, name: str) -> Iterator[httpx.Client]:
        """Somebody who has logged in."""
        with self.browser() as client:
            assert self.come_in(client, name).status_code == 303
            yield client

    def audited(self, **like: str) -> list[dict[str, Any]]:
        """Rows of the audit that are so."""
        with self.engine.connect() as tx:
            rows = [dict(row._mapping) for row in tx.execute(select(audit).order_by(audit.c.n))]
        return [row for row in rows if all(row[name] == value for name, value in like.items())]


def csrf(page: str) -> str:
    """The token in a page's form."""
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


@contextmanager
def doors(folder: Path, told: DeskSettings | None = None, fleet: bool = True) -> Iterator[Doors]:
    """A desk with its people, on a store of a dozen terminals in three areas, or of none."""
    settings = HallSettings(data=folder / "hall", area=HERS, hall="donghu", desk=told or DeskSettings())
    store.migrate(settings)
    engine = store.open_store(settings)
    if fleet:
        fill(engine)
    account(settings, "officer", ("command", "*"))
    account(settings, "watcher", ("watch", HERS))
    account(settings, "newcomer", ("watch", "elsewhere"))
    try:
        with desk(settings) as address:
            yield Doors(address, settings, engine)
    finally:
        engine.dispose()
