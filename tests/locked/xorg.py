"""A real Xorg that draws into memory (dummy driver) and is told what a terminal's is told about hands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from drivers.virtual import display
from drivers.virtual.demo_settings import REPO
from drivers.virtual.processes import Child, Command

TREE = REPO / "config/deploy/machine/terminal"
OURS = TREE / "etc/X11/xorg.conf.d"
SERVER = "/usr/lib/xorg/Xorg"  # not Debian's wrapper: what stands before it must reach the server itself
WIDTH, HEIGHT = 540, 960
_DUMMY = f"""
Section "Device"
  Identifier "memory"
  Driver "dummy"
  VideoRam 64000
EndSection
Section "Monitor"
  Identifier "glass"
  HorizSync 5.0-1000.0
  VertRefresh 5.0-200.0
  Modeline "portrait" 35 {WIDTH} 560 600 680 {HEIGHT} 963 967 1000
EndSection
Section "Screen"
  Identifier "screen"
  Device "memory"
  Monitor "glass"
  DefaultDepth 24
  SubSection "Display"
    Depth 24
    Modes "portrait"
    Virtual {WIDTH} {HEIGHT}
  EndSubSection
EndSection
"""


def command(folder: Path, told: Path = OURS, before: Sequence[str] = ()) -> Command:
    """Xorg with the files of `told` instead of the machine's own; its log is `folder/Xorg.log`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "xorg.conf").write_text(_DUMMY, "utf-8")
    conf = shutil.copytree(told, folder / "xorg.conf.d", dirs_exist_ok=True)
    files = ("-config", str(folder / "xorg.conf"), "-configdir", str(conf))
    log = ("-logfile", str(folder / "Xorg.log"))
    alone = ("-nolisten", "tcp", "-noreset", "-novtswitch", "-sharevts", "-keeptty")
    argv = (*before, SERVER, "-displayfd", "1", *files, *log, *alone)
    return Command("display", argv, ready=r"^\d+$", folder=folder)


@contextmanager
def screen(folder: Path, told: Path = OURS) -> Iterator[tuple[Child, str]]:
    """The server, and the name of its display. A free number may be taken meanwhile: then another one."""
    with Child(command(folder, told), folder / "display.log") as server:
        yield server, display.number(server)


def environment(name: str, home: Path) -> dict[str, str]:
    """Of a program with a window there, that has nothing but `home`."""
    for folder in ("tmp", "config", "share", "run"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    (home / "run").chmod(0o700)
    return {
        "DISPLAY": name,
        "SDL_VIDEODRIVER": "x11",
        "PYTHONPATH": os.pathsep.join([str(REPO), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(home),
        "TMPDIR": str(home / "tmp"),
        "XDG_CACHE_HOME": str(
            home / "data" / "cache"
        ),  # compiled shaders; on a terminal HOME is its own folder
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "share"),
        "XDG_RUNTIME_DIR": str(home / "run"),
    }
