"""The machine: where it is linked to, what runs on it, its log, its journal."""

from __future__ import annotations

import asyncio
import json
import platform
import time
from datetime import datetime

from config.addresses import without_secrets
from config.words import Words, same, words
from kiosk import log_file
from kiosk.data import journal
from kiosk.prompts import Condition, Row, WorkLine, WorkList, WorkSheet
from kiosk.software import software
from kiosk.technician import addresses
from kiosk.technician.workshop import Ended, Shift, action

LINES_SHOWN = 200
LOG_HOURS = 24.0 * 7
PROBLEMS_SHOWN = 20


# ── the network ─────────────────────────────────────────────────────────────
def told_network(shift: Shift) -> tuple[Words, Condition]:
    """In the list: whether hall and platform can be reached."""
    if not shift.shop.backstage.linked():
        return words("technician.hall_away"), Condition.NOT_READY
    if not shift.shop.backstage.platform_open():
        return words("technician.platform_away"), Condition.NOT_READY
    return words("technician.linked"), Condition.READY


async def network(shift: Shift) -> None:
    """Addresses, hall, broker, platform, certificate, time, and what waits for the hall."""
    settings = shift.shop.backstage.settings
    identity, link = settings.identity, settings.link
    yes, no = words("technician.yes"), words("technician.no")
    own = await asyncio.to_thread(addresses.own)
    until = await asyncio.to_thread(addresses.certificate_until, settings)
    told, how = told_network(shift)
    rows = (
        Row(words("technician.terminal"), same(f"{identity.area}/{identity.hall}/{identity.kiosk}")),
        Row(words("technician.addresses"), same(", ".join(own) or "-")),
        Row(words("technician.hall"), same(await asyncio.to_thread(addresses.hall, settings) or "-")),
        Row(words("technician.broker"), same(f"{link.host}:{link.port}{' TLS' if link.tls else ''}")),
        Row(words("technician.broker_there"), yes if shift.shop.backstage.linked() else no),
        Row(words("technician.platform"), same(without_secrets(settings.platform.url))),
        Row(words("technician.platform_there"), yes if shift.shop.backstage.platform_open() else no),
        Row(words("technician.certificate"), same(until or "-")),
        Row(words("technician.time"), same(f"{datetime.now().astimezone():%Y-%m-%d %H:%M:%S %z}")),
        Row(words("technician.outbox"), same(str(shift.shop.health.report().outbox))),
    )
    await shift.choose(WorkSheet(words("technician.part_network"), rows, (action("back"),), how, told))


# ── what runs here ──────────────────────────────────────────────────────────
def told_versions(shift: Shift) -> tuple[Words, Condition]:
    """In the list: the software."""
    return same(software()), Condition.READY


async def versions(shift: Shift) -> None:
    """Software, catalogue, system, how long it has run."""
    stage = shift.shop.backstage
    release, number = stage.catalogue.release, len(stage.catalogue.services)
    catalogue = words("technician.catalogue_built_in", n=number)
    if release:
        catalogue = words("technician.catalogue_release", release=release, n=number)
    rows = (
        Row(words("technician.software"), same(software())),
        Row(words("technician.catalogue"), catalogue),
        Row(words("technician.system"), same(f"{platform.system()} {platform.release()}")),
        Row(words("technician.python"), same(platform.python_version())),
        Row(words("technician.uptime"), same(_span(shift.shop.health.report().uptime))),
        Row(words("technician.starts"), same(str(stage.ledger.boot))),
    )
    await shift.choose(WorkSheet(words("technician.part_versions"), rows, (action("back"),), Condition.READY))


def _span(seconds: int) -> str:
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


# ── the log ─────────────────────────────────────────────────────────────────
def told_log(shift: Shift) -> tuple[Words, Condition]:
    """In the list: only what stands behind it."""
    return words("technician.log_told"), Condition.PLAIN


async def log(shift: Shift) -> None:
    """The last lines, the newest first; it holds nothing personal."""
    lines = await asyncio.to_thread(_last_lines, shift)
    page = WorkList(words("technician.part_log"), lines, (action("back"),))
    await shift.choose(page)


def _last_lines(shift: Shift) -> tuple[WorkLine, ...]:
    lines = log_file.last(shift.shop.backstage.settings.data, LOG_HOURS, time.time(), LINES_SHOWN)
    return tuple(_log_line(line) for line in reversed(lines))


def _log_line(line: str) -> WorkLine:
    try:
        told = json.loads(line)
    except ValueError:
        told = {"event": line.strip()}
    level = str(told.pop("level", ""))
    at = _local(str(told.pop("time", "")))
    event = str(told.pop("event", ""))
    rest = " ".join(f"{name}={value}" for name, value in told.items())
    bad = {"error": Condition.NOT_READY, "critical": Condition.NOT_READY, "warning": Condition.ATTENTION}
    return WorkLine("", same(f"{at} {event}"), same(rest[:200]), bad.get(level, Condition.READY))


def _local(stamp: str) -> str:
    """A line's time as the clock of the hall shows it: month, day, time."""
    try:
        return f"{datetime.fromisoformat(stamp).astimezone():%m-%d %H:%M:%S}"
    except ValueError:
        return stamp[5:19]


# ── the journal ─────────────────────────────────────────────────────────────
def told_journal(shift: Shift) -> tuple[Words, Condition]:
    """In the list: how many entries."""
    entries, _ = shift.shop.backstage.ledger.look(journal.head)
    return words("technician.entries", entries=entries), Condition.PLAIN


async def check_journal(shift: Shift) -> None:
    """Walks the whole chain."""
    shift.busy(words("technician.checking_journal"))
    reports: list[journal.Report] = []

    async def work() -> Ended:
        look = shift.shop.backstage.ledger.look
        report = await asyncio.to_thread(look, journal.verify)
        reports.append(report)
        return Ended("" if report.sound else "terminal_journal_broken", f"{report.entries} entries")

    ended = await shift.does("journal_checked", "", work())
    (report,) = reports
    rows = [Row(words("technician.checked_entries"), same(str(report.entries)))]
    rows += [Row(words("technician.head"), same(report.head[:16]))]
    rows += [
        Row(words("technician.problem"), same(f"{one.what} {one.n or '-'}"))
        for one in report.problems[:PROBLEMS_SHOWN]
    ]
    await shift.result(words("technician.part_journal"), Ended(ended.code), *rows)
