"""What the hall has set from afar: checked, kept, laid over the settings file, applied, and told back.

The one place that overlays settings. `Configuration` is told what is desired, whole each time; what is not
desired any more falls back to the file. A value that cannot be set is refused by name, the others hold.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date

import structlog

from config.configuration import Value, objection
from config.devices import DeviceState, Kind
from config.identifiers import uuid7
from config.settings import Settings
from config.words import Words
from drivers.device import DeviceError
from kiosk.data.ledger import Ledger
from kiosk.devices.devices import Devices
from kiosk.enrolment import identity
from kiosk.remote import programs
from mqtt import messages
from mqtt.link import Link
from mqtt.messages import ConfigurationDesired, ConfigurationReported, Envelope
from mqtt.topics import TerminalPath

BRIGHTNESS_SECONDS = 10.0
AGAIN_SECONDS = 1.0  # until a report that found no room is tried again
NOT_SUPPORTED, FAILED = "not_supported", "failed"
HERE_SECONDS = 60.0  # between looks whether what a technician set still holds
_MEMORY, _HERE = "configuration", "hours here"
_log = structlog.get_logger("kiosk.remote.configuration")


def overlaid(file: Settings, values: Mapping[str, Value]) -> Settings:
    """The file's settings with these values, which were checked, over them."""
    told = dict(values)
    identity, screen, session, link = file.identity, file.screen, file.session, file.link
    if "help_phone" in told:
        identity = identity.model_copy(update={"help_phone": told["help_phone"]})
    if "elsewhere_zh" in told or "elsewhere_en" in told:
        identity = identity.model_copy(update={"elsewhere": _elsewhere(identity.elsewhere, told)})
    if "language" in told:
        screen = screen.model_copy(update={"language": told["language"]})
    if "speak" in told:
        screen = screen.model_copy(update={"speak": told["speak"] == "on"})
    if "idle_seconds" in told:
        session = session.model_copy(update={"idle_seconds": float(told["idle_seconds"])})
    if "health_seconds" in told:
        link = link.model_copy(update={"health_seconds": float(told["health_seconds"])})
    update = {"identity": identity, "screen": screen, "session": session, "link": link}
    return file.model_copy(update=update)


def _elsewhere(own: Words | None, told: Mapping[str, Value]) -> Words:
    """What was told in one language alone stands in the other as the file has it, else as it is."""
    said = {one: str(told.get(f"elsewhere_{one}") or (own[one] if own else "")) for one in ("zh", "en")}
    return Words(said["zh"] or said["en"], said["en"] or said["zh"])


def refusals(file: Settings, values: Mapping[str, Value], has_speaker: bool) -> dict[str, str]:
    """By name, why a desired value cannot be set at this terminal."""
    refused = {name: why for name, value in values.items() if (why := objection(name, value))}
    idle = values.get("idle_seconds")
    if isinstance(idle, int) and idle <= file.session.warn_seconds:
        refused.setdefault("idle_seconds", f"must be more than warn_seconds, {file.session.warn_seconds:g}")
    if "volume" in values and not has_speaker:
        refused.setdefault("volume", NOT_SUPPORTED)
    if "brightness" in values and not file.remote.brightness:
        refused.setdefault("brightness", NOT_SUPPORTED)
    return refused


@dataclass(frozen=True)
class HoursHere:
    """Hours that a technician has set at the screen, through `until` (a day as `2026-11-22`); no longer, so
    that nobody has to remember them."""

    hours: str
    until: str


class Configuration:
    """`file` are the settings as they stand in the file; `use(settings)` hears of each change.

    Owns a task, from `start` to `close`.
    """

    def __init__(
        self, ledger: Ledger, devices: Devices, file: Settings, use: Callable[[Settings], None]
    ) -> None:
        self._ledger, self._devices, self._file, self._use = ledger, devices, file, use
        self._desired = ConfigurationDesired(0)
        self._refused: dict[str, str] = {}
        self._reported = ConfigurationReported(0)
        self._arrived: ConfigurationDesired | None = None
        self._applied = False
        self._told = False
        self._bright: Value | None = None  # what the screen was set to last
        self._link: Link | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        if kept := ledger.recall(_MEMORY):
            known = json.loads(kept)
            self._desired = ConfigurationDesired(known["version"], known["values"])
        first = identity.configuration(file.data)  # of the enrolment, before any broker was reached
        if first.version > self._desired.version:
            self._desired = first
        devices.on_change(self._on_device)
        here = ledger.recall(_HERE)
        self._here = HoursHere(**json.loads(here)) if here else None
        self._told_here = self.hours_here
        self._hold(refusals(file, self._desired.values, devices.has(Kind.SPEAKER)))

    @property
    def settings(self) -> Settings:
        """What holds now."""
        return overlaid(self._file, self._held())

    @property
    def hours(self) -> str:
        """When citizens are received: `09:00-17:00`, or always; a technician's before the hall's."""
        here = self.hours_here
        return here.hours if here is not None else str(self._held().get("hours", "always"))

    @property
    def hours_of_the_hall(self) -> str:
        """What holds when no technician has set anything."""
        return str(self._held().get("hours", "always"))

    @property
    def hours_here(self) -> HoursHere | None:
        """What a technician has set at the screen, as long as it holds."""
        here = self._here
        return here if here is not None and date.today().isoformat() <= here.until else None

    async def set_hours_here(self, here: HoursHere | None) -> None:
        """A technician opens or closes it otherwise for a time; None: the hall's hours hold again."""
        kept = "" if here is None else json.dumps(asdict(here))
        await self._ledger.remember(_HERE, kept)
        self._here, self._applied = here, False
        self._wake.set()

    def start(self, link: Link) -> None:
        """Begins to apply, and to report over `link`."""
        self._link = link
        self._task = asyncio.get_running_loop().create_task(self._work(), name="configuration")

    async def close(self) -> None:
        """Ends the task."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def take(self, desired: ConfigurationDesired) -> None:
        """The hall says what it wants; on the loop. Retained, so it comes again on each connection."""
        self._arrived = desired
        self._wake.set()

    def connection(self, connected: bool) -> None:
        """The line came or went: what holds is told on each connection."""
        if connected:
            self._told = False
            self._wake.set()

    # ── the task ────────────────────────────────────────────────────────────
    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._turn()
            except Exception as error:
                _log.error("configuration", error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
                continue
            with contextlib.suppress(TimeoutError):
                waiting = not self._told and self._link is not None and self._link.connected
                pause = AGAIN_SECONDS if waiting else HERE_SECONDS if self._here else None
                async with asyncio.timeout(pause):
                    await self._wake.wait()

    async def _turn(self) -> None:
        desired, self._arrived = self._arrived, None
        if desired is not None and desired.version > self._desired.version:
            kept = json.dumps({"version": desired.version, "values": dict(desired.values)})
            await self._ledger.remember(_MEMORY, kept)
            self._desired, self._applied = desired, False
            _log.info("configuration", version=desired.version)
        if not self._applied or self._told_here != self.hours_here:
            self._applied, self._told = True, False
            self._told_here = self.hours_here
            await self._apply()
        if not self._told and self._link is not None:
            self._told = self._link.publish("cfg/reported", self._report(), retain=True)

    async def _apply(self) -> None:
        """Has every value hold that can; what the machine refuses is noted by name."""
        refused = refusals(self._file, self._desired.values, self._devices.has(Kind.SPEAKER))
        self._hold(refused)
        self._use(self.settings)
        values = self._held()
        if self._devices.ready(Kind.SPEAKER) and (why := await self._set_volume()) and "volume" in values:
            refused["volume"] = why
        bright = values.get("brightness")
        if bright is not None and bright != self._bright:
            self._bright = bright
            if why := await self._set_brightness(str(bright)):
                refused["brightness"], self._bright = why, None
        self._hold(refused)

    async def _set_volume(self) -> str:
        """Says why not, when the driver cannot."""
        if not self._devices.offers(Kind.SPEAKER, "set_volume"):
            return NOT_SUPPORTED
        volume = self._held().get("volume")
        try:
            await self._devices.call(Kind.SPEAKER, "set_volume", volume, seconds=5.0)
        except DeviceError as error:
            return error.code
        return ""

    async def _set_brightness(self, level: str) -> str:
        try:
            code = await programs.run(self._file.remote.brightness, BRIGHTNESS_SECONDS, level=level)
        except (TimeoutError, OSError):
            return FAILED
        return FAILED if code else ""

    def _on_device(self, name: str, kind: Kind, before: DeviceState, after: DeviceState) -> None:
        """A speaker that opens is as loud as its settings say, until it is told."""
        if kind is Kind.SPEAKER and after.ready and not before.ready:
            self._applied = False
            self._wake.set()

    # ── what holds ──────────────────────────────────────────────────────────
    def _held(self) -> dict[str, Value]:
        """The desired values that hold."""
        return {k: v for k, v in self._desired.values.items() if k not in self._refused}

    def _hold(self, refused: Mapping[str, str]) -> None:
        self._refused = dict(refused)
        told = dict(self._refused)
        if self.hours_here is not None and "hours" in self._desired.values:
            told["hours"] = f"set at the terminal until {self.hours_here.until}"
        self._reported = ConfigurationReported(self._desired.version, self._effective(), told)

    def _effective(self) -> dict[str, Value]:
        """What holds of every item that this terminal knows a value of, from afar or from the file."""
        held, now = self._held(), overlaid(self._file, self._held())
        values: dict[str, Value] = {
            "hours": self.hours,
            "language": now.screen.language,
            "speak": "on" if now.screen.speak else "off",
            "help_phone": now.identity.help_phone,
            "idle_seconds": round(now.session.idle_seconds),
            "health_seconds": round(now.link.health_seconds),
        }
        if now.identity.elsewhere is not None:
            values |= {f"elsewhere_{one}": now.identity.elsewhere[one] for one in ("zh", "en")}
        return values | {name: held[name] for name in ("volume", "brightness") if name in held}

    def _report(self) -> bytes:
        identity = self._file.identity
        path = TerminalPath(identity.area, identity.hall, identity.kiosk)
        return messages.encode(
            Envelope(
                id=uuid7(),
                type=messages.NAMES[ConfigurationReported],
                source=path.source,
                time=messages.now(),
                data=self._reported,
                boot=self._ledger.boot,
            )
        )
