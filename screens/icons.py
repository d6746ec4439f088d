"""Icons of the Font Awesome solid font, by name."""

from __future__ import annotations

_CODES = {
    "arrow-down": 0xF063,
    "arrow-left": 0xF060,
    "arrow-right": 0xF061,
    "arrow-up": 0xF062,
    "ban": 0xF05E,
    "briefcase": 0xF0B1,
    "building-columns": 0xF19C,
    "calendar-days": 0xF073,
    "camera": 0xF030,
    "check": 0xF00C,
    "chevron-left": 0xF053,
    "chevron-right": 0xF054,
    "circle-check": 0xF058,
    "circle-exclamation": 0xF06A,
    "circle-info": 0xF05A,
    "circle-pause": 0xF28B,
    "circle-question": 0xF059,
    "circle-xmark": 0xF057,
    "clock": 0xF017,
    "delete-left": 0xF55A,
    "eye": 0xF06E,
    "file-lines": 0xF15C,
    "globe": 0xF0AC,
    "graduation-cap": 0xF19D,
    "hand": 0xF256,
    "headset": 0xF590,
    "heart-pulse": 0xF21E,
    "house": 0xF015,
    "id-card": 0xF2C2,
    "list-check": 0xF0AE,
    "location-dot": 0xF3C5,
    "lock": 0xF023,
    "magnifying-glass": 0xF002,
    "minus": 0xF068,
    "mobile-screen": 0xF3CF,
    "pen": 0xF304,
    "people-arrows": 0xE068,
    "people-roof": 0xE537,
    "phone": 0xF095,
    "plus": 0x2B,
    "print": 0xF02F,
    "qrcode": 0xF029,
    "receipt": 0xF543,
    "right-from-bracket": 0xF2F5,
    "rotate-right": 0xF2F9,
    "scale-balanced": 0xF24E,
    "screwdriver-wrench": 0xF7D9,
    "shield-halved": 0xF3ED,
    "star": 0xF005,
    "ticket": 0xF145,
    "triangle-exclamation": 0xF071,
    "user": 0xF007,
    "user-shield": 0xF505,
    "video": 0xF03D,
    "xmark": 0xF00D,
}


def glyph(name: str) -> str:
    """The character of the icon; that of a sheet of paper for a name not in the table.

    A catalogue with an unknown icon must not stop a terminal: its loader warns, the screen goes on.
    """
    return chr(_CODES.get(name, _CODES["file-lines"]))


def known() -> frozenset[str]:
    """The names in the table."""
    return frozenset(_CODES)
