"""What goes with a citizen whom the terminal sends to a window: where, which number to say, a telephone."""

from __future__ import annotations

from config.devices import Kind
from config.words import Words, words
from kiosk.documents import papers
from kiosk.printing import slips
from kiosk.prompts import TakePaper, Working
from kiosk.visit import Visit

USUAL_REFERRAL = 4  # seconds


async def refer(visit: Visit, why: Words | None = None) -> None:
    """Prints the referral slip and hands it over. Without a printer, or a print, the words on the screen did.

    Raises what a prompt raises; the session's outcome stands before.
    """
    if not visit.backstage.devices.ready(Kind.RECEIPT_PRINTER):
        return
    visit.show(Working(words("journey.printing_referral"), USUAL_REFERRAL, Kind.RECEIPT_PRINTER))
    receipt = papers.referral_slip(visit, why)
    printed = await visit.shielded(slips.print_slip(visit, "referral", receipt))
    if printed.state == "confirmed":
        note = words("journey.referral_note")
        await slips.hand_over(visit, TakePaper(words("journey.take_referral"), Kind.RECEIPT_PRINTER, note))
