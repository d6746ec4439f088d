"""A form's values looked at, alike by the terminal, which says it beside the field, and by the platform."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from config import rules
from config.form import OF_KIND, FieldSpec, asked
from config.platform_body import Value
from config.words import Words, words


def asked_values(fields: tuple[FieldSpec, ...], values: Mapping[str, Value]) -> dict[str, Value]:
    """Those of `values` that belong to fields which are asked; what the card fills is never among them."""
    keys = {spec.key for spec in asked(fields, dict(values)) if not spec.card}
    return {key: value for key, value in values.items() if key in keys}


def check(
    fields: tuple[FieldSpec, ...], values: Mapping[str, Value], facts: Mapping[str, Any]
) -> dict[str, Words]:
    """What is wrong with each field that is asked, by key; empty when the form holds.

    `facts` has `today`, and what else rules ask for; what stands in fields that are not asked counts for
    nothing. A locked field is not required: who locked it fills it in.
    """
    labels = {spec.key: spec.label for spec in fields}
    given = {**asked_values(fields, values), **facts}
    problems: dict[str, Words] = {}
    for spec in asked(fields, dict(values)):
        if spec.card:
            continue
        told = complaint(spec, given.get(spec.key, ""), given, labels)
        if told is not None:
            problems[spec.key] = told
    return problems


def complaint(
    spec: FieldSpec, value: Value, facts: Mapping[str, Any], labels: Mapping[str, Words]
) -> Words | None:
    """What is wrong with one field's value: left empty, not of its kind, or against a rule. None: nothing."""
    if not value:
        return words("rules.required") if spec.required and not spec.locked else None
    of_kind = OF_KIND.get(spec.kind)
    if of_kind is not None:
        told = rules.complaint(of_kind, {}, value, facts, labels)
        if told is not None:
            return told
    for use in spec.rules:
        told = rules.complaint(use.rule, use.parameters, value, facts, labels)
        if told is not None:
            return told
    return None
