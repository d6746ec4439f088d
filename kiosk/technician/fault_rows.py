"""What is wrong, as rows of a technician's page."""

from __future__ import annotations

from collections.abc import Iterable

from config.faults import any_fault
from config.words import same, words
from kiosk.prompts import Row


def fault_rows(codes: Iterable[str]) -> list[Row]:
    """Each by its name and by the code that the hall and the manual know it by; nothing for an empty code."""
    rows = []
    for code in filter(None, codes):
        name = any_fault(code).name
        rows.append(Row(words("technician.fault"), name))
        if name != same(code):  # an outside driver's own has no other
            rows.append(Row(words("technician.fault_code"), same(code)))
    return rows
