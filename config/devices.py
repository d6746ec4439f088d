"""Kinds of device and the axes of their state, as every room spells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a device is. A service names kinds, never a make."""

    ID_CARD_READER = "id_card_reader"
    SOCIAL_CARD_READER = "social_card_reader"
    CODE_SCANNER = "code_scanner"
    PERSON_CAMERA = "person_camera"
    DOCUMENT_CAMERA = "document_camera"
    RECEIPT_PRINTER = "receipt_printer"
    A4_PRINTER = "a4_printer"
    SPECIAL_PRINTER = "special_printer"
    IO_BOARD = "io_board"
    LOCKER = "locker"
    RATING_PAD = "rating_pad"
    SIGNATURE_PAD = "signature_pad"
    FINGERPRINT_READER = "fingerprint_reader"
    SPEAKER = "speaker"


class Availability(StrEnum):
    """Can the device be used now? *unknown* is not *fault*."""

    ONLINE = "online"
    BUSY = "busy"
    OFFLINE = "offline"
    ABSENT = "absent"
    FAULT = "fault"
    UNKNOWN = "unknown"


class Media(StrEnum):
    """A card or paper in the device's path."""

    NONE = "none"
    PRESENT = "present"
    JAMMED = "jammed"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "not_supported"


class Supply(StrEnum):
    """One consumable: paper, toner, cards."""

    FULL = "full"
    LOW = "low"
    OUT = "out"
    UNKNOWN = "unknown"
    NOT_SUPPORTED = "not_supported"


# What a full supply is good for, as the settings spell it: which supply, and the counter that uses it up.
CAPACITIES = {
    "paper_mm": ("paper", "paper_mm"),
    "paper_pages": ("paper", "pages"),
    "toner_pages": ("toner", "pages"),
    "ribbon_pages": ("ribbon", "pages"),
}
MISSING = ("device_absent", "device_offline")  # faults of a device that is not there


@dataclass(frozen=True)
class DeviceState:
    """A device's state on all axes. `faults` are codes of `faults.toml`, worst first."""

    availability: Availability = Availability.UNKNOWN
    media: Media = Media.NOT_SUPPORTED
    supplies: Mapping[str, Supply] = field(default_factory=dict)
    faults: tuple[str, ...] = ()
    detail: str = ""  # for the technician: model, firmware, raw status; nothing personal
    # Percent left where it is known: of a supply, and of one tray or colour as `paper:main`, `toner:cyan`.
    levels: Mapping[str, int] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """True when a verb may be called now and no supply has run out."""
        usable = self.availability in (Availability.ONLINE, Availability.BUSY)
        return usable and Supply.OUT not in self.supplies.values() and self.media is not Media.JAMMED


def as_missed(state: DeviceState, optional: bool) -> DeviceState:
    """The state as far as anybody need come for it: a missing device that is optional is merely absent."""
    if optional and state.faults and set(state.faults) <= set(MISSING):
        return DeviceState(Availability.ABSENT, detail=state.detail)
    return state
