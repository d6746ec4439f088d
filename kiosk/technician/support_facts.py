"""What a support bundle says of the machine, the store and the link: plain data, nothing personal in it.

Bodies of the journal, prompts, cases and drafts are never looked at. What is a secret in the settings (a
token, a password in an address) is left out by its name and by its form.
"""

from __future__ import annotations

import os
import platform
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from config import addresses
from config.addresses import HIDDEN
from config.settings import Settings
from kiosk.data import journal
from kiosk.data.store import in_use, read_only
from kiosk.devices.counters import Counters
from kiosk.doctor.clock import is_synchronised
from kiosk.enrolment import identity
from kiosk.readiness.finding import Finding
from kiosk.software import software
from mqtt import outbox

PROGRAM_SECONDS = 5.0
MOST_SAID = 64 * 1024  # characters of one program
MOST_PROBLEMS = 50  # of a journal: the first say where it begins
_SHORT_OPTIONS = ("-p", "-P", "-u", "-U")  # before a user or a password, in most programs
_UNITS = ("kiosk-x", "kiosk-terminal", "kiosk-notice", "kiosk-firewall", "systemd-timesyncd")
_PROPERTIES = "Id,ActiveState,SubState,Result,NRestarts,ExecMainStatus,ActiveEnterTimestamp"
_USB = ("idVendor", "idProduct", "manufacturer", "product", "speed", "bDeviceClass", "version")


def without_secrets(value: Any, name: str = "") -> Any:
    """`value` of the settings without tokens, passwords and names of users in addresses."""
    if addresses.is_secret(name) and value and not isinstance(value, bool):
        return HIDDEN
    if isinstance(value, Mapping):
        return {str(key): without_secrets(one, str(key)) for key, one in value.items()}
    if isinstance(value, list | tuple):  # of a program's words one that follows `--token` is one, too
        before = ("", *value)
        return [
            HIDDEN
            if str(was) in _SHORT_OPTIONS and not str(one).startswith("-")
            else without_secrets(one, was if str(was).startswith("-") else name)
            for was, one in zip(before, value, strict=False)
        ]
    if isinstance(value, str):
        return addresses.without_secrets(value)
    return value


def settings_told(settings: Settings) -> Any:
    """The settings that hold, secrets left out."""
    return without_secrets(settings.model_dump(mode="json"))


def versions() -> dict[str, Any]:
    """The software, what it stands on, and the packages of its environment."""
    return {
        "software": software(),
        "python": platform.python_version(),
        "kernel": f"{platform.release()} {platform.machine()}",
        "system": _first_lines(Path("/etc/os-release"), "PRETTY_NAME="),
        "packages": sorted(f"{one.name} {one.version}" for one in distributions()),
    }


def machine(settings: Settings) -> dict[str, Any]:
    """Memory, load, disk and time."""
    folder = settings.data
    disk = shutil.disk_usage(folder)
    sizes = {one.name: _size(one) for one in sorted(folder.iterdir()) if not one.name.startswith(".")}
    return {
        "running": in_use(folder),
        "processors": os.cpu_count(),
        "load": os.getloadavg(),
        "memory": _first_lines(Path("/proc/meminfo"), "MemTotal:", "MemAvailable:", "SwapFree:"),
        "uptime_seconds": float(Path("/proc/uptime").read_text(encoding="ascii").split()[0]),
        "disk_free_mb": disk.free >> 20,
        "disk_total_mb": disk.total >> 20,
        "data_bytes": sizes,
        "now": datetime.now(UTC).isoformat(timespec="seconds"),
        "time_zone": settings.identity.time_zone,
        "time_synchronised": is_synchronised(),
    }


def readiness(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """The report as given, with its remedies in English."""
    return [
        {
            "name": one.name,
            "ready": one.ready,
            "tried": without_secrets(one.tried.en),
            "found": without_secrets(one.found.en),
            "codes": list(one.codes),
            "to_do": [remedy.en for remedy in one.remedies],
        }
        for one in findings
    ]


def counters(settings: Settings) -> dict[str, Any]:
    """What each device has done and used up."""
    with read_only(settings.data) as read:
        known = Counters.read(read, settings.devices)
    return {
        name: {"counts": dict(known.counts(name)), "runs_out": dict(known.runs_out(name))}
        for name in settings.devices
    }


def devices(settings: Settings) -> Any:
    """The devices with their open faults, as the terminal found them last."""
    with read_only(settings.data) as read:
        row = read.execute("SELECT value FROM meta WHERE name = 'devices'").fetchone()
    return msgspec.json.decode(row[0]) if row else []


def link(settings: Settings) -> dict[str, Any]:
    """What waits for the hall, and since when; what it refused."""
    with read_only(settings.data) as read:
        (oldest,) = read.execute("SELECT min(id) FROM outbox").fetchone()
        waiting, late = outbox.size(read)
        return {
            "outbox": outbox.depth(read),
            "outbox_bytes": waiting,
            "late_health_bytes": late,
            "oldest_seconds": _age(oldest) if oldest else 0,
            "refused": [code for _, code in outbox.dead(read)][-MOST_PROBLEMS:],
            "boot": int(read.execute("SELECT value FROM meta WHERE name = 'boot'").fetchone()[0]),
        }


def journal_told(settings: Settings) -> dict[str, Any]:
    """Whether the chain holds, and its head: no body is opened."""
    with read_only(settings.data) as read:
        found = journal.verify(read)
    return {
        "entries": found.entries,
        "head": found.head,
        "sound": found.sound,
        "problems": [{"what": one.what, "n": one.n, "id": one.id} for one in found.problems[:MOST_PROBLEMS]],
    }


def certificate(settings: Settings) -> dict[str, Any]:
    """Who the terminal is to the hall, and until when."""
    found = identity.read(settings.data)
    if found is None:
        return {"enrolled": False}
    return {
        "enrolled": True,
        "terminal": found.home.terminal,
        "desk": without_secrets(found.home.url),
        "broker": f"{found.home.broker_host}:{found.home.broker_port}",
        "serial": f"{found.certificate.serial_number:x}",
        "begins": found.begins.isoformat(),
        "ends": found.ends.isoformat(),
        "renew_at": found.renew_at.isoformat(),
    }


def usb(folder: Path = Path("/sys/bus/usb/devices")) -> list[dict[str, str]]:
    """What is plugged in, without serial numbers."""
    listed = []
    for one in sorted(folder.iterdir()) if folder.is_dir() else ():
        told = {name: _attribute(one / name) for name in _USB}
        if told["idVendor"]:
            listed.append({"port": one.name} | {name: text for name, text in told.items() if text})
    return listed


def screen() -> str:
    """Outputs, modes and input devices as X has them."""
    if not os.environ.get("DISPLAY"):
        return "no DISPLAY\n"
    return program("xrandr", "--query") + program("xinput", "list")


def units() -> str:
    """How systemd sees our units; no line of their logs."""
    if not Path("/run/systemd/system").is_dir():
        return "no systemd\n"
    names = [f"{unit}.service" for unit in _UNITS]
    return program("systemctl", "show", "--no-pager", f"--property={_PROPERTIES}", *names)


def program(*command: str) -> str:
    """What a program says, bounded in time and length; its end where it says nothing."""
    path = shutil.which(command[0])
    if path is None:
        return f"{command[0]}: not installed\n"
    try:
        done = subprocess.run(
            [path, *command[1:]], capture_output=True, timeout=PROGRAM_SECONDS, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]}: {type(error).__name__}\n"
    said = done.stdout.decode("utf-8", "replace")[:MOST_SAID]
    return said if done.returncode == 0 else f"{said}{command[0]}: ended with {done.returncode}\n"


def failed(error: Exception) -> dict[str, str]:
    """What stands in place of a part that could not be read: its type, never its text."""
    kind = "sqlite" if isinstance(error, sqlite3.Error) else type(error).__name__
    return {"not_read": getattr(error, "code", "") or kind}


def _age(id: str) -> int:
    """Seconds since a UUIDv7 was made."""
    return max(0, int(time.time() - (UUID(id).int >> 80) / 1000))


def _size(path: Path) -> int:
    if path.is_symlink() or not path.is_dir():
        return path.lstat().st_size
    return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())


def _attribute(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()[:200]
    except OSError:
        return ""


def _first_lines(path: Path, *begins: str) -> list[str]:
    """The lines that begin so."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    return [line for line in lines if line.startswith(begins)]
