"""The settings of a hall server, from a TOML file or keyword arguments.

`[broker]` is the message broker that terminals and server share; `[desk]` is where the web pages are.
"""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from config import toml_file
from config.settings import TopicPart


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BrokerSettings(_Model):
    """The message broker. `client_id` is fixed, since the broker keeps the session under it."""

    host: str = "127.0.0.1"
    port: int = Field(1883, gt=0, lt=65536)
    client_id: str = "hall-ingest"
    keepalive_seconds: int = Field(20, ge=5)
    session_seconds: int = Field(7 * 24 * 3600, ge=60)  # how long the broker keeps what we have not taken


class DeskSettings(_Model):
    """The web pages. Loopback by default, since there is no login yet."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, lt=65536)
    timezone: str = "Asia/Shanghai"
    silent_seconds: int = Field(180, ge=10)  # online, but no health for so long: somebody must look
    screen_seconds: float = Field(10.0, gt=0)  # the screen's thread has not answered for so long: hung

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be a time zone such as Asia/Shanghai") from None
        return name


class HallSettings(_Model):
    """Everything a hall server is told. `database` is an SQLAlchemy URL; empty means SQLite in `data`."""

    data: Path
    area: TopicPart
    hall: TopicPart
    database: str = ""
    catalogue: tuple[Path, ...] = ()  # further folders of services, as the terminals have them
    broker: BrokerSettings = BrokerSettings()
    desk: DeskSettings = DeskSettings()

    @property
    def database_url(self) -> str:
        """The URL to open."""
        return self.database or f"sqlite:///{self.data / 'hall.db'}"


def load(path: Path) -> HallSettings:
    """The settings in `path`. toml_file.ConfigError when they do not fit."""
    return toml_file.load(path, HallSettings)
