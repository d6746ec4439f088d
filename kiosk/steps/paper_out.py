"""When a certificate did not come out well: told truly, asked truly, and printed again if the citizen likes.

Nobody is left standing: each page has a way on, at the last the window.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from config.devices import Kind
from config.words import words
from kiosk.documents import papers
from kiosk.printing import reprint
from kiosk.printing.print_job import Printed
from kiosk.printing.print_wait import printing
from kiosk.printing.reprint import Refused
from kiosk.prompts import ChooseOne, Working
from kiosk.session import Outcome
from kiosk.visit import Visit

USUAL_PRINTING, USUAL_ASKING = 10, 4  # seconds, told while the citizen waits
ALWAYS_SO = ("certificate_invalid", "print_copies_used")  # refused again however often it is tried
Anew = Callable[[], Coroutine[Any, Any, Printed]]


async def see_out(visit: Visit, printed: Printed, kind: Kind, anew: Anew | None = None) -> Printed:
    """Returns the print that came out, sooner or later. Raises as the way that the citizen takes instead.

    `anew` fetches and prints what was not even noted, so that there is nothing to print again.
    """
    before = visit.session.outcome
    while not printed.came:
        visit.session.outcome = Outcome.FAILED
        if printed.state == "unknown":
            printed = await _ask_whether_it_came(visit, printed, kind)
        else:
            await _offer_again(visit, printed, kind, anew)
            async with printing(visit, Working(words("journey.printing_again"), USUAL_PRINTING, kind)):
                printed = await visit.shielded(_again(visit, printed, anew))
    visit.session.outcome = before
    return printed


async def _ask_whether_it_came(visit: Visit, printed: Printed, kind: Kind) -> Printed:
    """The citizen sees the tray, the terminal does not. Returns the print as it has ended."""
    ways = tuple(papers.option(way) for way in ("came", "nothing", "help"))
    way = await visit.choose(ChooseOne(words("journey.came_question"), ways, note=words("journey.came_note")))
    if way == "help":
        await visit.tell_trouble(printed.code or "a4_failed", "window", "home")
    fate: reprint.Fate = "came" if way == "came" else "nothing"
    stage = visit.backstage
    visit.show(Working(words("journey.asking_printer"), USUAL_ASKING, kind))
    try:
        return await visit.shielded(reprint.settle(stage, printed.record, fate, "citizen"))
    except Refused as refused:
        if way == "came":  # nobody can say so to the record: it is asked after as long as it must be
            return replace(printed, state="confirmed")
        if refused.code != "print_not_taken_back":  # the terminal has found its end meanwhile
            return await reprint.as_it_stands(stage, printed)
        await visit.tell_trouble(refused.code, "again", "window", "home")
        return printed


async def _offer_again(visit: Visit, printed: Printed, kind: Kind, anew: Anew | None) -> None:
    """Returns when the citizen wants it printed again and the printer is ready."""
    again = await _may_again(visit, printed, anew)
    ways = ("print_again", "window", "home") if again else ("window", "home")
    # The case stands, and with it the fee: the paper can be had again.
    safe = words("journey.paid_print_again") if visit.service.fee else None
    await visit.tell_trouble(printed.code or "a4_failed", *ways, safe=safe)
    while fault := visit.backstage.devices.fault(kind):
        await visit.tell_trouble(fault, "again", "window", "home", safe=safe)


async def _may_again(visit: Visit, printed: Printed, anew: Anew | None) -> bool:
    if not printed.record:
        return anew is not None and printed.code not in ALWAYS_SO
    return await reprint.allowed(visit.backstage, printed.record)


async def _again(visit: Visit, printed: Printed, anew: Anew | None) -> Printed:
    if not printed.record:
        return await anew() if anew is not None else printed
    try:
        return await reprint.reprint(visit.backstage, printed.record, "citizen")
    except Refused as refused:
        return replace(printed, code=refused.code)
