"""The readiness report as a paper, as a text, and as what the hall is told: what is not ready comes first."""

from __future__ import annotations

from collections.abc import Sequence

from config.devices import Kind
from config.faults import any_fault
from config.settings import Identity
from config.words import words
from kiosk.devices.devices import Devices
from kiosk.documents.papers import Issuer, staff_slip
from kiosk.documents.receipts import Receipt
from kiosk.printing.print_job import Printed, Printer
from kiosk.readiness.finding import Finding, worst_first
from kiosk.readiness.trial_prints import page_of, print_page
from kiosk.readiness.workplace import PrintSlip
from mqtt.messages import PartFound, ReadinessReported

LONGEST_DETAIL = 200  # characters for the hall
LONGEST_FOUND = 120  # characters on the roll


def message(by: str, findings: Sequence[Finding]) -> ReadinessReported:
    """For the hall. `by`: a technician's number, `hall`, or `install`."""
    return ReadinessReported(by, [_told(one) for one in findings])


def _told(one: Finding) -> PartFound:
    zh, en = one.found.zh[:LONGEST_DETAIL], one.found.en[:LONGEST_DETAIL]
    return PartFound(one.name, one.ready, list(one.codes), en, zh if zh != en else "")


def text(identity: Identity, findings: Sequence[Finding], language: str) -> str:
    """The whole report, as the command line shows it and the hall fetches it."""
    lines = [*head(identity, language)]
    for finding in findings:
        lines += lines_of(finding, language)
    return "\n".join([*lines, *foot(findings, language), ""])


def head(identity: Identity, language: str) -> list[str]:
    """The first lines of the text."""
    terminal = f"{identity.area}/{identity.hall}/{identity.kiosk}"
    said = words("doctor.terminal", terminal=terminal)[language]
    return [f"{words('doctor.title')[language]} · {said}", ""]


def lines_of(finding: Finding, language: str) -> list[str]:
    """One finding: how it stands, what was tried, found, left out; each fault by name, and what to do."""
    state = "not_ready" if not finding.ready else "attention" if finding.codes else "ready"
    said = [f"{_wide(words(f'doctor.{state}')[language], 9)}  {finding.title[language]}"]
    rows = [("tried", finding.tried[language]), ("found", finding.found[language] or "–")]
    if finding.untried is not None:
        rows.append(("untried", finding.untried[language]))
    for one in map(any_fault, finding.codes):
        rows.append(("fault", one.name[language]))
        rows.append(("to_do", f"{one.technician[language]} [{one.code}]"))
    return said + [f"           {_wide(words(f'doctor.{row}')[language], 6)} {told}" for row, told in rows]


def foot(findings: Sequence[Finding], language: str) -> list[str]:
    """The last lines of the text."""
    bad = sum(not one.ready for one in findings)
    return ["", words("doctor.counts", ready=len(findings) - bad, bad=bad)[language]]


def paper(issuer: Issuer, findings: Sequence[Finding], language: str) -> Receipt:
    """On the roll: what somebody must see to, with codes and remedies; of the rest only how many."""
    bad = sum(not one.ready for one in findings)
    rows = []
    for one in worst_first(findings):
        if one.ready and not one.codes:
            continue
        mark = words("doctor.attention" if one.ready else "doctor.not_ready")
        told = words("doctor.on_paper", mark=mark, found=one.found)[language]
        rows.append((one.title[language], told[:LONGEST_FOUND]))
        remedies = zip(one.codes, one.remedies, strict=True)
        rows += [(words("doctor.to_do")[language], f"{do[language]} [{code}]") for code, do in remedies]
    counted = words("doctor.counts", ready=len(findings) - bad, bad=bad)[language]
    rows.append((words("doctor.found")[language], counted))
    next = words("doctor.paper_next" if bad else "doctor.all_ready")[language]
    return staff_slip(issuer, words("doctor.title")[language], rows, next, language=language)


async def print_paper(devices: Devices, print_slip: PrintSlip, made: Receipt) -> Printed:
    """On the roll; on a page of A4 where there is no receipt printer that can."""
    if devices.ready(Kind.RECEIPT_PRINTER):
        return await print_slip(devices.pick(Kind.RECEIPT_PRINTER), made)
    if not devices.ready(Kind.A4_PRINTER):
        return Printed("failed", devices.fault(Kind.RECEIPT_PRINTER), begun=False)
    name = devices.pick(Kind.A4_PRINTER)
    code = await print_page(Printer(devices, Kind.A4_PRINTER, name), page_of([made]))
    return Printed("failed", code) if code else Printed("confirmed", device=name)


def _wide(told: str, columns: int) -> str:
    """Filled up to `columns`; a Chinese character is two wide."""
    return told + " " * max(0, columns - sum(2 if ord(one) > 0x2E7F else 1 for one in told))
