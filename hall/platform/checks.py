"""A submission looked at again: the terminal checked the form, but a platform believes no terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from config import form_check, rules
from config.form import FieldSpec, asked
from config.platform_api import Submission
from config.platform_body import Value
from config.service import Flow, Level, Service
from config.strokes import is_path
from config.words import words
from hall.platform.refusals import Refused
from hall.platform.subjects import Mark, Subject


def check_flow(service: Service) -> None:
    """Is it filed at all? A copy is the terminal's own affair, and a rating is no case. Refused
    `service_not_filed`."""
    if service.flow in (Flow.COPY, Flow.RATE):
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
    """Do the values fit the form? Refused `field_unknown`, also of a field that was not asked, or
    `form_invalid` with the field's name."""
    wanted = {spec.key: spec for spec in asked(service.fields, values) if not spec.card}
    if not values.keys() <= wanted.keys():
        raise Refused("field_unknown", 422)
    for key, spec in wanted.items():
        if values.get(key) and not _fits(spec, values[key]):
            raise Refused("form_invalid", 422, field=spec.label, complaint=words("platform.field_bad"))
    facts: dict[str, Any] = {"today": today} if birth is None else {"today": today, "birth": birth}
    for key, complaint in form_check.check(service.fields, values, facts).items():
        raise Refused("form_invalid", 422, field=wanted[key].label, complaint=complaint)


def check_signature(service: Service, submission: Submission) -> None:
    """Was it signed where it must be? Refused `signature_missing` also for what is no path of an SVG."""
    if (service.signed or submission.letters) and not is_path(submission.signature):
        raise Refused("signature_missing", 422)


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
        case "number" | "money":
            return value.isascii() and value.isdecimal() and len(value) <= 20
        case _:
            return len(value) <= 500
