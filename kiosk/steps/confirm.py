"""The last page before something is done: what, for whom, on which device."""

from __future__ import annotations

from collections.abc import Iterator

from config.form import FieldSpec
from config.money import yuan
from config.service import Service
from config.words import Words, same, words
from kiosk import left_paper
from kiosk.availability import why_not
from kiosk.prompts import Confirm, Row, Value
from kiosk.visit import Visit, masked_number


async def confirm(visit: Visit) -> None:
    """Asks for the confirmation. Paper and devices are checked before it, and by carry_out after it."""
    await devices_ready(visit)
    await visit.choose(
        Confirm(
            question=words("journey.confirm_question"),
            rows=(*(_row(visit, spec) for spec in visit.service.fields), *_brought(visit.service)),
            action=visit.service.action,
            note=_note(visit.service),
        )
    )


def _brought(service: Service) -> Iterator[Row]:
    """The papers that were scanned, and what is still to be paid."""
    for material in service.materials:
        yield Row(material.name, words("journey.confirm_pages", pages=material.pages))
    if service.fee is not None:
        yield Row(service.fee.words, words("journey.confirm_fee", yuan=yuan(service.fee.fen)))


def _note(service: Service) -> Words:
    """What comes next: it is filed at once, or signed and paid for before."""
    if service.fee is not None:
        return words("journey.confirm_note_sign_pay" if service.sign else "journey.confirm_note_pay")
    return words("journey.confirm_note_sign" if service.sign else "journey.confirm_note")


async def devices_ready(visit: Visit) -> None:
    """Tells of an empty tray before the citizen commits himself, not after; or of another's paper in it."""
    await left_paper.look(visit.backstage)
    while True:
        reason = why_not(visit.service, visit.backstage.devices, visit.backstage.now())
        if reason is None:
            return
        faults = (visit.backstage.devices.fault(kind) for kind in visit.service.needs)
        code = next((code for code in faults if code), "")  # none: it is closed by now, and nothing is broken
        await visit.tell_trouble(code, "again", "home", what=reason)


def _row(visit: Visit, spec: FieldSpec) -> Row:
    person = visit.session.person
    if spec.card and person is not None:
        return Row(spec.label, same(person.name) if spec.card == "name" else masked_number(person.number))
    return Row(spec.label, shown(spec, visit.session.values.get(spec.key, "")))


def shown(spec: FieldSpec, value: Value) -> Words:
    """A field's value as people read it: option names, `2026年3月`."""
    if isinstance(value, tuple):
        names = [shown(spec, one) for one in value]
        return _joined(names)
    for option in spec.options:
        if option.value == value:
            return option.name
    if spec.kind == "month" and len(value) == 7:
        return words("journey.month", year=value[:4], month=int(value[5:]))
    return same(value)


def _joined(names: list[Words]) -> Words:
    comma = words("journey.comma")
    return Words(comma.zh.join(n.zh for n in names), comma.en.join(n.en for n in names))
