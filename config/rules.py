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
from functools import cache
from typing import Any

from stdnum import luhn
from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2

from config import regions
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


def max_age(value: Any, facts: Facts, *, years: int) -> bool:
    """The card's holder has not completed `years` + 1 years today."""
    return not min_age(value, facts, years=years + 1)


def days_ahead(value: str, facts: Facts, *, least: int, most: int) -> bool:
    """The date lies from `least` to `most` days after today."""
    mine = day_of(value)
    return mine is not None and least <= (mine - facts["today"]).days <= most


def at_least(value: str, facts: Facts, *, number: int) -> bool:
    """The number is `number` or more."""
    return value.isascii() and value.isdecimal() and int(value) >= number


def at_most(value: str, facts: Facts, *, number: int) -> bool:
    """The number is `number` or less."""
    return value.isascii() and value.isdecimal() and int(value) <= number


def least_yuan(value: str, facts: Facts, *, yuan: int) -> bool:
    """The amount, in fen, is so many yuan or more."""
    return at_least(value, facts, number=yuan * 100)


def most_yuan(value: str, facts: Facts, *, yuan: int) -> bool:
    """The amount, in fen, is so many yuan or less."""
    return at_most(value, facts, number=yuan * 100)


def min_length(value: str, facts: Facts, *, characters: int) -> bool:
    """The text has `characters` or more, not counting blanks around it."""
    return len(value.strip()) >= characters


def differs(value: str, facts: Facts, *, field: str) -> bool:
    """The value is not that of another field."""
    return value != facts.get(field)


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


def id_number(value: str, facts: Facts) -> bool:
    """A citizen's number: 18 characters, a real day of birth, the check character (GB 11643)."""
    if not re.fullmatch("[1-9][0-9]{16}[0-9X]", value) or not mod_11_2.is_valid(value):
        return False
    birth = day_of(f"{value[6:10]}-{value[10:12]}-{value[12:14]}")
    return birth is not None and birth <= facts["today"]


def credit_code(value: str, facts: Facts) -> bool:
    """A unified social credit code (GB 32100)."""
    return uscc.is_valid(value)


def bank_card(value: str, facts: Facts) -> bool:
    """12 to 19 digits with Luhn's check digit."""
    return re.fullmatch(r"[0-9]{12,19}", value) is not None and luhn.is_valid(value)


def plate(value: str, facts: Facts) -> bool:
    """A plate of the mainland: province, letter, five characters, or six for new energy (GA 36)."""
    return value[:1] in regions.plate_letters() and bool(
        re.fullmatch("[A-HJ-NP-Z][A-HJ-NP-Z0-9]{5,6}", value[1:])
    )


def region(value: str, facts: Facts) -> bool:
    """A division of `regions.toml`."""
    return value in regions.regions()


def outside(value: str, facts: Facts, *, area: str) -> bool:
    """The division does not lie in that of the code `area`."""
    return not value.startswith(area.rstrip("0").ljust(2, "0"))


RULES: dict[str, Rule] = {
    rule.__name__: rule
    for rule in (
        not_before,
        not_in_future,
        not_in_past,
        within_months,
        min_age,
        max_age,
        days_ahead,
        at_least,
        at_most,
        least_yuan,
        most_yuan,
        min_length,
        differs,
        max_length,
        only_with,
        wants,
        phone,
        id_number,
        credit_code,
        bank_card,
        plate,
        region,
        outside,
    )
}
OF_THE_CARD = frozenset(
    {"min_age", "max_age"}
)  # ask about the card's holder, before the form; the others about a field


def check(name: str, parameters: Mapping[str, Any]) -> None:
    """Raises ValueError when the table has no such rule or its parameters differ in name or type."""
    if name not in RULES:
        raise ValueError(f"no rule {name}; the table has {', '.join(sorted(RULES))}")
    wanted = _parameters(name)
    if wanted.keys() != parameters.keys():
        raise ValueError(f"rule {name} takes {sorted(wanted)}, not {sorted(parameters)}")
    for key, value in parameters.items():
        if type(value) is not wanted[key]:
            kind = "a whole number" if wanted[key] is int else "a text"
            raise ValueError(f"{key} of rule {name} must be {kind}, not {value!r}")


@cache
def _parameters(name: str) -> Mapping[str, Any]:
    """A rule's parameters and their types: looked up once, since a catalogue names it hundreds of times."""
    asked = inspect.signature(RULES[name], eval_str=True).parameters.values()
    return {one.name: one.annotation for one in asked if one.kind is one.KEYWORD_ONLY}


def complaint(
    name: str, parameters: Mapping[str, Any], value: Any, facts: Facts, labels: Mapping[str, Words]
) -> Words | None:
    """What to tell the citizen when the rule does not hold; None when it holds."""
    if RULES[name](value, facts, **parameters):
        return None
    return words(f"rules.{name}", **{key: _spelled(key, told, labels) for key, told in parameters.items()})


def _spelled(key: str, told: Any, labels: Mapping[str, Words]) -> Any:
    if key == "area":
        return regions.full_name(told) or told
    return labels.get(told, told) if key == "field" else told
