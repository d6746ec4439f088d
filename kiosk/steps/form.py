"""The form: prefilled and locked where data is known, checked by the catalogue's rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from config import rules
from config.devices import Kind
from config.faults import any_fault
from config.form import FieldSpec
from config.platform_api import FormData
from config.service import Flow, Service
from config.words import Words, words
from drivers.device import DeviceError
from kiosk.platform import PlatformError
from kiosk.prompts import Answer, Field, FieldKind, Filled, FillForm, Option, Value
from kiosk.scan import next_code, number_in
from kiosk.visit import Visit, masked_number


async def fill_form(visit: Visit) -> None:
    """Asks until every field holds; the values stand in the session afterwards."""
    known = await _known(visit)
    values = {**_start_values(visit, known), **visit.session.values}
    problems: dict[str, Words] = {}
    scanned = ""
    while True:
        form = FillForm(
            question=words("journey.form_question"),
            fields=tuple(_field(visit, spec, known, values, problems) for spec in visit.service.fields),
            action=_action(visit.service),
            scanned=scanned,
        )
        try:
            answer = await _answer(visit, form)
        except DeviceError as error:  # of the scanner
            scanned, problems = "", {_scan_key(form): any_fault(error.code).citizen}
            continue
        if isinstance(answer, str):
            scanned, problems = _scan_key(form), {}
            values[scanned] = answer
            continue
        assert isinstance(answer, Filled)
        scanned = ""
        open_keys = {spec.key for spec in visit.service.fields if not spec.locked}
        values.update({k: v for k, v in answer.values.items() if k in open_keys})
        visit.session.values = {k: values[k] for k in open_keys if k in values}
        problems = check(visit.service.fields, values, visit.backstage.today())
        if not problems:
            return


def _action(service: Service) -> Words:
    """What comes after the form: a page to confirm, or the doing itself."""
    confirmed = service.flow is Flow.COPY or (service.level and service.flow is not Flow.QUERY)
    return words("journey.next") if confirmed else service.action


async def _answer(visit: Visit, form: FillForm) -> Answer | str:
    """What the citizen fills in, or the number that he scans. DeviceError `code_unreadable`."""
    if not _scan_key(form):
        return await visit.ask(form)
    backstage = visit.backstage
    answer = await visit.ask_or(form, next_code(backstage.devices))
    if isinstance(answer, str):
        return number_in(backstage.settings.platform.public, answer)
    return answer


def _scan_key(form: FillForm) -> str:
    return next((field.key for field in form.fields if field.scan), "")


def check(fields: tuple[FieldSpec, ...], values: Mapping[str, Value], today: date) -> dict[str, Words]:
    """What is wrong with each field, by key; empty when the form holds."""
    labels = {spec.key: spec.label for spec in fields}
    problems: dict[str, Words] = {}
    for spec in fields:
        value = values.get(spec.key, "")
        if not value:
            if spec.required and not spec.card:
                problems[spec.key] = words("rules.required")
            continue
        for use in spec.rules:
            complaint = rules.complaint(use.rule, use.parameters, value, {**values, "today": today}, labels)
            if complaint is not None:
                problems[spec.key] = complaint
                break
    return problems


async def _known(visit: Visit) -> FormData:
    """What the platform knows for this form; asked again if the citizen likes when it is down."""
    if not any(spec.platform for spec in visit.service.fields):
        return FormData()
    subject = visit.session.subject.subject if visit.session.subject else None
    while True:
        try:
            return await visit.backstage.platform.form(visit.service.id, subject)
        except PlatformError as error:
            await visit.tell_refusal(error, "again", "home")


def _start_values(visit: Visit, known: FormData) -> dict[str, Value]:
    return {spec.key: known.values[spec.key] for spec in visit.service.fields if spec.key in known.values}


def _field(
    visit: Visit,
    spec: FieldSpec,
    known: FormData,
    values: Mapping[str, Value],
    problems: Mapping[str, Words],
) -> Field:
    person = visit.session.person
    value: Value = values.get(spec.key, "")
    source = known.sources.get(spec.key)
    if spec.card and person is not None:
        value = person.name if spec.card == "name" else masked_number(person.number).zh
        social = person.card == "social"
        source = words("journey.source_social_card") if social else words("journey.source_card")
    offered = known.options.get(spec.key)
    options = (
        tuple(Option(o.value, o.name) for o in offered)
        if offered is not None
        else tuple(Option(o.value, o.name) for o in spec.options)
    )
    future_allowed = not any(use.rule == "not_in_future" for use in spec.rules)
    return Field(
        key=spec.key,
        kind=FieldKind(spec.kind),
        label=spec.label,
        value=value,
        options=options,
        locked=spec.locked,
        source=source,
        required=spec.required,
        latest=None if future_allowed else visit.backstage.today(),
        problem=problems.get(spec.key),
        scan=spec.scan and visit.backstage.devices.ready(Kind.CODE_SCANNER),
    )
