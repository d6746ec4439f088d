"""The pages of a certificate that did not come out well, with the words that the journey gives them."""

from __future__ import annotations

from config.faults import any_fault
from config.words import words
from kiosk.prompts import ChooseOne, Option, Trouble

_PHONE = "0571-0000 0000"


def _ways(*names: str) -> tuple[Option, ...]:
    return tuple(Option(name, words(f"journey.way_{name}")) for name in names)


def _told(code: str, *ways: str, safe: str = "nothing_lost") -> Trouble:
    call = words("journey.call", phone=_PHONE)
    after = words(f"journey.next_{ways[0]}")
    return Trouble(any_fault(code).citizen, words(f"journey.{safe}"), after, call, _ways(*ways), code)


PRINT_FAILED = _told("a4_jam", "print_again", "window", "home")
PRINT_FAILED_PAID = _told("special_failed", "print_again", "window", "home", safe="paid_print_again")
PRINT_LIMIT = _told("print_copies_used", "window", "home")
PRINT_LOST = _told("print_not_taken_back", "again", "window", "home")
DID_IT_COME = ChooseOne(
    words("journey.came_question"), _ways("came", "nothing", "help"), words("journey.came_note")
)
