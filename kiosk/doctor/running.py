"""The devices of a running terminal, which has them in its hands: it is asked to try each one.

While a citizen is served nothing is tried; then it is told what the terminal saw last.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from config.devices import Availability, DeviceState, Media, Supply
from config.settings import DeviceSettings, Settings
from config.words import Words, words
from kiosk import control
from kiosk.control import Examine
from kiosk.device_trial import of_state, where
from kiosk.readiness import Finding
from kiosk.store import StoreError, read_only
from kiosk.trial_hands import HAND_SECONDS, asks
from kiosk.workplace import Allowed, Ask
from mqtt.messages import DeviceHealth

PATIENCE = 180.0  # seconds for one device: a page of a slow printer


def examine(settings: Settings, names: Sequence[str], allowed: Allowed, ask: Ask) -> Iterator[Finding]:
    """Each of these devices, tried by the terminal, or as it saw it last."""
    told = _told(settings)
    for name in names:
        device = settings.devices[name]
        if allowed.person and (asked := asks(device.kind)) is not None:
            ask(asked)
        wanted = Examine(name, allowed.paper, allowed.person, allowed.doors)
        why = words("doctor.serving")
        try:
            answer = control.ask(settings.data, wanted, PATIENCE + HAND_SECONDS)
        except (OSError, ValueError):
            answer, why = None, words("doctor.no_answer")
        if answer is not None and answer.finding is not None:
            yield answer.finding
        else:
            yield _as_told(name, device, told.get(name), why)


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
