"""The settings of one terminal, from a TOML file.

Errors name the key, what is wrong and the line. Nothing here opens a port.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from config import toml_file
from config.devices import CAPACITIES, Kind
from config.words import Words

PROFILES = Path(__file__).parent / "profiles"


def _topic_part(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,36}", text):
        raise ValueError("must be 1–36 letters, digits, - or _, since it is part of a topic")
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("must be a time zone such as Asia/Shanghai") from None
    return name


def _capacity(name: str) -> str:
    if name not in CAPACITIES:
        raise ValueError(f"must be one of {', '.join(CAPACITIES)}")
    return name


def _release_key(text: str) -> str:
    from config.release import public_key  # not for who only reads a default

    public_key(text)
    return text


ReleaseKey = Annotated[str, AfterValidator(_release_key)]
Capacity = Annotated[str, AfterValidator(_capacity)]
TopicPart = Annotated[str, AfterValidator(_topic_part)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(_Model):
    """Which terminal this is. The three parts are the topic path `kt/1/area/hall/kiosk`."""

    area: TopicPart
    hall: TopicPart
    kiosk: TopicPart
    hall_name: Words
    help_phone: str
    elsewhere: Words | None = None  # where the next terminal is, for who finds this one out of service
    time_zone: Annotated[str, AfterValidator(_time_zone)] = "Asia/Shanghai"  # of clock, hours and papers
    enrolled: bool = False


class DeviceSettings(_Model):
    """One device: its kind, driver, port and the driver's own options.

    An `optional` one may be missing: nobody is called then. Any other that is missing is a fault. Neither
    stops the terminal; a service that needs the kind is greyed either way.
    """

    kind: Kind
    driver: str
    port: str = ""
    optional: bool = False
    poll_seconds: float = Field(2.0, gt=0, le=60)
    capacity: dict[Capacity, Annotated[int, Field(gt=0)]] = Field(default_factory=dict)  # of full supplies
    options: dict[str, Any] = Field(default_factory=dict)


class TlsSettings(_Model):
    """Who we are to the broker and whom we trust: PEM files, as `main.py enroll` writes them."""

    authority: Path
    certificate: Path
    key: Path


class LinkSettings(_Model):
    """The broker of the hall. What it cannot get is kept, up to `outbox_megabytes`; transactions always."""

    host: str = "127.0.0.1"
    port: int = Field(1883, gt=0, lt=65536)
    protocol: Literal["auto", "5", "3.1.1"] = (
        "auto"  # of MQTT; auto: 5, and 3.1.1 where the broker knows no 5
    )
    tls: TlsSettings | None = None
    keepalive_seconds: int = Field(20, ge=5)
    health_seconds: float = Field(30.0, ge=1)
    keep_days: int = Field(30, ge=1)
    outbox_megabytes: int = Field(512, ge=1)


class RemoteSettings(_Model):
    """What the hall's commands may call: argument lists of programs; an empty one refuses the command.

    `{level}` in `brightness` becomes the percent, `{version}` in `update` what was asked for.
    """

    reboot: tuple[str, ...] = ()
    update: tuple[str, ...] = ()
    brightness: tuple[str, ...] = ()
    screenshots: bool = True


class PlatformSettings(_Model):
    """The acceptance system."""

    url: str
    public: str  # where the public checks a certificate: `{public}/v/{number}` stands in the QR code
    token: str = ""
    timeout_seconds: float = Field(10.0, gt=0)
    trust: Path  # PEM of the root that signs certificates


class IdentificationSettings(_Model):
    """What may be offered to show who somebody is.

    `staffed`: somebody of the hall is there as long as the terminal is open, who can look at a person.
    `liveness`: it was proved here that no photograph passes the face check. A face is offered with either;
    staff are asked only where there are some.
    """

    staffed: bool = False
    liveness: bool = False


class FaceSettings(_Model):
    """Decision of the face check (cosine of the mean of `frames` embeddings)."""

    accept: float = Field(0.40, ge=-1, le=1)
    again: float = Field(0.30, ge=-1, le=1)
    frames: int = Field(5, ge=1, le=15)
    attempts: int = Field(3, ge=1, le=5)
    enrol_on_camera: bool = False  # demo with a real webcam: the person before it, asked, in memory only


class ScreenSettings(_Model):
    """The window."""

    width: int = 1080
    height: int = 1920
    full_screen: bool = True
    language: Literal["zh", "en"] = "zh"
    speak: bool = False  # each question is read aloud, where there is a speaker
    outline_socket: str = ""  # bench only: tells what is on the screen, for touches by tests


class SessionSettings(_Model):
    """Time-outs in seconds. The warning comes at least 20 s before the end (WCAG 2.2.1)."""

    idle_seconds: float = Field(90.0, ge=30)
    warn_seconds: float = Field(25.0, ge=20)
    retention_days: int = Field(180, ge=1)

    @model_validator(mode="after")
    def _room_for_warning(self) -> SessionSettings:
        if self.warn_seconds >= self.idle_seconds:
            raise ValueError("warn_seconds must be less than idle_seconds")
        return self


class CatalogueSourceSettings(_Model):
    """Where releases of the catalogue come from, and whose signature is believed (docs/catalogue.md).

    Either a `url`, or a `folder` in which `current.release` lies. Without one the built-in catalogue holds.
    """

    url: str = ""  # the hall's: https://desk.hall/catalogue/current
    folder: Path | None = None
    keys: tuple[ReleaseKey, ...] = ()
    trust: Path | None = None  # PEM of the server's root, if it is not that of the broker
    every_minutes: float = Field(60.0, gt=0)
    timeout_seconds: float = Field(10.0, gt=0)  # without a word
    whole_seconds: float = Field(300.0, gt=0)  # for the whole of it

    @property
    def given(self) -> bool:
        """Whether releases are used here at all."""
        return bool(self.url) or self.folder is not None

    @model_validator(mode="after")
    def _from_one_place_and_signed(self) -> CatalogueSourceSettings:
        if self.url and self.folder is not None:
            raise ValueError("give url or folder, not both")
        if self.url and not self.url.startswith(("https://", "http://")):
            raise ValueError("url must begin with https:// (or http:// on a closed network)")
        if self.given and not self.keys:
            raise ValueError("keys is missing: the line that `main.py catalogue key` printed")
        return self


class PrintingSettings(_Model):
    """How many papers of one document may come out in all, and how long after the first one."""

    copies: int = Field(2, ge=1, le=9)
    reprint_hours: float = Field(24.0, gt=0)  # until then what was printed is kept, sealed
    left_seconds: float = Field(20.0, ge=1)  # paper in a tray with a sensor; then its owner is reminded


class TechnicianSettings(_Model):
    """Who may enter the technician's mode, and when it ends by itself (docs/technicians.md).

    `people`: the file that `main.py technician add` writes; without one nobody enters by the screen.
    """

    people: Path | None = None
    switch_off: tuple[str, ...] = ()  # the program that does, with its arguments; empty: not offered
    idle_minutes: float = Field(10.0, ge=1, le=60)


class Settings(_Model):
    """Everything a terminal is told."""

    identity: Identity
    data: Path
    catalogue: tuple[Path, ...] = ()  # further folders of services, over the built-in one or the release
    catalogue_source: CatalogueSourceSettings = CatalogueSourceSettings()
    link: LinkSettings = LinkSettings()
    platform: PlatformSettings
    identification: IdentificationSettings = IdentificationSettings()
    face: FaceSettings = FaceSettings()
    screen: ScreenSettings = ScreenSettings()
    session: SessionSettings = SessionSettings()
    printing: PrintingSettings = PrintingSettings()
    remote: RemoteSettings = RemoteSettings()
    technician: TechnicianSettings = TechnicianSettings()
    devices: dict[str, DeviceSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _no_bench_when_enrolled(self) -> Settings:
        if self.identity.enrolled and (self.screen.outline_socket or self.face.enrol_on_camera):
            raise ValueError(
                "an enrolled terminal tells nobody what is on its screen and takes no face as reference:"
                " remove screen.outline_socket and face.enrol_on_camera"
            )
        return self

    @model_validator(mode="after")
    def _no_copy_outlives_its_session(self) -> Settings:
        if self.printing.reprint_hours > self.session.retention_days * 24:
            raise ValueError("printing.reprint_hours must not be more than session.retention_days")
        return self

    @model_validator(mode="after")
    def _no_virtual_device_when_enrolled(self) -> Settings:
        for name, device in self.devices.items():
            if self.identity.enrolled and device.driver.startswith("virtual"):
                raise ValueError(f"device {name} is virtual, which an enrolled terminal refuses")
        return self

    @model_validator(mode="after")
    def _encrypted_when_enrolled(self) -> Settings:
        if self.identity.enrolled and self.link.tls is None:
            raise ValueError(
                "an enrolled terminal needs [link.tls]: remove `enrolled`, `main.py enroll` brings both"
            )
        return self


def load(path: Path) -> Settings:
    """The settings in `path`. toml_file.ConfigError when they do not fit.

    `{here}` in the file stands for its own folder.
    """
    return toml_file.load(path, Settings)
