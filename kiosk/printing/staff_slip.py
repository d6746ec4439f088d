"""A slip for staff: a print whose end no device can tell is handed to people, once, with what to do.

It names no citizen: what sort of paper, where, when, and of a certificate the end of its number.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from config.devices import Kind
from config.identifiers import made_at
from config.words import words
from kiosk.backstage import Backstage
from kiosk.data.ledger import Ledger, OpenRecord
from kiosk.documents import papers
from kiosk.documents.receipts import Receipt
from kiosk.printing.printing import Order, print_order, sealed_receipt
from kiosk.printing.reprint import may_be_on_paper
from kiosk.printing.slips import at_the_mouth

DOCUMENT = "staff"
SORTS = ("certificate", "copy", "receipt", "ticket", "progress", "referral")  # of paper that have a name
ATTEMPTS = 5  # at a printer that says that it is ready, and then that it is not
SHOWN_DIGITS = 4  # of a certificate's number


async def tell(stage: Backstage, unknown: Sequence[OpenRecord], serving: Callable[[], bool]) -> None:
    """Prints the slip of each of these prints that has none yet, while nobody is being served.

    A slip's own end is nobody's to look after, so there is no slip of a slip.
    """
    for record in unknown:
        attempt = (
            0 if record.document == DOCUMENT else await asyncio.to_thread(_attempt, stage.ledger, record)
        )
        if not attempt:
            continue
        if serving() or not stage.devices.ready(Kind.RECEIPT_PRINTER):
            return
        order = Order(record.session, record.service, DOCUMENT, _name(record), attempt)
        paper = sealed_receipt(slip(stage, record))
        await at_the_mouth(stage, print_order(stage.devices, stage.ledger, order, paper, keep=False))


def slip(stage: Backstage, record: OpenRecord) -> Receipt:
    """What stands on it."""
    sort = record.document if record.document in SORTS else "other"
    rows = [
        (words("staff_slip.document").zh, words(f"staff_slip.document_{sort}").zh),
        (words("staff_slip.when").zh, f"{datetime.fromtimestamp(made_at(record.id)):%Y-%m-%d %H:%M}"),
        (words("staff_slip.record").zh, record.id),
    ]
    if record.document == "certificate":
        number = f"…{record.name[-SHOWN_DIGITS:]}"
        rows.insert(1, (words("staff_slip.number").zh, number))
    next = words("staff_slip.next", record=record.id).zh
    return papers.staff_slip(stage, words("staff_slip.title").zh, rows, next)


def _attempt(ledger: Ledger, record: OpenRecord) -> int:
    """Which slip of it would be the next; 0 when one may be on paper, or none is to be had."""
    first = ledger.find(f"{_name(record)}/1")
    former = ledger.attempts(first) if first is not None else []
    over = len(former) >= ATTEMPTS or any(may_be_on_paper(one) for one in former)
    return 0 if over else len(former) + 1


def _name(record: OpenRecord) -> str:
    return f"staff-{record.id}"
