"""The readiness report: what was tried, what was found, what to do.

While a terminal runs on the data folder its devices are in its hands; the
doctor then reports what the terminal itself found last.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import msgspec

from config import assets
from config.devices import Availability, DeviceState, Media, Supply
from config.faults import fault
from config.settings import DeviceSettings, Settings
from drivers import registry
from drivers.device import DeviceError
from kiosk import journal
from kiosk.store import StoreError, in_use, read_only
from mqtt.messages import DeviceHealth

DISK_LOW = 500 * 1024 * 1024


@dataclass(frozen=True)
class Finding:
    """One line of the report. `remedy` is empty when it is ready."""

    name: str
    tried: str
    found: str
    ready: bool
    remedy: str = ""


def report(settings: Settings) -> int:
    """Prints the readiness report; 0 when all is ready, else 1."""
    identity = settings.identity
    print(f"Readiness report · terminal {identity.area}/{identity.hall}/{identity.kiosk}\n")
    findings = list(examine(settings))
    for finding in findings:
        print(f"{'ready    ' if finding.ready else 'NOT READY'}  {finding.name}")
        print(f"             tried  {finding.tried}")
        print(f"             found  {finding.found}")
        if finding.remedy:
            print(f"             to do  {finding.remedy}")
    bad = sum(not finding.ready for finding in findings)
    print(f"\n{len(findings) - bad} ready, {bad} not ready")
    return 1 if bad else 0


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which a technician would look."""
    yield _files()
    yield _disk(settings)
    yield _journal(settings)
    yield _broker(settings)
    yield _platform(settings)
    if in_use(settings.data):
        yield from _told_by_terminal(settings)
    else:
        for name, device in settings.devices.items():
            yield _device(name, device)


def _files() -> Finding:
    names = ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", "HanaMinA.ttf", "HanaMinB.ttf")
    try:
        for name in names:
            assets.font(name)
        for model in (
            "face_detection_yunet_2023mar_int8bq.onnx",
            "face_recognition_sface_2021dec_int8bq.onnx",
        ):
            assets.face_model(model)
    except (FileNotFoundError, ValueError) as error:
        return Finding(
            "fonts and face models", "their files and digests", str(error), False, "run make setup"
        )
    return Finding("fonts and face models", "their files and digests", "all there", True)


def _disk(settings: Settings) -> Finding:
    folder = settings.data
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    ready = free > DISK_LOW
    return Finding(
        "disk",
        f"free space, at least {DISK_LOW >> 20} MB",
        f"{free >> 20} MB free",
        ready,
        "" if ready else fault("terminal_disk_full").technician.en,
    )


def _journal(settings: Settings) -> Finding:
    tried = "the chain of every entry"
    try:
        with read_only(settings.data) as read:
            found = journal.verify(read)
    except StoreError as error:
        if "no store" in error.detail:
            return Finding("journal", tried, "none yet: this terminal has not been started", True)
        return Finding("journal", tried, error.detail, False, fault(error.code).technician.en)
    remedy = "" if found.sound else fault("terminal_journal_broken").technician.en
    return Finding(
        "journal", tried, f"{found.entries} entries, {len(found.problems)} problems", found.sound, remedy
    )


def _broker(settings: Settings) -> Finding:
    address = f"{settings.link.host}:{settings.link.port}"
    try:
        socket.create_connection((settings.link.host, settings.link.port), 3.0).close()
    except OSError as error:
        return Finding(
            "message broker",
            f"a connection to {address}",
            error.strerror or "no answer",
            False,
            fault("link_down").technician.en,
        )
    return Finding("message broker", f"a connection to {address}", "it listens", True)


def _platform(settings: Settings) -> Finding:
    url = f"{settings.platform.url}/v1/health"
    headers = {"Authorization": f"Bearer {settings.platform.token}"}
    try:
        answer = httpx.get(url, timeout=5.0, trust_env=False, headers=headers)
        found, ready = f"HTTP {answer.status_code}", answer.status_code == 200
    except httpx.HTTPError as error:
        found, ready = f"no answer ({type(error).__name__})", False
    if ready and not settings.platform.trust.exists():
        found, ready = f"it answers, but {settings.platform.trust.name} is missing", False
    return Finding(
        "service platform", f"GET {url}", found, ready, "" if ready else fault("platform_down").technician.en
    )


def _told_by_terminal(settings: Settings) -> Iterator[Finding]:
    """The devices of a running terminal, as it found them last."""
    with read_only(settings.data) as read:
        row = read.execute("SELECT value FROM meta WHERE name = 'devices'").fetchone()
    told = {one.name: one for one in msgspec.json.decode(row[0], type=list[DeviceHealth])} if row else {}
    for name in settings.devices:
        tried = f"asked the running terminal ({settings.devices[name].driver})"
        if name not in told:
            yield Finding(name, tried, "nothing yet", False, "wait a few seconds and ask again")
            continue
        health = told[name]
        state = DeviceState(
            Availability(health.availability),
            Media(health.media),
            {part: Supply(level) for part, level in health.supplies.items()},
            tuple(health.faults),
            health.detail,
        )
        yield Finding(name, tried, _said(state), state.ready, _remedies(state))


def _device(name: str, settings: DeviceSettings) -> Finding:
    tried = f"{settings.driver} at {settings.port or 'no port'}"
    try:
        device = registry.make(settings)
        try:
            device.open()
            state = device.status()
        finally:
            device.close()
    except DeviceError as error:
        said = f"{error.code}: {error.detail}" if error.detail else error.code
        return Finding(name, tried, said, False, fault(error.code).technician.en)
    return Finding(name, tried, _said(state), state.ready, _remedies(state))


def _remedies(state: DeviceState) -> str:
    return "; ".join(fault(code).technician.en for code in state.faults)


def _said(state: DeviceState) -> str:
    supplies = ", ".join(f"{part} {level}" for part, level in state.supplies.items())
    return " · ".join(part for part in (state.availability, supplies, *state.faults, state.detail) if part)
