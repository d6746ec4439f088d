"""Appointments of a form with several offices: each has fields of its own, `day_NAME` and `slot_NAME`."""

from __future__ import annotations

from collections.abc import Mapping

from config.form import When
from config.platform_api import FormData, FormOption
from hall.platform import slots
from hall.platform.office import Asking, Filing
from hall.platform.slots import Place


def both(asking: Asking, offices: Mapping[str, str]) -> FormData:
    """What is free; `offices` is by the form's option the name in `slots.toml`."""
    found: dict[str, tuple[FormOption, ...]] = {}
    with asking.parts.store.reading() as connection:
        for name, office in offices.items():
            free = slots.options(connection, office, asking.today)
            found[f"day_{name}"] = free["day"]
            found[f"slot_{name}"] = tuple(_of(option, f"day_{name}") for option in free["slot"])
    return FormData(options=found)


def taken(filing: Filing, offices: Mapping[str, str]) -> Place:
    """The place that the form asks for. Refused as `slots.take`."""
    name = filing.text("office")
    day, slot = filing.text(f"day_{name}"), filing.text(f"slot_{name}")
    return slots.take(filing.transaction, offices[name], day, slot, filing.case_no, filing.now)


def _of(option: FormOption, field: str) -> FormOption:
    """The same half-hour, on the days of that field."""
    assert option.only_if is not None, "a half-hour is of some days"
    return option.model_copy(update={"only_if": When(field=field, is_in=option.only_if.is_in)})
