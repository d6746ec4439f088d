"""A field's value as people read it: names of options and regions, `2026 年 3 月`, yuan, masked numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from config import regions
from config.form import FieldSpec, asked
from config.money import yuan
from config.rules import day_of
from config.words import Words, same, words
from kiosk.masked import masked_number
from kiosk.prompts import Option, Row, Value
from kiosk.visit import Visit

GROUP = 4  # digits of a bank card, as they stand on it
MOBILE = 11  # digits of a mobile number, read as 138 0000 0000; a landline's groups depend on its area


def rows(visit: Visit) -> Iterator[Row]:
    """Every field that is asked, with its value; one that was left empty is left out."""
    session = visit.session
    for spec in asked(visit.service.fields, {**session.values}):
        if spec.card:
            if session.person is not None:
                name = spec.card == "name"
                yield Row(
                    spec.label, same(session.person.name) if name else masked_number(session.person.number)
                )
        elif value := session.values.get(spec.key, ""):
            yield Row(spec.label, shown(spec, value, session.offered.get(spec.key, ())))


def shown(spec: FieldSpec, value: Value, offered: Sequence[Option] = ()) -> Words:
    """One value; `offered` are options that only the platform knows."""
    if isinstance(value, tuple):
        return joined([shown(spec, one, offered) for one in value])
    names = {one.value: one.name for one in offered} | {one.value: one.name for one in spec.options}
    if value in names:
        return names[value]
    if spec.masked:
        return masked_number(value)
    match spec.kind:
        case "month" if len(value) == 7:
            return words("journey.month", year=value[:4], month=int(value[5:]))
        case "date" if (day := day_of(value)) is not None:
            return words("bring.day", year=day.year, month=day.month, day=day.day)
        case "money" if value.isascii() and value.isdecimal():
            return words("journey.confirm_fee", yuan=yuan(int(value)))
        case "region":
            return regions.full_name(value) or same(value)
        case "id_number":
            return masked_number(value)
        case "bank_card":
            return same(" ".join(value[at : at + GROUP] for at in range(0, len(value), GROUP)))
        case "plate":
            return same(f"{value[:2]} {value[2:]}".strip())
        case "phone" if len(value) == MOBILE and value.startswith("1"):
            return same(f"{value[:3]} {value[3:7]} {value[7:]}")
        case _:
            return same(value)


def joined(names: Sequence[Words]) -> Words:
    """A list in one line."""
    comma = words("journey.comma")
    return Words(comma.zh.join(n.zh for n in names), comma.en.join(n.en for n in names))
