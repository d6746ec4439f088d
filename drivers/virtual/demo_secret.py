"""A secret of the demo's own, a password or what an app counts with: a file for its owner only."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def keep(file: Path, secret: Mapping[str, str]) -> None:
    """Writes it whole or not at all, over what was there."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    with open(draft, "x", opener=lambda path, flags: os.open(path, flags, 0o600), encoding="utf-8") as pen:
        json.dump(dict(secret), pen)
    draft.replace(file)


def read(file: Path) -> dict[str, str]:
    """What `keep` wrote. OSError where nothing is."""
    kept: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return kept
