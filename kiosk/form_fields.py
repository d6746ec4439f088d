"""A field of the catalogue as the page shows it: its value, its limits, and who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from config.devices import Kind
from config.form import FieldSpec
from config.platform_api import FormData
from config.words import Words, words
from kiosk.masked import masked_number
from kiosk.prompts import Field, FieldKind, Option, Value
from kiosk.visit import Visit

SHORT, LONG = 100, 500  # characters of a text that no rule limits
_SOURCES = {  # of who somebody is, by how it became known; else from the identity card
    "social": "journey.source_social_card",
    "app": "identify.source_app",
    "typed": "identify.source_typed",
    "principal": "identify.source_principal",
}
_MOST = {"id_number": 18, "credit_code": 18, "bank_card": 19, "plate": 8, "phone": 13, "money": 11}


@dataclass(frozen=True)
class Filling:
    """How a form stands: what the platform knows of it, what is in its fields, what is wrong with them."""

    known: FormData
    values: Mapping[str, Value]
    problems: Mapping[str, Words] = field(default_factory=dict)


def field_of(visit: Visit, spec: FieldSpec, form: Filling) -> Field:
    """One field. What an office holds may be doubted; what the card says is the card's."""
    person = visit.session.person
    value: Value = form.values.get(spec.key, "")
    source = form.known.sources.get(spec.key)
    doubt = source is not None and bool(value) and visit.session.subject is not None
    if spec.card and person is not None:
        value = person.name if spec.card == "name" else masked_number(person.number).zh
        source, doubt = words(_SOURCES.get(person.card, "journey.source_card")), False
    earliest, latest = days(spec, visit.backstage.today())
    return Field(
        key=spec.key,
        kind=FieldKind(spec.kind),
        label=spec.label,
        value=value,
        options=options(spec, form.known),
        locked=spec.locked,
        source=source,
        required=spec.required,
        earliest=earliest,
        latest=latest,
        problem=form.problems.get(spec.key),
        scan=spec.scan and visit.backstage.devices.ready(Kind.CODE_SCANNER),
        hint=spec.hint,
        masked=spec.masked,
        long=spec.long,
        most=most(spec),
        only_if=spec.only_if,
        doubt=doubt,
    )


def options(spec: FieldSpec, known: FormData) -> tuple[Option, ...]:
    """What may be chosen: by the platform's word where it has one."""
    offered = known.options.get(spec.key)
    if offered is not None:
        return tuple(Option(one.value, one.name, only_if=one.only_if) for one in offered)
    return tuple(Option(one.value, one.name) for one in spec.options)


def most(spec: FieldSpec) -> int:
    """How many characters fit; 0 for what is not written."""
    for use in spec.rules:
        if use.rule == "max_length":
            return int(use.parameters["characters"])
    if spec.kind == "text":
        return LONG if spec.long else SHORT
    return _MOST.get(spec.kind, 0)


def days(spec: FieldSpec, today: date) -> tuple[date | None, date | None]:
    """The first and the last day, or month, that the field's rules allow."""
    first: date | None = None
    last: date | None = None
    for use in spec.rules:
        match use.rule:
            case "not_in_future":
                last = today
            case "not_in_past":
                first = max(first or today, today)
            case "days_ahead":
                first = today + timedelta(days=use.parameters["least"])
                last = today + timedelta(days=use.parameters["most"])
    return first, last
