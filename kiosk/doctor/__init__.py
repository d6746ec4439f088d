"""The readiness report: what was tried, what was found, what to do.

    examine(settings, Allowed(paper=True))    every finding, one after the other

Each device is tried with its real verbs (`kiosk/readiness/device_trial.py`): by the running terminal, which
has them in its hands, or in an opening of our own. The rest of the machine is looked at from outside either
way.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import replace

from config.settings import Settings
from config.words import joined, words
from kiosk.data.store import StoreError, in_use, read_only
from kiosk.devices.counted import counted
from kiosk.devices.counters import UNKNOWN, Counters
from kiosk.doctor import certificate, clock, disk, display, files, network, own_opening, running
from kiosk.doctor.clock import Heard
from kiosk.readiness.device_trial import supply_name
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import NOTHING, Allowed, Ask, nobody


def examine(
    settings: Settings,
    allowed: Allowed = NOTHING,
    ask: Ask = nobody,
    only: Sequence[str] = (),
) -> Iterator[Finding]:
    """Every finding, in the order in which a technician would look: the machine, the ways out, the devices.

    `allowed`: what may be used up, and asked of a person, who hears of it by `ask`. `only`: these devices and
    nothing else; KeyError for one that the settings lack.
    """
    if not only:
        yield from surroundings(settings)
    names = only or tuple(settings.devices)
    way = running if in_use(settings.data) else own_opening
    counters = counters_of(settings)
    for finding in way.examine(settings, names, allowed, ask):
        yield with_counts(finding, counters) if counters is not None else finding


def surroundings(settings: Settings) -> Iterator[Finding]:
    """All but the devices: within the running terminal as from outside. It blocks, some seconds at most."""
    heard = Heard()
    yield from files.examine(settings)
    yield from disk.examine(settings)
    yield from display.examine(settings.screen)
    ways_out = list(network.examine(settings, heard))
    yield clock.examine(heard)
    yield from certificate.examine(settings)
    yield from ways_out


def with_counts(finding: Finding, counters: Counters) -> Finding:
    """What a device has done and used up, and until when its supplies last."""
    counts, lasting = counters.counts(finding.name), counters.runs_out(finding.name)
    said = [counted(counts)] if counts else []
    for supply, day in lasting.items():
        said += [words("doctor.lasts", part=supply_name(supply), day=day)] if day != UNKNOWN else []
    return replace(finding, found=joined([finding.found, *said]))


def counters_of(settings: Settings) -> Counters | None:
    """What was counted here; None before the first start."""
    try:
        with read_only(settings.data) as read:
            return Counters.read(read, settings.devices)
    except (StoreError, sqlite3.Error):
        return None
