"""The readiness report made at the machine, and the support bundle onto a stick."""

from __future__ import annotations

import asyncio
from pathlib import Path

from config.words import Words, same, words
from kiosk.doctor import within
from kiosk.prompts import Condition, Row, WorkList, WorkSheet
from kiosk.readiness import device_trial, examination
from kiosk.readiness.finding import Finding, worst_first
from kiosk.readiness.workplace import Allowed
from kiosk.technician import device_pages, finding_page, support_bundle
from kiosk.technician.stick import copy_to_stick
from kiosk.technician.workshop import Ended, Shift, action

REPORT_SECONDS = 300.0  # for all devices, a page of a slow printer among them
USUAL_SECONDS = 60
BUNDLES, STICK = "support", "stick"  # folders beside the terminal's data


async def report(shift: Shift) -> None:
    """Examines everything, tells the hall, shows it; on paper when he wants it so."""
    findings: list[Finding] = []
    shift.busy(words("technician.examining"), USUAL_SECONDS)
    await shift.does("readiness_reported", "", _examined(shift, findings))
    chosen = ""
    findings = worst_first(findings)
    while True:
        chosen = await shift.choose(_list(findings, chosen))
        if chosen == "back":
            return
        if chosen == "print":
            shift.busy(words("technician.printing_report"), USUAL_SECONDS)
            ended = await shift.does("report_printed", "", _printed(shift, findings))
            await shift.result(words("technician.act_report"), ended)
        else:
            findings[int(chosen)] = await _shown(shift, findings[int(chosen)])


async def _shown(shift: Shift, found: Finding) -> Finding:
    """Its page. A device is tried again there, as on the page of its test; what was found at last."""
    if found.name in shift.shop.backstage.settings.devices:
        return await device_pages.show_found(shift, found.name, found, Allowed(paper=True, person=True))
    await shift.choose(finding_page.sheet(found))
    return found


async def _examined(shift: Shift, findings: list[Finding]) -> Ended:
    """With paper, since a technician stands there; nothing is asked of him."""
    stage = shift.shop.backstage
    place = device_trial.at_terminal(stage, lambda asked: shift.busy(asked, USUAL_SECONDS))
    try:
        async with asyncio.timeout(REPORT_SECONDS):
            async for finding in within.examine(stage, Allowed(paper=True), place.ask):
                findings.append(finding)
                shift.busy(words("technician.examined", what=finding.title), USUAL_SECONDS)
    except TimeoutError:
        return Ended("command_failed", "timeout")  # what was found until then is shown
    await examination.tell_hall(stage, shift.actor, findings)
    return Ended("", f"{sum(not one.ready for one in findings)} not ready")


async def _printed(shift: Shift, findings: list[Finding]) -> Ended:
    printed = await examination.print_report(shift.shop.backstage, findings)
    return Ended("" if printed.state == "confirmed" else printed.code or "receipt_failed", printed.state)


def _list(findings: list[Finding], at: str) -> WorkList:
    lines = tuple(finding_page.line(str(n), one) for n, one in enumerate(findings))
    bad = sum(not one.ready for one in findings)
    return WorkList(
        words("technician.act_report"),
        lines,
        (action("print"), action("back")),
        words("technician.report_sums", ready=len(findings) - bad, bad=bad),
        at,
    )


# ── the support bundle ──────────────────────────────────────────────────────
async def bundle(shift: Shift) -> None:
    """Makes one, and copies it onto the stick that is plugged in, if he wants it so."""
    made: list[Path] = []
    shift.busy(words("technician.packing"), USUAL_SECONDS)
    ended = await shift.does("bundle_made", "", _packed(shift, made))
    if not made:
        await shift.result(_bundle_title(), ended)
        return
    size = f"{made[0].stat().st_size / 1024:.0f} kB"
    rows = (Row(words("technician.file"), same(made[0].name)), Row(words("technician.size"), same(size)))
    actions = (action("stick"), action("back"))
    page = WorkSheet(_bundle_title(), rows, actions, Condition.READY, words("technician.how_stick"))
    while await shift.choose(page) == "stick":
        shift.busy(words("technician.copying"), USUAL_SECONDS)
        ended = await shift.does("bundle_copied", "stick", _copied(shift, made[0]))
        await shift.result(_bundle_title(), ended)


async def _packed(shift: Shift, made: list[Path]) -> Ended:
    settings = shift.shop.backstage.settings
    try:
        made.append(await asyncio.to_thread(support_bundle.make, settings, settings.data.parent / BUNDLES))
    except OSError as error:
        return Ended("terminal_disk_full", type(error).__name__)
    return Ended("", made[0].name)


async def _copied(shift: Shift, made: Path) -> Ended:
    code = await copy_to_stick(shift.shop.backstage.settings.data.parent / STICK, made)
    return Ended(code, "" if code else made.name)


def _bundle_title() -> Words:
    return words("technician.act_bundle")
