"""A visit with a session, a stage played from a list, and the parts backstage, none of them started."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from config.catalogue_files import load_catalogue
from config.people import person
from config.service import Service
from config.settings import DeviceSettings, IdentificationSettings, Identity, PlatformSettings, Settings
from config.words import Words
from drivers import registry
from drivers.device import Device
from drivers.id_card import IdCard
from kiosk.backstage import Backstage
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store
from kiosk.data.vault import Vault
from kiosk.devices.devices import Devices
from kiosk.face_check import FaceCheck
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.prompts import Answer, Consent, Masked, Place, Prompt
from kiosk.session import IdleClock, Session
from kiosk.visit import Visit
from mqtt.topics import TerminalPath

TODAY = date(2026, 11, 22)
PATH = TerminalPath("330100", "demo", "K001")
Make = Callable[[DeviceSettings], Device]


@dataclass
class Script:
    """A stage whose answers stand in a list."""

    answers: list[Answer] = field(default_factory=list)
    shown: list[Prompt] = field(default_factory=list)
    warnings: list[int | None] = field(default_factory=list)
    age: float = 0.0
    asides: list[Consent] = field(default_factory=list)
    pictures: list[tuple[Masked, Place] | None] = field(default_factory=list)

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        return self.answers.pop(0)

    def show(self, prompt: Prompt, place: Place) -> None:
        self.shown.append(prompt)

    def warn(self, seconds_left: int | None) -> None:
        self.warnings.append(seconds_left)

    def on_touch(self, listener: Callable[[], None]) -> None:
        pass

    def beat_age(self) -> float:
        return self.age

    async def ask_aside(self, question: Consent) -> Answer:
        self.asides.append(question)
        return self.answers.pop(0)

    async def picture(self, masked: tuple[Masked, Place] | None = None) -> bytes:
        self.pictures.append(masked)
        return b"\x89PNG of " + repr(masked).encode()

    def dress(self, language: str, help_phone: str) -> None:
        """The frame around a page is nothing to a step."""


def settings(folder: Path, devices: Mapping[str, DeviceSettings] | None = None) -> Settings:
    """Settings whose platform nobody answers for."""
    return Settings(
        identity=Identity(
            area="330100", hall="demo", kiosk="K001", hall_name=Words("大厅", "Hall"), help_phone="12345"
        ),
        data=folder,
        platform=PlatformSettings(
            url="http://127.0.0.1:9", public="https://check.example", trust=folder / "root.pem"
        ),
        identification=IdentificationSettings(staffed=True),
        devices=dict(devices or {}),
    )


def card(key: str) -> IdCard:
    """The card of one of the invented people."""
    who = person(key)
    return IdCard(
        card="resident",
        name=who.name,
        sex=who.sex,
        nation=who.nation,
        birth=who.birth,
        address=who.address,
        number=who.number,
        issuer=who.issuer,
        valid_from=who.valid_from,
        valid_to=who.valid_to,
    )


def service(id: str) -> Service:
    """One of the built-in services."""
    return load_catalogue().services[id]


@asynccontextmanager
async def backstage(
    folder: Path,
    stage: Script,
    devices: Mapping[str, DeviceSettings] | None = None,
    make: Make = registry.make,
) -> AsyncIterator[Backstage]:
    """The parts as `kiosk/terminal.py` makes them; store and connections are closed at the end."""
    told = settings(folder, devices)
    store = await asyncio.to_thread(Store, folder)
    supervisor, platform = Devices(told.devices, make), Platform(told.platform)
    face, ledger = FaceCheck(told.face, supervisor), Ledger(store, Vault(folder), PATH)
    try:
        yield Backstage(
            settings=told,
            catalogue=load_catalogue(),
            stage=stage,
            devices=supervisor,
            platform=platform,
            ledger=ledger,
            payments=Payments(platform, ledger),
            face=face,
            platform_open=lambda: True,
            today=lambda: TODAY,
        )
    finally:
        face.close()
        await platform.close()
        await asyncio.to_thread(store.close)


def visit(parts: Backstage, wanted: Service, person_key: str = "") -> Visit:
    """A visit for a service, by somebody whose card has been read when a person is named."""
    session = Session("s1", person=card(person_key) if person_key else None)
    return Visit(wanted, session, IdleClock(parts.settings.session), parts)
