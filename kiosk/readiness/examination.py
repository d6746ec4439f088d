"""What a running terminal does for whoever examines it: tries a device, tells the hall, prints the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from kiosk.backstage import Backstage
from kiosk.printing.print_job import Printed
from kiosk.readiness import readiness_paper
from kiosk.readiness.device_trial import at_terminal, try_device
from kiosk.readiness.finding import Finding
from kiosk.readiness.workplace import Allowed


async def try_one(
    stage: Backstage, device: str, allowed: Allowed, serving: Callable[[], bool]
) -> Finding | str:
    """The finding; or the code why nothing was tried: a citizen is served, or there is no such device."""
    if serving():
        return "terminal_serving"
    if device not in stage.settings.devices:
        return "device_absent"
    return await try_device(at_terminal(stage), device, allowed)


async def report(stage: Backstage, by: str, findings: Sequence[Finding], paper: bool) -> Printed | None:
    """Tells the hall, and prints it where that is wanted. None: nothing was to be printed."""
    await tell_hall(stage, by, findings)
    return await print_report(stage, findings) if paper else None


async def tell_hall(stage: Backstage, by: str, findings: Sequence[Finding]) -> None:
    """Journalled and into the outbox. `by`: a technician's number, `hall`, or `install`."""
    await stage.ledger.tell("", readiness_paper.message(by, findings))


async def print_report(stage: Backstage, findings: Sequence[Finding], language: str = "") -> Printed:
    """On the roll, else on a page; in the terminal's language unless another is named."""
    made = readiness_paper.paper(stage, findings, language or stage.settings.screen.language)
    return await readiness_paper.print_paper(stage.devices, at_terminal(stage).print_slip, made)
