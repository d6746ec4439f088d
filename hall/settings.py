"""The settings of a hall server, from a TOML file or keyword arguments.

`[broker]` is the message broker that terminals and server share; `[desk]` is where the web pages are.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from config import toml_file
from config.settings import ReleaseKey, TlsSettings, TopicPart

DRIVERS = ("postgresql+psycopg", "sqlite", "sqlite+pysqlite")


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BrokerSettings(_Model):
    """The message broker. `client_id` is fixed, since the broker keeps the session under it.

    Several ingests share the load when each has a client id of its own and all the same `share`, or when
    each takes other `areas`. With `share` the broker keeps nothing for one that is away: the others take it,
    or the terminals send again.
    """

    host: str = "127.0.0.1"
    port: int = Field(1883, gt=0, lt=65536)
    tls: TlsSettings | None = None
    scheduler_tls: TlsSettings | None = None  # the scheduler's own: one certificate, one connection
    client_id: str = "hall-ingest"
    share: str = Field(
        "", pattern=r"^[A-Za-z0-9_-]{0,36}$"
    )  # name of a shared subscription; empty: not shared
    areas: tuple[TopicPart, ...] = ()  # empty: all
    keepalive_seconds: int = Field(20, ge=5)
    session_seconds: int = Field(7 * 24 * 3600, ge=60)  # how long the broker keeps what we have not taken
    metrics_port: int = Field(0, ge=0, lt=65536)  # of the ingest, on loopback, for Prometheus; 0: none


class DeskSettings(_Model):
    """The web pages. On another address than loopback they want a certificate, or a proxy that has one."""

    host: str = "127.0.0.1"
    port: int = Field(8080, ge=0, lt=65536)
    certificate: Path | None = None  # PEM; with `key` the desk speaks HTTPS
    key: Path | None = None
    behind_proxy: bool = False  # HTTPS ends before us
    login_hours: float = Field(12.0, gt=0, le=168)  # after so long one logs in again
    idle_minutes: float = Field(60.0, gt=0)
    timezone: str = "Asia/Shanghai"
    silent_seconds: int = Field(180, ge=10)  # online, but no health for so long: somebody must look
    screen_seconds: float = Field(10.0, gt=0)  # the screen's thread has not answered for so long: hung

    @property
    def https(self) -> bool:
        """Whether browsers come by HTTPS, to us or to the proxy before us."""
        return self.certificate is not None or self.behind_proxy

    @model_validator(mode="after")
    def _private(self) -> DeskSettings:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("desk.certificate and desk.key belong together: give both, or none")
        near = self.host in ("localhost", "::1") or self.host.startswith("127.")
        if not near and not self.https:
            raise ValueError(
                f"passwords would cross the network in clear to desk.host {self.host}: give desk.certificate "
                "and desk.key, or desk.behind_proxy = true where a proxy speaks HTTPS, or host 127.0.0.1"
            )
        return self

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("must be a time zone such as Asia/Shanghai") from None
        return name


class RetentionSettings(_Model):
    """How many days each kind of row is kept. What a terminal may send again must be known longer than it."""

    messages: int = Field(400, ge=60)
    business: int = Field(1100, ge=60)  # cases, prints, payments, ratings, sessions
    health: int = Field(30, ge=1)
    refused: int = Field(90, ge=1)
    commands: int = Field(400, ge=30)
    audit: int = Field(1100, ge=180)  # Cybersecurity Law, art. 21: logs not less than six months


class ExternalAuthority(_Model):
    """A certificate authority of somebody else's: its certificate, and the revocations that it publishes."""

    certificate: Path  # PEM: its root, or the one below it that issues, with those above it behind
    revocations: Path  # PEM: its list, which whoever runs this hall keeps fresh


class MachineSettings(_Model):
    """Who may speak as a terminal. `enrolled_only`: nobody without a certificate of ours that still holds."""

    enrolled_only: bool = False
    certificate_days: int = Field(90, ge=1, le=825)
    token_hours: float = Field(72.0, gt=0)
    authority: ExternalAuthority | None = None  # none: the hall's own, in its data folder
    broker_host: str = ""  # as terminals reach it; empty: `broker.host`
    broker_port: int = Field(8883, gt=0, lt=65536)
    broker_folder: Path | None = None  # what `hall broker-config` wrote: kept fresh there by the scheduler


class UplinkSettings(_Model):
    """The city's platform that ratings and cases are handed on to. No `url`: nothing is handed on.

    `best` is what its scale calls very satisfied: 1 by GB/T 39046-2020 A.8, 5 at interfaces that differ.
    `tasks` gives services their 实施编码 there, where that is not our own id.
    """

    url: str = ""
    token: str = ""
    area_code: str = Field("", pattern=r"^(\d{6,12})?$")  # 行政区划
    department_code: str = Field("", max_length=36)
    best: Literal[1, 5] = 1
    tasks: dict[str, str] = Field(default_factory=dict)
    timeout_seconds: float = Field(10.0, gt=0)

    @model_validator(mode="after")
    def _whose(self) -> UplinkSettings:
        if self.url and not (self.area_code and self.department_code):
            raise ValueError("uplink.area_code and uplink.department_code say whose records these are")
        return self


class HallSettings(_Model):
    """Everything a hall server is told. `database` is an SQLAlchemy URL; empty means SQLite in `data`."""

    data: Path
    area: TopicPart
    hall: TopicPart
    database: str = ""
    catalogue: tuple[Path, ...] = ()  # further folders of services, as the terminals have them
    release_keys: tuple[ReleaseKey, ...] = ()  # whose releases of the catalogue may be published here
    broker: BrokerSettings = BrokerSettings()
    desk: DeskSettings = DeskSettings()
    retention: RetentionSettings = RetentionSettings()
    machines: MachineSettings = MachineSettings()
    uplink: UplinkSettings = UplinkSettings()

    @field_validator("database")
    @classmethod
    def _known_database(cls, url: str) -> str:
        from sqlalchemy.engine import make_url  # not for who only reads a default
        from sqlalchemy.exc import ArgumentError

        try:
            driver = make_url(url).drivername if url else "sqlite"
        except (ArgumentError, ValueError):  # whose text may have a part of the password
            driver = ""
        if driver not in DRIVERS:
            raise ValueError(
                "must be like postgresql+psycopg://user:password@host/database; in the password write @ / : %"
                " as %40 %2F %3A %25"
            )
        return url

    @property
    def database_url(self) -> str:
        """The URL to open."""
        return self.database or f"sqlite:///{self.data / 'hall.db'}"


def load(path: Path) -> HallSettings:
    """The settings in `path`. toml_file.ConfigError when they do not fit.

    Says so on stderr when everybody on the server may read a password or token that stands in them.
    """
    found = toml_file.load(path, HallSettings)
    if (":" in found.database.partition("@")[0] or found.uplink.token) and path.stat().st_mode & 0o004:
        print(f"{path} has a secret in it and everybody may read it: chmod o-r {path}", file=sys.stderr)
    return found
