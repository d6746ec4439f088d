"""Routes (通办): where a case taken in here may be sent, by agreement, for which items and until when."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

from pydantic import Field

from config import toml_file
from config.part import Part
from config.service import Scope
from config.words import Words


class Route(Part):
    """One agreement: cases of `services` may be taken in here for `region` and what lies in it."""

    agreement: Words
    region: str = Field(pattern=r"^\d{6}$")
    scope: Scope
    services: tuple[str, ...] = Field(min_length=1)
    first: date
    last: date | None = None  # None: until further notice
    way: Words  # how it goes on: 收件后寄送, 网上推送 …
    days: int = Field(ge=0)  # working days on the way

    def reaches(self, region: str, service: str, day: date) -> bool:
        """May a case of `service` for `region` take this route on `day`?"""
        inside = region.startswith(self.region.rstrip("0").ljust(2, "0"))
        return inside and service in self.services and self.first <= day <= (self.last or date.max)


class _File(Part):
    route: tuple[Route, ...] = ()


def load_all(folders: Iterable[Path]) -> tuple[Route, ...]:
    """The routes of every folder's `routes.toml`. toml_file.ConfigError."""
    files = [folder / "routes.toml" for folder in folders]
    return tuple(route for file in files if file.is_file() for route in toml_file.load(file, _File).route)
