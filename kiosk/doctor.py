"""The readiness report: what was tried, what was found, what to do.

While a terminal runs on the data folder its devices are in its hands; the
doctor then reports what the terminal itself found last.
"""

from __future__ import annotations

import re
import shutil
import socket
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import httpx
import msgspec
from pydantic import ValidationError

from config import assets
from config.devices import Availability, DeviceState, Kind, Media, Supply, as_missed
from config.faults import Severity, any_fault, fault
from config.platform_api import PlatformHealth
from config.settings import DeviceSettings, Settings
from drivers import registry
from drivers.device import DeviceError
from kiosk import identity, journal, stock_desk
from kiosk.counters import UNKNOWN, Counters
from kiosk.stocked_printer import with_stock
from kiosk.store import StoreError, in_use, read_only
from mqtt.messages import DeviceHealth

DISK_LOW = 500 * 1024 * 1024
WAIT = "wait a few seconds and ask again"
SETTLES = {Kind.PERSON_CAMERA: 1.2, Kind.DOCUMENT_CAMERA: 1.2}  # seconds until a covered lens shows as such


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
    text, bad = written(settings)
    print(text, end="")
    return 1 if bad else 0


def written(settings: Settings) -> tuple[str, int]:
    """The readiness report as text, and how many things are not ready."""
    identity = settings.identity
    lines = [f"Readiness report · terminal {identity.area}/{identity.hall}/{identity.kiosk}", ""]
    findings = list(examine(settings))
    for finding in findings:
        lines.append(f"{'ready    ' if finding.ready else 'NOT READY'}  {finding.name}")
        lines.append(f"             tried  {finding.tried}")
        lines.append(f"             found  {finding.found}")
        if finding.remedy:
            lines.append(f"             to do  {finding.remedy}")
    bad = sum(not finding.ready for finding in findings)
    lines += ["", f"{len(findings) - bad} ready, {bad} not ready", ""]
    return "\n".join(lines), bad


def examine(settings: Settings) -> Iterator[Finding]:
    """Every finding, in the order in which a technician would look."""
    yield _files()
    yield _disk(settings)
    yield _journal(settings)
    yield from _identity(settings)
    yield _broker(settings)
    yield _platform(settings)
    if in_use(settings.data):
        yield from _told_by_terminal(settings)
    else:
        counters = _kept_counts(settings)
        for name, device in settings.devices.items():
            found = _device(name, device, settings)
            if counters is not None:
                found = _with_counts(found, counters.counts(name), counters.runs_out(name))
            yield found


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


def _identity(settings: Settings) -> Iterator[Finding]:
    """The certificate of an enrolled terminal, and whether it renews itself as it should."""
    tried = f"the certificate in {identity.link(settings.data)}"
    try:
        found = identity.read(settings.data)
        if found is not None:
            found.key()
    except identity.IdentityError as error:
        return (yield Finding("identity", tried, error.code, False, error.remedy))
    if found is None:
        if settings.identity.enrolled:
            remedy = fault("certificate_expired").technician.en
            yield Finding("identity", tried, "there is none", False, remedy)
        return
    now = identity.now()
    code = ""
    if now >= found.late_at:
        code = "certificate_expired" if now >= found.ends else "certificate_expiring"
    said = f"{found.home.terminal}, until {found.ends:%F}, to be renewed from {found.renew_at:%F}"
    yield Finding("identity", tried, said, not code, fault(code).technician.en if code else "")


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
    url, trust = f"{settings.platform.url}/v1/health", settings.platform.trust
    found, remedy = _asked_platform(url, settings.platform.token)
    if not remedy and not trust.exists():
        found, remedy = (
            f"it answers, but {trust.name} is missing",
            f"put the platform's root certificate at {trust}",
        )
    return Finding("service platform", f"GET {url}", found, not remedy, remedy)


def _asked_platform(url: str, token: str) -> tuple[str, str]:
    """What was found and what to do about it; nothing to do when its back office is open."""
    down = fault("platform_down").technician.en
    try:
        answer = httpx.get(url, timeout=5.0, trust_env=False, headers={"Authorization": f"Bearer {token}"})
        if answer.status_code in (401, 403):
            return f"HTTP {answer.status_code}: it does not admit this terminal", "compare platform.token"
        if answer.status_code != 200:
            return f"HTTP {answer.status_code}", down
        is_open = PlatformHealth.model_validate_json(answer.content).open
        return ("it is open", "") if is_open else ("it answers that it is closed", down)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no answer ({type(error).__name__})", down
    except ValidationError:
        return "something answers that is no service platform", "compare platform.url"


def _told_by_terminal(settings: Settings) -> Iterator[Finding]:
    """The devices of a running terminal, as it found them last."""
    with read_only(settings.data) as read:
        row = read.execute("SELECT value FROM meta WHERE name = 'devices'").fetchone()
    told = {one.name: one for one in msgspec.json.decode(row[0], type=list[DeviceHealth])} if row else {}
    for name, device in settings.devices.items():
        tried = f"asked the running terminal ({device.driver})"
        if name not in told:
            yield Finding(name, tried, "nothing yet", False, WAIT)
            continue
        health = told[name]
        state = DeviceState(
            Availability(health.availability),
            Media(health.media),
            {part: Supply(level) for part, level in health.supplies.items()},
            tuple(health.faults),
            health.detail,
            health.levels,
        )
        yield _with_counts(_judged(name, tried, state, device.optional), health.counts, health.runs_out)


def _device(name: str, settings: DeviceSettings, terminal: Settings) -> Finding:
    tried = f"{settings.driver} at {without_password(registry.port_of(settings)) or 'no port'}"
    try:
        registry.check_kind(settings)
        device = registry.make(settings)
        try:
            device.open()
            time.sleep(SETTLES.get(settings.kind, 0.0))
            state = device.status()
            if settings.kind is Kind.SPECIAL_PRINTER:
                state = with_stock(state, stock_desk.account(terminal, name))
        finally:
            device.close()
    except DeviceError as error:
        state = DeviceState(Availability.OFFLINE, faults=(error.code,), detail=error.detail)
    except Exception as error:  # an outside driver's own mistake is a finding too
        state = DeviceState(Availability.FAULT, faults=("terminal_internal",), detail=type(error).__name__)
    return _judged(name, tried, state, settings.optional)


def without_password(port: str) -> str:
    """A camera's address may hold a name and a password: this report is sent around."""
    return re.sub(r"(?<=://)[^/@]*@", "…@", port)


def _judged(name: str, tried: str, state: DeviceState, optional: bool) -> Finding:
    """Ready is what may be used and has nothing that somebody must see to today, or need not be there."""
    state = as_missed(state, optional)
    if optional and state.availability is Availability.ABSENT and not state.faults:
        return Finding(name, tried, "absent, and optional", True)
    serious = any(any_fault(code).severity is not Severity.NOTICE for code in state.faults)
    ready = state.ready and not serious
    remedies = [any_fault(code).technician.en for code in state.faults]
    if not ready and not remedies:
        unknown = state.availability is Availability.UNKNOWN
        remedies = [WAIT if unknown else fault("device_offline").technician.en]
    return Finding(name, tried, _said(state), ready, "; ".join(remedies))


def _with_counts(finding: Finding, counts: Mapping[str, int], runs_out: Mapping[str, str]) -> Finding:
    """What it has done and used up, and until when its supplies last."""
    said = [f"{name} {number}" for name, number in sorted(counts.items())]
    said += [f"{supply} until about {day}" for supply, day in runs_out.items() if day != UNKNOWN]
    return replace(finding, found=" · ".join([finding.found, *said]))


def _kept_counts(settings: Settings) -> Counters | None:
    """What a terminal that does not run now has counted; None before its first start."""
    try:
        with read_only(settings.data) as read:
            return Counters.read(read, settings.devices)
    except (StoreError, sqlite3.Error):
        return None


def _said(state: DeviceState) -> str:
    supplies = ", ".join(_supply(state, part) for part in state.supplies)
    return " · ".join(part for part in (state.availability, supplies, *state.faults, state.detail) if part)


def _supply(state: DeviceState, part: str) -> str:
    """`paper full, about 80 % (main 40 %, lower 100 %)`, as far as it is known."""
    said = f"{part} {state.supplies[part]}"
    if part not in state.levels:
        return said
    each = [f"{n.partition(':')[2]} {p} %" for n, p in state.levels.items() if n.startswith(f"{part}:")]
    return f"{said} about {state.levels[part]} %" + (f" ({', '.join(each)})" if each else "")
