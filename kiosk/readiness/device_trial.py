"""Trying one device with its real verbs: one table, kind → trial, for doctor, technician's mode and hall.

A device that is not ready is not tried: its state says why. Nothing is used up and nobody is asked for
anything unless that is allowed; what was left out is told.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from config.addresses import without_secrets
from config.devices import Availability, DeviceState, Kind, Supply, as_missed
from config.settings import DeviceSettings
from config.words import Words, joined, same, words
from drivers import registry
from drivers.device import DeviceError
from kiosk.backstage import Backstage
from kiosk.data import originals
from kiosk.documents.receipts import Receipt
from kiosk.printing.print_job import Printed
from kiosk.readiness import trial_hands, trial_looks, trial_prints
from kiosk.readiness.finding import Finding, harmless
from kiosk.readiness.workplace import NOTHING, Allowed, Ask, Tried, Workplace, nobody

OPEN_SECONDS = 45.0  # until a device that still opens has said how it is; a driver that hangs is told before
STATUS_SECONDS = 20.0
_LOOK_SECONDS = 0.05
SUPPLIES = ("paper", "toner", "ribbon", "blanks", "cards")  # that have words
Trial = Callable[[Workplace, str, Allowed], Awaitable[Tried]]


async def try_device(place: Workplace, name: str, allowed: Allowed = NOTHING) -> Finding:
    """Tries the device of this name in the settings and says how it is. KeyError: there is none.

    Raises nothing of the device: whatever goes wrong is the finding.
    """
    settings = place.settings.devices[name]
    state = await _state(place, name)
    if not state.ready:
        return of_state(name, settings, state)
    try:
        tried = await _TRIALS.get(settings.kind, _state_only)(place, name, allowed)
    except DeviceError as error:
        found = words("doctor.detail", detail=error.detail) if error.detail else None
        tried = Tried(words("doctor.tried_verbs"), found, (error.code,))
    finding = of_state(name, settings, await _state(place, name))  # a trial may empty a tray
    codes = tuple(dict.fromkeys([*tried.codes, *finding.codes]))
    return replace(
        finding,
        tried=where(tried.tried, settings),
        found=joined([tried.found, finding.found]) if tried.found else finding.found,
        ready=finding.ready and harmless(tried.codes),
        codes=codes,
        untried=tried.untried,
    )


def at_terminal(stage: Backstage, ask: Ask = nobody) -> Workplace:
    """The workplace of a running terminal: a slip has its record, as every paper has."""

    async def print_slip(device: str, receipt: Receipt) -> Printed:
        return await trial_prints.print_with_record(stage, device, receipt)

    def kept() -> frozenset[int]:
        return originals.compartments(stage.ledger)

    return Workplace(stage.settings, stage.catalogue, stage.devices, print_slip, stage.linked, ask, kept)


def of_state(name: str, settings: DeviceSettings, state: DeviceState, tried: Words | None = None) -> Finding:
    """What a device says of itself, as a finding.

    Ready is what may be used and has nothing that somebody must see to today, or need not be there.
    """
    title, told = title_of(name, settings), tried or where(words("doctor.tried_state"), settings)
    state = as_missed(state, settings.optional)
    if settings.optional and state.availability is Availability.ABSENT and not state.faults:
        return Finding(name, title, told, words("doctor.absent_optional"), True)
    ready = state.ready and harmless(state.faults)
    codes = state.faults
    if not ready and harmless(codes):
        unknown = state.availability is Availability.UNKNOWN
        codes = (*codes, "device_unknown" if unknown else "device_offline")
    return Finding(name, title, told, _said(state), ready, codes)


def title_of(name: str, settings: DeviceSettings) -> Words:
    """What it is called: its kind, and its name where that says more."""
    kind = words(f"desk.kind_{settings.kind}")
    return kind if name == settings.kind else words("doctor.named", kind=kind, name=name)


def where(tried: Words, settings: DeviceSettings) -> Words:
    """What was tried, with driver and port: of a camera's address no password."""
    port = without_secrets(registry.port_of(settings)) or "-"
    return words("doctor.at", tried=tried, driver=same(settings.driver), port=same(port))


async def _state(place: Workplace, name: str) -> DeviceState:
    """How it is at this moment, not at its last poll."""
    state = await _known(place, name)
    if state.availability not in (Availability.ONLINE, Availability.BUSY, Availability.FAULT):
        return state
    kind = place.settings.devices[name].kind
    try:
        now: DeviceState = await place.devices.call(kind, "status", seconds=STATUS_SECONDS, device=name)
    except DeviceError as error:
        if error.code in state.faults:
            return state
        return DeviceState(Availability.OFFLINE, faults=(error.code,), detail=error.detail)
    return now


async def _known(place: Workplace, name: str) -> DeviceState:
    """Its state, once it has one."""
    end = time.monotonic() + OPEN_SECONDS
    while True:
        _, state = place.devices.states()[name]
        if state.availability is not Availability.UNKNOWN or time.monotonic() > end:
            return state
        await asyncio.sleep(_LOOK_SECONDS)


async def _state_only(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """Its state as the last poll found it."""
    return Tried(words("doctor.tried_state"))


async def _special(place: Workplace, name: str, allowed: Allowed) -> Tried:
    """Its blanks are numbered, and none is spent on a test."""
    return Tried(words("doctor.tried_state"), untried=words("doctor.untried_blank"))


def supply_name(part: str) -> Words:
    """What a supply is called; one of an outside driver by its own name."""
    return words(f"desk.part_{part}") if part in SUPPLIES else same(part)


def _said(state: DeviceState) -> Words:
    """Its faults are not repeated: their codes stand in the finding, each with its remedy."""
    supplies = [_supply(state, part) for part in state.supplies]
    detail = [words("doctor.detail", detail=state.detail)] if state.detail else []
    return joined([words(f"doctor.state_{state.availability}"), *supplies, *detail])


def _supply(state: DeviceState, part: str) -> Words:
    """`paper full about 80 % (main 40 %, lower 100 %)`, as far as it is known."""
    level = words(f"desk.supply_{Supply(state.supplies[part])}")
    said = words("doctor.supply", part=supply_name(part), level=level)
    if part not in state.levels:
        return said
    said = words("doctor.supply_about", supply=said, percent=state.levels[part])
    each = [f"{n.partition(':')[2]} {p} %" for n, p in state.levels.items() if n.startswith(f"{part}:")]
    return words("doctor.supply_each", supply=said, each=", ".join(each)) if each else said


_TRIALS: Mapping[Kind, Trial] = {
    Kind.ID_CARD_READER: trial_hands.id_card,
    Kind.SOCIAL_CARD_READER: trial_hands.social_card,
    Kind.CODE_SCANNER: trial_hands.scanner,
    Kind.PERSON_CAMERA: trial_looks.camera(Kind.PERSON_CAMERA),
    Kind.DOCUMENT_CAMERA: trial_looks.camera(Kind.DOCUMENT_CAMERA),
    Kind.RECEIPT_PRINTER: trial_prints.receipt,
    Kind.A4_PRINTER: trial_prints.sheet,
    Kind.SPECIAL_PRINTER: _special,
    Kind.IO_BOARD: trial_looks.board,
    Kind.LOCKER: trial_looks.locker,
    Kind.RATING_PAD: trial_hands.rating_pad,
    Kind.SIGNATURE_PAD: trial_hands.signature_pad,
    Kind.FINGERPRINT_READER: trial_hands.fingerprint,
    Kind.SPEAKER: trial_looks.speaker,
}
