"""A submission looked at again: the terminal checked the form, but a platform believes no terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config import rules
from config.form import FieldSpec
from config.platform_api import Submission
from config.platform_body import Value
from config.service import Flow, Level, Service
from config.strokes import is_path
from config.words import Words, words
from hall.platform.refusals import Refused
from hall.platform.subjects import Mark, Subject


def check_flow(service: Service) -> None:
    """Is it filed at all? A copy is the terminal's own affair. Refused `service_not_filed`."""
    if service.flow is Flow.COPY:
        raise Refused("service_not_filed", 422)


def check_identity(
    service: Service, submission: Submission, subject: Subject | None, marks: Mapping[Mark, str]
) -> None:
    """Is it sure enough who it is? `marks`: what this platform saw of whoever stands there.

    An app's code, a code by text message and the staff's word are believed only as far as they were seen
    here. A face and a card's PIN are checked at the terminal, whose word has to do. At level 3 a code to a
    phone shows nobody in person: it only goes with a PIN. Refused: `subject_missing`, `means_insufficient`.
    """
    if service.level is Level.NONE:
        return
    if subject is None:
        raise Refused("subject_missing", 422)
    means = submission.means
    seen = means not in ("app", "sms", "staff") or means in marks
    if means == "staff" or submission.staff:
        seen = seen and marks.get("staff") == submission.staff
    enough = service.level < Level.PERSON or means in service.means
    if service.level is Level.STRONG and (means == "sms" or (means == "pin" and "sms" not in marks)):
        enough = False
    if not (seen and enough):
        raise Refused("means_insufficient", 422)


def check_eligibility(service: Service, birth: date | None, today: date) -> None:
    """May this person use the service at all? Refused `not_eligible` with the rule's words."""
    for use in service.eligibility:
        if birth is None:
            raise Refused("subject_missing", 422)
        complaint = rules.complaint(use.rule, use.parameters, None, {"birth": birth, "today": today}, {})
        if complaint is not None:
            raise Refused("not_eligible", 422, complaint=complaint)


def check_form(service: Service, values: dict[str, Value], birth: date | None, today: date) -> None:
    """Do the values fit the form? Refused `field_unknown` or `form_invalid` with the field's name."""
    fields = {field.key: field for field in service.fields if not field.card}
    if not values.keys() <= fields.keys():
        raise Refused("field_unknown", 422)
    labels = {key: field.label for key, field in fields.items()}
    facts: dict[str, Any] = {**values, "today": today}
    if birth is not None:
        facts["birth"] = birth
    for key, field in fields.items():
        complaint = _complaint(field, values.get(key), facts, labels)
        if complaint is not None:
            raise Refused("form_invalid", 422, field=field.label, complaint=complaint)


def check_signature(service: Service, signature: str) -> None:
    """Was it signed where it must be? Refused `signature_missing` also for what is no path of an SVG."""
    if service.sign and not is_path(signature):
        raise Refused("signature_missing", 422)


def _complaint(
    field: FieldSpec, value: Value | None, facts: dict[str, Any], labels: dict[str, Words]
) -> Words | None:
    if value is None or not value:
        return words("rules.required") if field.required else None
    if not _fits(field, value):
        return words("platform.field_bad")
    for use in field.rules:
        complaint = rules.complaint(use.rule, use.parameters, value, facts, labels)
        if complaint is not None:
            return complaint
    return None


def _fits(field: FieldSpec, value: Value) -> bool:
    """Is the value one of this kind of field?"""
    offered = {option.value for option in field.options}
    if field.kind == "choices":
        return isinstance(value, tuple) and set(value) <= offered and len(set(value)) == len(value)
    if not isinstance(value, str):
        return False
    match field.kind:
        case "choice" if not offered:  # the options are the platform's own: who decides looks at them
            return len(value) <= 100
        case "choice":
            return value in offered
        case "month":
            return rules.month_of(value) is not None
        case "date":
            return len(value) == 10 and rules.day_of(value) is not None
        case "phone":
            return rules.phone(value, {})
        case "number":
            return value.isascii() and value.isdecimal()
        case _:
            return len(value) <= 500
