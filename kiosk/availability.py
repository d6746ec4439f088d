"""Can a service start now? The reason is known before anybody identifies himself."""

from __future__ import annotations

from datetime import datetime, time

from config.configuration import hours_read
from config.devices import Availability, Kind
from config.faults import any_fault, fault
from config.service import Level, Service
from config.words import Words, words
from kiosk.devices.devices import Devices


def why_not(service: Service, devices: Devices, now: datetime, platform_open: bool = True) -> Words | None:
    """Why the service cannot start now, in the citizen's words; None when it can."""
    if service.status != "connected":
        return service.status_words
    for kind in service.needs:
        if not devices.ready(kind) and not _known_otherwise(service, kind, devices):
            return any_fault(devices.fault(kind)).citizen
    if not open_at(service.hours, now.time()):
        return words("journey.closed", hours=hours_read(service.hours))
    if not platform_open and (service.level > Level.NONE or service.fee is not None):
        return fault("platform_down").citizen
    return None


# With one of these somebody can be known, or can take something home; without any the terminal is closed.
_OF_USE = (
    Kind.ID_CARD_READER,
    Kind.SOCIAL_CARD_READER,
    Kind.CODE_SCANNER,
    Kind.RECEIPT_PRINTER,
    Kind.A4_PRINTER,
    Kind.SPECIAL_PRINTER,
)


def nothing_works(devices: Devices) -> bool:
    """Nobody can be known here and nothing printed: every such device is out, and none is just being opened.

    What is left (a calculation, a complaint) is not worth searching among greyed services for.
    """
    states = [state for kind, state in devices.states().values() if kind in _OF_USE]
    if any(state.availability is Availability.UNKNOWN for state in states):
        return False
    return bool(states) and not any(devices.ready(kind) for kind in _OF_USE)


def _known_otherwise(service: Service, kind: Kind, devices: Devices) -> bool:
    """The card reader is away, and whoever comes can still say who he is: by another card, or his app.

    One that is only just being opened is waited for.
    """
    if kind is not Kind.ID_CARD_READER:
        return False
    states = [state for one, state in devices.states().values() if one is kind]
    if any(state.availability is Availability.UNKNOWN for state in states):
        return False
    app = "app" in service.cards and devices.ready(Kind.CODE_SCANNER)
    return app or ("social" in service.cards and devices.ready(Kind.SOCIAL_CARD_READER))


def open_at(hours: str, at: time) -> bool:
    """True when `at` lies in `HH:MM-HH:MM`; a span may pass midnight; 24:00 is the day's end."""
    start, end = (_minutes(part) for part in hours.split("-"))
    minute = at.hour * 60 + at.minute
    if start <= end:
        return start <= minute < end
    return minute >= start or minute < end


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
