"""What `main.py support FILE|FOLDER` does and says, and its exit codes."""

from __future__ import annotations

import sys
from pathlib import Path

from config.settings import Settings
from kiosk import doctor
from kiosk.technician import support_bundle


def write(settings: Settings, place: Path) -> int:
    """Examines the terminal and writes a bundle there; 0, or 2 when it cannot be written."""
    make = support_bundle.make if place.is_dir() else support_bundle.write
    try:
        print(make(settings, place, doctor.examine(settings)))
    except support_bundle.BundleExists as error:
        print(f"{error} is there already: name another file, or a folder", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{place}: {error.strerror}; nothing was written", file=sys.stderr)
        return 2
    return 0
