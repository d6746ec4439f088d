"""A terminal's mind with a technician before it: his answers stand in a list, the devices are as wanted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from config.catalogue_files import Catalogue, load_catalogue
from config.devices import Availability, DeviceState, Kind
from config.settings import DeviceSettings, Settings
from kiosk.backstage import Backstage
from kiosk.data import journal
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store, read_only
from kiosk.data.vault import Vault
from kiosk.devices.counters import Counters
from kiosk.devices.devices import Devices
from kiosk.doors import Doors
from kiosk.face_check import FaceCheck
from kiosk.health import Health
from kiosk.payment import Payments
from kiosk.platform import Platform
from kiosk.presence import Attendance
from kiosk.prompts import Answer, Chosen, Home, Place, Prompt, StaffSaid, TechnicianKey
from kiosk.reception import receive
from kiosk.remote.configuration import Configuration
from kiosk.technician import one_time_code, people, running_time
from kiosk.technician.people import Technician
from kiosk.technician.running_time import Ran
from kiosk.technician.workshop import Workshop
from tests.kiosk import small_visit
from tests.kiosk.small_visit import PATH, Script

NUMBER, SECRET = "1001", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238's own: 12345678901234567890
TECHNICIAN = Technician(number=NUMBER, secret=SECRET)
Way = Answer | BaseException | Callable[[Any], Any]


def code_now(at: float | None = None, secret: str = SECRET) -> str:
    """What the technician's app shows."""
    step = int((time.time() if at is None else at) // one_time_code.STEP_SECONDS)
    return one_time_code.code(one_time_code.plain(secret), step)


def key(prompt: Any = None) -> StaffSaid:
    """The right number and code."""
    return StaffSaid(NUMBER, code_now())


@dataclass
class Hands(Script):
    """Knocks at home, answers from the list, and stays at home when it is used up: then it is `over`."""

    ways: list[Way] = field(default_factory=list)
    knocks: int = 1
    knock: Callable[[], None] = lambda: None
    placed: list[Place] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.over = asyncio.Event()

    def on_gesture(self, listener: Callable[[], None]) -> None:
        self.knock = listener

    def show(self, prompt: Prompt, place: Place) -> None:
        super().show(prompt, place)
        self.placed.append(place)
        if type(prompt).__name__ == "OutOfService":
            self._at_the_door()

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        self.placed.append(place)
        if isinstance(prompt, Home):
            self._at_the_door()
            await asyncio.Event().wait()
        assert self.ways, f"nothing is answered to {prompt}"
        way = self.ways.pop(0)
        if callable(way):
            way = way(prompt)
            if asyncio.iscoroutine(way):
                way = await way
        if way is None:
            await asyncio.Event().wait()
        if isinstance(way, BaseException):
            raise way
        answer: Answer = way
        return answer

    def _at_the_door(self) -> None:
        if self.knocks:
            self.knocks -= 1
            self.knock()
        else:
            self.over.set()

    def pages(self) -> list[str]:
        """The kinds of pages, in order."""
        return [type(one).__name__ for one in self.shown]

    def asked_who(self) -> list[TechnicianKey]:
        """The pages that asked who he is."""
        return [one for one in self.shown if isinstance(one, TechnicianKey)]


def choose(*values: str) -> list[Way]:
    """Touches these, one after the other."""
    return [Chosen(value) for value in values]


class Gadget:
    """A device that is as `state` says, and counts."""

    def __init__(self, state: DeviceState | None = None) -> None:
        self.state = state or DeviceState(Availability.ONLINE)

    def open(self) -> None: ...
    def close(self) -> None: ...
    def reset(self) -> None: ...

    def status(self) -> DeviceState:
        return self.state

    def counts(self) -> Mapping[str, int]:
        return {}


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


@dataclass
class Terminal:
    """What a test looks at."""

    shop: Workshop
    parts: Backstage
    counters: Counters
    doors: Doors
    health: Health


def settings(folder: Path, devices: Mapping[Kind, Any] | None = None, **update: Any) -> Settings:
    """Settings of a terminal whose technicians are in `folder`."""
    told = {
        str(kind): DeviceSettings(
            kind=kind, driver="none", poll_seconds=0.05, options=getattr(device, "options", {})
        )
        for kind, device in (devices or {}).items()
    }
    plain = small_visit.settings(folder / "terminal", told)
    technician = plain.technician.model_copy(update={"people": folder / "technicians.toml"})
    return plain.model_copy(update={"technician": technician, **update})


@asynccontextmanager
async def terminal(
    folder: Path,
    stage: Hands,
    devices: Mapping[Kind, Any] | None = None,
    known: tuple[Technician, ...] = (TECHNICIAN,),
    clock: Callable[[], float] = time.time,
    ran: Callable[[Ledger], Ran] = running_time.now,
    **update: Any,
) -> AsyncIterator[Terminal]:
    """Its parts, devices started; `known` are whom the people file names."""
    told = settings(folder, devices, **update)
    people.write(folder / "technicians.toml", known)
    store = await asyncio.to_thread(Store, told.data)
    counters = Counters(store, told.devices)
    supervisor = Devices(told.devices, lambda one: (devices or {})[one.kind], counted=counters.add)
    supervisor.on_change(counters.on_change)
    platform, ledger = Platform(told.platform), Ledger(store, Vault(told.data), PATH)
    parts = Backstage(
        settings=told,
        catalogue=_catalogue(),
        stage=stage,
        devices=supervisor,
        platform=platform,
        ledger=ledger,
        payments=Payments(platform, ledger),
        face=FaceCheck(told.face, supervisor),
        platform_open=lambda: True,
    )
    health = Health(told, stage, supervisor, platform, ledger, lambda: 0, counters)
    parts.set_fault = health.set_fault
    configuration = Configuration(ledger, supervisor, told, lambda new: None)
    doors = Doors(ledger, lambda: "12345", lambda: configuration.hours)
    there = Attendance(supervisor, ledger, lambda: health.serving)
    shop = Workshop(parts, stage, doors, there, counters, health, configuration, clock=clock, ran=ran)
    stage.on_gesture(shop.knock)
    await shop.leave("restarted")
    supervisor.start()
    try:
        for kind in devices or {}:
            async with asyncio.timeout(60):
                while supervisor.states()[kind][1].availability is Availability.UNKNOWN:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        yield Terminal(shop, parts, counters, doors, health)
    finally:
        await parts.doings.close(30)
        parts.face.close()
        await supervisor.close()
        await counters.close()
        await health.close()
        await platform.close()
        await asyncio.to_thread(store.close)


async def receive_until_over(one: Terminal, stage: Hands, seconds: float = 150.0) -> None:
    """Receives until the technician's answers are used up and the home page is there again."""
    receiving = asyncio.ensure_future(receive(one.parts, one.health, one.doors, one.shop))
    over = asyncio.ensure_future(stage.over.wait())
    try:
        async with asyncio.timeout(seconds):
            await asyncio.wait({receiving, over}, return_when=asyncio.FIRST_COMPLETED)
        if receiving.done():
            receiving.result()
    finally:
        for task in (receiving, over):
            task.cancel()
        await asyncio.gather(receiving, over, return_exceptions=True)


def play(folder: Path, *ways: Way, **told: Any) -> Hands:
    """A technician with these answers; returns what he saw."""
    stage = Hands(ways=list(ways))

    async def run() -> None:
        async with terminal(folder, stage, **told) as one:
            await receive_until_over(one, stage)

    asyncio.run(run())
    assert not stage.ways, f"never asked: {stage.ways}; shown were {stage.pages()}"
    return stage


def acted(folder: Path) -> list[tuple[str, str, str, str, str]]:
    """What the journal says that technicians did: actor, act, subject, outcome, detail."""
    data = folder / "terminal"
    with read_only(data) as read:
        bodies = [
            journal.body(read, Vault(data), entry)
            for entry in journal.entries(read)
            if entry.type == "TechnicianActed"
        ]
    return [tuple(body[name] for name in ("actor", "act", "subject", "outcome", "detail")) for body in bodies]


def everything(folder: Path) -> bytes:
    """All that lies on the disk of this terminal."""
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def told(read: Any) -> str:
    """For messages of assertions."""
    return json.dumps(read, ensure_ascii=False, default=str)
