"""A form as data: its fields, when each is asked, and the rules that its value must keep.

A rule is a name of `rules.py` with its parameters, never an expression; terminal and platform check alike.
"""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import ConfigDict, Field, model_validator

from config import rules
from config.part import Part
from config.words import Words

FieldKind = Literal[
    "text",  # one line; `lines` of its own make it a long one
    "choice",
    "choices",
    "month",  # YYYY-MM
    "date",  # YYYY-MM-DD
    "phone",
    "number",  # digits only
    "money",  # whole fen as digits: "120050" is 1 200.50 yuan
    "region",  # six digits of `regions.toml`
    "id_number",  # of a citizen, GB 11643
    "credit_code",  # of a company, GB 32100
    "bank_card",  # Luhn
    "plate",
]
KINDS: tuple[str, ...] = get_args(FieldKind)
# What each kind of value must be, before the field's own rules.
OF_KIND = {
    "phone": "phone",
    "id_number": "id_number",
    "credit_code": "credit_code",
    "bank_card": "bank_card",
    "plate": "plate",
    "region": "region",
}


class RuleUse(Part):
    """A rule's name and its parameters: `{ rule = "not_before", field = "from" }`."""

    model_config = ConfigDict(extra="allow", frozen=True)
    rule: str

    @property
    def parameters(self) -> dict[str, Any]:
        """Everything but the name."""
        return dict(self.model_extra or {})

    @model_validator(mode="after")
    def _in_the_table(self) -> RuleUse:
        rules.check(self.rule, self.parameters)
        return self


class OptionSpec(Part):
    """One answer of a choice."""

    value: str
    name: Words


class When(Part):
    """A field is asked only when another one has one of these answers."""

    field: str
    is_in: tuple[str, ...]

    def holds(self, values: dict[str, Any]) -> bool:
        """`values` by key, as they are so far."""
        value = values.get(self.field, "")
        given = set(value) if isinstance(value, tuple | list) else {value}
        return bool(given & set(self.is_in))


class FieldSpec(Part):
    """One field of the form. Those with `card` or `platform` are prefilled; locked ones stay so."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: FieldKind
    label: Words
    hint: Words | None = None  # beneath the label: how it is written, or why it is asked
    required: bool = True
    locked: bool = False
    card: Literal["", "name", "number"] = ""  # filled from the card, the number masked; never sent as a value
    platform: bool = False  # value or options come from the platform's form data
    scan: bool = False  # a code scanner may fill it, where there is one
    masked: bool = False  # another person's number: shown masked after it was typed, and on paper
    long: bool = False  # a text of several lines
    only_if: When | None = None
    options: tuple[OptionSpec, ...] = ()
    rules: tuple[RuleUse, ...] = ()

    @model_validator(mode="after")
    def _can_be_answered(self) -> FieldSpec:
        if self.kind in ("choice", "choices") and not self.options and not self.platform:
            raise ValueError(f"field {self.key} is a choice without options")
        if self.scan and (self.kind not in ("text", "id_number", "credit_code") or self.locked):
            raise ValueError(f"field {self.key} cannot be scanned: only a text that is not locked can")
        if self.long and self.kind != "text":
            raise ValueError(f"field {self.key} is long, which only a text can be")
        if len({option.value for option in self.options}) != len(self.options):
            raise ValueError(f"two options of field {self.key} have the same value")
        for use in self.rules:
            if use.rule in rules.OF_THE_CARD or self.kind == "choices":
                raise ValueError(f"rule {use.rule} cannot be asked of field {self.key}, which is {self.kind}")
        return self


def asked(fields: tuple[FieldSpec, ...], values: dict[str, Any]) -> tuple[FieldSpec, ...]:
    """The fields that are asked, given the values so far: a field that hangs on one not asked is not."""
    found: dict[str, FieldSpec] = {}
    for spec in fields:
        if spec.only_if is None or (spec.only_if.field in found and spec.only_if.holds(values)):
            found[spec.key] = spec
    return tuple(found.values())


def check_fields(fields: tuple[FieldSpec, ...]) -> None:
    """Raises ValueError where fields do not go together: keys, what a rule or `only_if` names."""
    keys = [spec.key for spec in fields]
    if len(set(keys)) != len(keys):
        raise ValueError("two fields have the same key")
    if taken := {"today", "birth"} & set(keys):  # facts that rules are given besides the values
        raise ValueError(f"no field may be called {' or '.join(sorted(taken))}")
    if sum(spec.scan for spec in fields) > 1:
        raise ValueError("two fields are scanned: nobody could tell which a code is meant for")
    before: dict[str, FieldSpec] = {}
    for spec in fields:
        for use in spec.rules:
            other = use.parameters.get("field")
            if other is not None and other not in keys:
                raise ValueError(f"rule {use.rule} of field {spec.key} names no field: {other}")
        if spec.only_if is not None:
            _check_when(spec, before.get(spec.only_if.field))
        before[spec.key] = spec


def _check_when(spec: FieldSpec, other: FieldSpec | None) -> None:
    assert spec.only_if is not None
    if other is None or other.kind not in ("choice", "choices"):
        raise ValueError(f"only_if of field {spec.key} must name a choice that stands before it")
    unknown = set(spec.only_if.is_in) - {option.value for option in other.options}
    if unknown and not other.platform:
        raise ValueError(f"only_if of field {spec.key} names no option of {other.key}: {sorted(unknown)}")
