"""The closed table of rules that a service may name.

A rule is a pure function `(value, facts, **parameters) -> bool`; its words are
`[rules]` in the locale. `facts` has the form's other values, `today`, and what
the card tells (`birth`), so that kiosk and platform check alike.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from config.words import Words, words

Facts = Mapping[str, Any]
Rule = Callable[..., bool]


def month_of(text: str) -> date | None:
    """`2026-03` as its first day; None when it is no month."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text):
        return None
    return date(int(text[:4]), int(text[5:]), 1) if int(text[:4]) else None


def day_of(text: str) -> date | None:
    """`2026-03-04` or `2026-03` (its first day) as a date; None when it is neither."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):  # Python would also read 20260304 and 2026-W10
        return month_of(text)
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def not_before(value: str, facts: Facts, *, field: str) -> bool:
    """The date or month is not before that of another field."""
    mine, other = day_of(value), day_of(str(facts.get(field, "")))
    return mine is not None and (other is None or mine >= other)


def not_in_future(value: str, facts: Facts) -> bool:
    """The date or month is not after today."""
    mine = day_of(value)
    return mine is not None and mine <= facts["today"]


def not_in_past(value: str, facts: Facts) -> bool:
    """The date is not before today."""
    mine = day_of(value)
    return mine is not None and mine >= facts["today"]


def within_months(value: str, facts: Facts, *, field: str, months: int) -> bool:
    """The month is at most `months` after that of another field."""
    mine, other = day_of(value), day_of(str(facts.get(field, "")))
    if mine is None or other is None:
        return mine is not None
    return (mine.year - other.year) * 12 + mine.month - other.month <= months


def min_age(value: Any, facts: Facts, *, years: int) -> bool:
    """The card's holder has completed `years` years today."""
    birth, today = facts["birth"], facts["today"]
    assert isinstance(birth, date) and isinstance(today, date)
    return today.year - birth.year - ((today.month, today.day) < (birth.month, birth.day)) >= years


def max_length(value: str, facts: Facts, *, characters: int) -> bool:
    """The text is no longer than `characters`."""
    return len(value) <= characters


def only_with(value: str, facts: Facts, *, option: str, field: str, chosen: str) -> bool:
    """This option only goes with one answer of another field."""
    return value != option or facts.get(field) == chosen


def wants(value: str, facts: Facts, *, option: str, field: str) -> bool:
    """Whoever takes this option fills in another field too."""
    return value != option or bool(str(facts.get(field, "")).strip())


def phone(value: str, facts: Facts) -> bool:
    """A mobile number of the mainland, or a landline with area code."""
    return re.fullmatch(r"1[3-9][0-9]{9}|0[0-9]{2,3}-?[0-9]{7,8}", value) is not None


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        not_before,
        not_in_future,
        not_in_past,
        within_months,
        min_age,
        max_length,
        only_with,
        wants,
        phone,
    )
}
OF_THE_CARD = frozenset({"min_age"})  # ask about the card's holder, before the form; the others about a field


def check(name: str, parameters: Mapping[str, Any]) -> None:
    """Raises ValueError when the table has no such rule or its parameters differ in name or type."""
    if name not in RULES:
        raise ValueError(f"no rule {name}; the table has {', '.join(sorted(RULES))}")
    asked = inspect.signature(RULES[name], eval_str=True).parameters.values()
    wanted = {one.name: one.annotation for one in asked if one.kind is one.KEYWORD_ONLY}
    if wanted.keys() != parameters.keys():
        raise ValueError(f"rule {name} takes {sorted(wanted)}, not {sorted(parameters)}")
    for key, value in parameters.items():
        if type(value) is not wanted[key]:
            kind = "a whole number" if wanted[key] is int else "a text"
            raise ValueError(f"{key} of rule {name} must be {kind}, not {value!r}")


def complaint(
    name: str, parameters: Mapping[str, Any], value: Any, facts: Facts, labels: Mapping[str, Words]
) -> Words | None:
    """What to tell the citizen when the rule does not hold; None when it holds."""
    if RULES[name](value, facts, **parameters):
        return None
    spelled = {k: labels.get(v, v) if k == "field" else v for k, v in parameters.items()}
    return words(f"rules.{name}", **spelled)
