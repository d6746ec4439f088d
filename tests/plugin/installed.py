"""The plug-in as a hall's engineer installs it, in a folder of its own that a test puts on the path."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = ("pyproject.toml", "setup.cfg", "counter_pads")


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """Builds and installs the distribution into `folder`; while this lasts, this process finds it."""
    source, site = folder / "source", folder / "site"
    source.mkdir()
    for name in PACKAGE:
        copy = shutil.copytree if (HERE / name).is_dir() else shutil.copy
        copy(HERE / name, source / name)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    options = ["--no-build-isolation", "--disable-pip-version-check", "--target", str(site), str(source)]
    subprocess.run([*pip, *options], check=True, timeout=120)
    sys.path.insert(0, str(site))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(site))
        for module in [name for name in sys.modules if name.partition(".")[0] == "counter_pads"]:
            del sys.modules[module]
