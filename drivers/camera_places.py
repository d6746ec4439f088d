"""Which cameras are plugged in, as V4L2 tells it in /dev and /sys. Nothing is opened."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class FoundCamera:
    """A camera. `port` is what the settings want: its name by maker and serial number, outlasting a replug.

    A camera that says no serial number has only the socket that it is plugged into (`by-path`), or a bare
    node. `name` is what it calls itself.
    """

    port: str
    name: str


def find_cameras(dev: Path = Path("/dev"), sys: Path = Path("/sys")) -> tuple[FoundCamera, ...]:
    """Every camera once, in the order of the nodes; empty where there is none.

    A webcam has a second node for its metadata, which gives no picture: its `index` is not 0.
    """
    links = [link for way in ("by-id", "by-path") for link in sorted((dev / "v4l" / way).glob("*"))]
    found = []
    for entry in sorted((sys / "class/video4linux").glob("video*"), key=lambda e: int(e.name[5:] or 0)):
        if _said(entry / "index") not in ("", "0"):
            continue
        node = dev / entry.name
        port = next((link for link in links if link.resolve() == node.resolve()), node)
        found.append(FoundCamera(str(port), _said(entry / "name")))
    return tuple(found)


def _said(file: Path) -> str:
    with suppress(OSError):
        return file.read_text(encoding="utf-8", errors="replace").strip()
    return ""
