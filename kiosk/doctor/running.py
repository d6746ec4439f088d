"""The devices of a running terminal, which has them in its hands: it is asked to try each one.

While a citizen is served nothing is tried; then it is told what the terminal saw last. What it cannot know of
settings that were changed after its start is told from the settings.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from config.devices import Availability, DeviceState, Media, Supply
from config.faults import any_fault
from config.settings import DeviceSettings, Settings
from config.words import Words, words
from drivers import registry
from drivers.device import DeviceError
from kiosk import control
from kiosk.control import Answer, Examine
from kiosk.data.store import StoreError, in_use, read_only
from kiosk.readiness.device_trial import of_state, title_of, where
from kiosk.readiness.finding import Finding
from kiosk.readiness.trial_hands import HAND_SECONDS, asks
from kiosk.readiness.workplace import Allowed, Ask
from mqtt.messages import DeviceHealth

PATIENCE = 180.0  # seconds for one device: a page of a slow printer
START_SECONDS = 10.0  # for a terminal that is starting to listen
_LOOK_SECONDS = 0.1


def examine(settings: Settings, names: Sequence[str], allowed: Allowed, ask: Ask) -> Iterator[Finding]:
    """Each of these devices, tried by the terminal, or as it saw it last."""
    told = _told(settings)
    end = time.monotonic() + START_SECONDS
    for name in names:
        device = settings.devices[name]
        if (wrong := _misspelt(name, device)) is not None:
            yield wrong
            continue
        if allowed.person and (asked := asks(device.kind)) is not None:
            ask(asked)
        answer = _asked(settings, Examine(name, allowed.paper, allowed.person, allowed.doors), end)
        if answer is not None and answer.finding is not None:
            yield answer.finding
        elif answer is not None and answer.code == "device_absent":
            yield _not_loaded(name, device)
        else:
            yield _as_told(name, device, told.get(name), _why(answer))


def _asked(settings: Settings, wanted: Examine, end: float) -> Answer | None:
    """Its answer; None when it says nothing. One that does not listen yet has until `end`."""
    try:
        while True:
            answer = control.ask(settings.data, wanted, PATIENCE + HAND_SECONDS)
            if answer is not None or time.monotonic() >= end or not in_use(settings.data):
                return answer
            time.sleep(_LOOK_SECONDS)
    except (OSError, ValueError):
        return None


def _why(answer: Answer | None) -> Words:
    """Why it tried nothing."""
    if answer is None:
        return words("doctor.no_answer")
    return words("doctor.serving") if answer.code == "terminal_serving" else any_fault(answer.code).technician


def _misspelt(name: str, device: DeviceSettings) -> Finding | None:
    """What the settings say wrongly: a terminal that was started before it was written cannot tell."""
    try:
        registry.check(device)
    except DeviceError as error:
        state = DeviceState(Availability.FAULT, faults=(error.code,), detail=error.detail)
        return of_state(name, device, state, where(words("doctor.tried_written"), device))
    return None


def _not_loaded(name: str, device: DeviceSettings) -> Finding:
    tried = where(words("doctor.tried_asked"), device)
    found = words("doctor.not_loaded")
    return Finding(name, title_of(name, device), tried, found, False, ("device_not_loaded",))


def _told(settings: Settings) -> dict[str, DeviceHealth]:
    try:
        with read_only(settings.data) as read:
            row = read.execute("SELECT value FROM meta WHERE name = 'devices'").fetchone()
    except (StoreError, sqlite3.Error):
        return {}
    return {one.name: one for one in msgspec.json.decode(row[0], type=list[DeviceHealth])} if row else {}


def _as_told(name: str, device: DeviceSettings, health: DeviceHealth | None, why: Words) -> Finding:
    tried = where(words("doctor.tried_told"), device)
    if health is None:
        return replace(of_state(name, device, DeviceState(), tried), untried=why)
    state = DeviceState(
        Availability(health.availability),
        Media(health.media),
        {part: Supply(level) for part, level in health.supplies.items()},
        tuple(health.faults),
        health.detail,
        health.levels,
    )
    return replace(of_state(name, device, state, tried), untried=why)
