"""A copy of the tree that shares the environment: what is in the copy wins over what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from config import assets

REPO = Path(__file__).resolve().parents[2]
ROOMS = ("main", "config", "drivers", "hall", "kiosk", "mqtt", "screens", "tests.smoke")
LOOK = "import importlib, sys\nfor name in sys.argv[1:]: print(importlib.import_module(name).__file__)"


class Copy:
    """A folder with every file that git knows or would add, as it stands now."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "PYTHONPATH": str(folder), "KT_ASSETS": str(assets.folder())}
        for name in _files():
            source, target = REPO / name, folder / name
            if source.is_file():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(source, target)

    def python(self, *arguments: str, timeout: float = 600.0) -> subprocess.CompletedProcess[str]:
        """Runs our Python in the copy."""
        command = [sys.executable, *arguments]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=timeout
        )

    def strangers(self) -> list[str]:
        """Rooms that would not come from the copy; none, else nothing is proved."""
        found = self.python("-c", LOOK, *ROOMS).stdout.splitlines()
        if len(found) != len(ROOMS):
            return list(ROOMS)
        return [path for path in found if not Path(path).is_relative_to(self.folder)]


def _files() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPO,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in listing.stdout.split("\0") if name]
