"""What the demo is told, the ports it takes, and the settings files that it writes for its children."""

from __future__ import annotations

import random
import socket
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import tomli_w

from config import settings as terminal_settings
from config.toml_file import ConfigError
from drivers.virtual import app_issuer

REPO = Path(__file__).resolve().parents[2]
PROFILE = terminal_settings.PROFILES / "demo.toml"
UNPICKED = range(20000, 30000)  # below what the kernel hands out by itself, so that nobody is in the way


@dataclass(frozen=True)
class Ports:
    """A TCP port of 127.0.0.1 for each listener. Those of devices stand in config/profiles/demo.toml too."""

    desk: int = 8080
    bench: int = 8090
    camera: int = 8091
    platform: int = 8070
    broker: int = 18830
    receipt: int = 9100
    a4: int = 8631
    view: int = 6080
    vnc: int = 6081
    document: int = 8092
    special: int = 9101


@dataclass(frozen=True)
class DemoSettings:
    """One demo. `port_base` moves all ports: from that number on, or to free ones when it is 0.

    `changes` are dotted keys of the terminal's settings with their values (`session.idle_seconds` → 60);
    None takes a key away.
    """

    data: Path = REPO / "data" / "demo"
    port_base: int | None = None
    headless: bool = False  # a virtual display even where there is a real one
    view: bool = True  # the virtual display in a browser
    size: tuple[int, int] = (720, 1280)
    camera: int | None = None  # number of a real webcam; None: the bench's
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def terminal(self) -> Path:
        """The terminal's settings file."""
        return self.data / "terminal.toml"

    @property
    def logs(self) -> Path:
        return self.data / "logs"


class PortTaken(Exception):
    """A port that the demo needs belongs to another program. The text says which and what to do."""


def choose_ports(base: int | None) -> Ports:
    """The demo's ports, each free at this moment. PortTaken otherwise."""
    names = [one.name for one in fields(Ports)]
    if base is None:
        ports = Ports()
    elif base > 0:
        ports = Ports(**{name: base + offset for offset, name in enumerate(names)})
    else:
        ports = Ports(**dict(zip(names, _free(len(names)), strict=True)))
    for name in names:
        if not is_free(getattr(ports, name)):
            raise PortTaken(
                f"port {getattr(ports, name)}, wanted for the {name}, belongs to another program: "
                "end that (`make kill` if it is an earlier demo), or move all ports with --port-base 0"
            )
    return ports


def wires(ports: Ports) -> tuple[str, ...]:
    """The arguments that tell the bench the ports of its devices."""
    told = {name: getattr(ports, name) for name in ("receipt", "a4", "camera", "document", "special")}
    return tuple(f"--{name}-port={port}" for name, port in told.items())


def is_free(port: int) -> bool:
    """Whether nothing listens on the port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that just closed is free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free(count: int) -> list[int]:
    found: list[int] = []
    for port in random.sample(UNPICKED, 1000):
        if is_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise PortTaken("no free ports between 20000 and 30000")


def write_terminal(demo: DemoSettings, ports: Ports) -> Path:
    """Writes the terminal's settings: the demo profile with this demo's ports, folders and changes.

    Raises ConfigError when they do not fit (a change that names no key).
    """
    text = PROFILE.read_text(encoding="utf-8").replace("{here}/../../data/demo", str(demo.data.resolve()))
    values = tomllib.loads(text.replace("{here}", str(PROFILE.parent)))
    values["link"]["port"] = ports.broker
    values["platform"] |= dict.fromkeys(("url", "public"), f"http://127.0.0.1:{ports.platform}")
    values["screen"] |= {"width": demo.size[0], "height": demo.size[1]}
    devices = values["devices"]
    devices["receipt_printer"]["port"] = f"127.0.0.1:{ports.receipt}"
    devices["special_printer"]["port"] = f"127.0.0.1:{ports.special}"
    devices["a4_printer"]["port"] = f"ipp://127.0.0.1:{ports.a4}/ipp/print"
    devices["person_camera"]["port"] = f"http://127.0.0.1:{ports.camera}/camera.mjpg"
    devices["document_camera"]["port"] = f"http://127.0.0.1:{ports.document}/document.mjpg"
    if demo.camera is not None:
        devices["person_camera"]["port"] = str(demo.camera)
        values["face"] = {"enrol_on_camera": True}
    for key, value in demo.changes.items():
        _put(values, key.split("."), value)
    demo.data.mkdir(parents=True, exist_ok=True)
    demo.terminal.write_text(tomli_w.dumps(values), encoding="utf-8")
    terminal_settings.load(demo.terminal)
    return demo.terminal


def write_hall(demo: DemoSettings, ports: Ports, terminal: Path) -> Path:
    """Writes the hall server's settings, for the hall that the terminal stands in."""
    settings = terminal_settings.load(terminal)
    values = {
        "data": str(demo.data.resolve() / "hall"),
        "area": settings.identity.area,
        "hall": settings.identity.hall,
        "catalogue": [str(folder) for folder in settings.catalogue],
        "broker": {"port": ports.broker},
        "desk": {"port": ports.desk},
    }
    path = demo.data / "hall.toml"
    path.write_text(tomli_w.dumps(values), encoding="utf-8")
    return path


def write_platform(demo: DemoSettings, ports: Ports, terminal: Path) -> Path:
    """Writes the reference platform's settings: who may call it, and where its text messages go."""
    settings = terminal_settings.load(terminal)
    values = {
        "data": str(settings.platform.trust.parent),
        "port": ports.platform,
        "public_url": f"http://127.0.0.1:{ports.platform}",
        "app_trust": str(demo.data.resolve() / "bench" / app_issuer.PUBLIC),
        "sms_url": f"http://127.0.0.1:{ports.bench}/sms",
        "tokens": [settings.platform.token],
        "catalogue": [str(folder) for folder in settings.catalogue],
        "code_pause_seconds": 10.0,  # whoever tries the demo does not wait a minute
        "codes_per_hour": 60,
        "demo": True,
    }
    path = demo.data / "platform.toml"
    path.write_text(tomli_w.dumps(values), encoding="utf-8")
    return path


def parse_change(text: str) -> tuple[str, Any]:
    """`session.idle_seconds=60` as key and value; what is no TOML value is a text. ConfigError if no `=`."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise ConfigError(PROFILE, [f"--set {text}: write it as key=value, for instance face.attempts=2"])
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value


def _put(values: dict[str, Any], keys: list[str], value: Any) -> None:
    *tables, last = keys
    for table in tables:
        values = values.setdefault(table, {})
        if not isinstance(values, dict):
            raise ConfigError(PROFILE, [f"{'.'.join(keys)}: {table} is no table"])
    if value is None:
        values.pop(last, None)
    else:
        values[last] = value
