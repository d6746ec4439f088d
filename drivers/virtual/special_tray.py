"""What lies in the tray of the special-paper printer, kept in a file: paper stays while the power is off."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "special-tray.json"  # in the bench's folder


def read(file: Path | None) -> list[str]:
    """The numbers of the blanks, the next one first; none without a file."""
    if file is None or not file.is_file():
        return []
    return [str(number) for number in json.loads(file.read_text(encoding="utf-8"))]


def write(file: Path | None, blanks: list[str]) -> None:
    """Keeps them, so that a bench that is killed finds its tray as it was. OSError."""
    if file is not None:
        draft = file.with_suffix(".new")
        draft.write_text(json.dumps(blanks), encoding="utf-8")
        draft.replace(file)
