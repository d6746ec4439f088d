"""The message broker's own file, from `config/deploy/mosquitto.conf`."""

from __future__ import annotations

from pathlib import Path
from string import Template

TEMPLATE = Path(__file__).parent.parent / "config" / "deploy" / "mosquitto.conf"


def write_broker_file(folder: Path, port: int) -> Path:
    """Write `mosquitto.conf` into `folder`, for a broker on loopback `port` that keeps its data there."""
    folder.mkdir(parents=True, exist_ok=True)
    text = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(port=port, folder=folder.resolve())
    path = folder / "mosquitto.conf"
    path.write_text(text, encoding="utf-8")
    return path
