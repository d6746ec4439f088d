"""What is already known for a form, so that nobody types what an office has."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from config.platform_api import FormData, FormOption, Value
from config.service import Service
from config.words import same, words
from hall.platform import windows
from hall.platform.door import PartsHere
from hall.platform.insurance import known_period, years_on_record
from hall.platform.parts import Parts
from hall.platform.subjects import Subject

routes = APIRouter(prefix="/v1/services", tags=["forms"])


@routes.get("/{service}/form")
def form(service: str, parts: PartsHere, subject: Annotated[str | None, Query()] = None) -> FormData:
    """Values, their sources, and options that only the platform knows.

    Refused `service_unknown` (404), `subject_unknown` (410), `platform_closed` (409).
    """
    parts.require_open()
    found = parts.service(service)
    holder = parts.subjects.get(subject) if subject else None
    match service:
        case "SB01":
            return _insurances(found, holder)
        case "SB02":
            return _years(parts, holder)
        case "ZH03":
            return _windows(found, parts)
        case _:
            return FormData()


def _insurances(service: Service, holder: Subject | None) -> FormData:
    """The insurances on record, all ticked, over their whole span; nothing when there is no record."""
    person = holder.person if holder else None
    period = known_period(person) if person else None
    if person is None or period is None:
        return FormData()
    kinds = {record.kind for record in person.insurance}
    offered = next(field for field in service.fields if field.key == "insurances").options
    known = tuple(FormOption(value=o.value, name=o.name) for o in offered if o.value in kinds)
    values: dict[str, Value] = {
        "insurances": tuple(option.value for option in known),
        "from": period[0],
        "to": period[1],
    }
    source = words("platform.source_insurance")
    return FormData(values=values, sources=dict.fromkeys(values, source), options={"insurances": known})


def _years(parts: Parts, holder: Subject | None) -> FormData:
    """The years on record, the last one chosen; nothing when there is no record."""
    person = holder.person if holder else None
    years = years_on_record(person, parts.now().date()) if person else ()
    if not years:
        return FormData()
    return FormData(
        values={"year": years[0]},
        sources={"year": words("platform.source_insurance")},
        options={"year": tuple(FormOption(value=year, name=same(year)) for year in years)},
    )


def _windows(service: Service, parts: Parts) -> FormData:
    """The windows, each with the people waiting."""
    offered = next(field for field in service.fields if field.key == "window").options
    options = []
    with parts.store.reading() as connection:
        for option in offered:
            count = windows.waiting(connection, option.value, parts.now())
            row = "platform.window_waiting" if count else "platform.window_free"
            options.append(FormOption(value=option.value, name=words(row, window=option.name, waiting=count)))
    return FormData(options={"window": tuple(options)})
