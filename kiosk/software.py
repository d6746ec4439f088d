"""Which version of the software this is."""

from __future__ import annotations

from importlib.metadata import version


def software() -> str:
    """The version that is installed."""
    return version("kiosk-terminal")
