"""A field as it is asked and as it is read: limits out of rules, values as people write them."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from config.form import FieldSpec
from config.form_check import asked_values, check
from config.platform_api import FormData
from config.words import same
from kiosk.form_fields import Filling, field_of
from kiosk.prompts import Field, Option, Value
from kiosk.shown import shown
from tests.kiosk.small_visit import TODAY, Script, backstage, service, visit

BANK = {"only_if": {"field": "paid", "is_in": ["bank"]}}


def spec(kind: str, **told: Any) -> FieldSpec:
    return FieldSpec.model_validate({"key": "one", "kind": kind, "label": same("一"), **told})


def asked_of(folder: Path, one: FieldSpec, known: FormData | None = None, value: Value = "") -> Field:
    """The field as Zhang is asked."""

    async def made() -> Field:
        async with backstage(folder, Script()) as parts:
            visited = visit(parts, service("SB01"), "zhang")
            return field_of(visited, one, Filling(known or FormData(), {"one": value}))

    return asyncio.run(made())


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ([{"rule": "not_in_future"}], None, TODAY),
        ([{"rule": "not_in_past"}], TODAY, None),
        ([{"rule": "days_ahead", "least": 1, "most": 30}], date(2026, 11, 23), date(2026, 12, 22)),
        ([], None, None),
    ],
)
def test_days_that_a_rule_forbids_are_not_even_offered(
    tmp_path: Path, told: list[dict[str, Any]], first: date | None, last: date | None
) -> None:
    field = asked_of(tmp_path, spec("date", rules=told))
    assert (field.earliest, field.latest) == (first, last)


@pytest.mark.parametrize(
    ("one", "most"),
    [
        (spec("text"), 100),
        (spec("text", long=True), 500),
        (spec("text", rules=[{"rule": "max_length", "characters": 20}]), 20),
        (spec("id_number"), 18),
        (spec("bank_card"), 19),
        (spec("choice", options=[{"value": "a", "name": same("甲")}]), 0),
    ],
)
def test_no_more_is_written_than_fits(tmp_path: Path, one: FieldSpec, most: int) -> None:
    assert asked_of(tmp_path, one).most == most


def test_hints_masks_and_conditions_reach_the_page(tmp_path: Path) -> None:
    field = asked_of(tmp_path, spec("id_number", hint=same("配偶的号码"), masked=True, **BANK))
    assert field.hint == same("配偶的号码") and field.masked and field.only_if is not None


def test_where_nobody_said_so_there_is_nothing_to_doubt(tmp_path: Path) -> None:
    """Only what an office holds of somebody whom the platform knows can be wrong in its books."""
    known = FormData(values={"one": "x"}, sources={"one": same("社保登记")})
    field = asked_of(tmp_path, spec("text"), known, "x")
    assert field.source == same("社保登记") and not field.doubt, "no handle: nobody could file it"


@pytest.mark.parametrize(
    ("one", "value", "told"),
    [
        (spec("money"), "120050", "1,200.50 元"),
        (spec("month"), "2026-03", "2026 年 3 月"),
        (spec("date"), "2026-03-04", "2026 年 3 月 4 日"),
        (spec("region"), "330000", "浙江省"),
        (spec("id_number"), "330100198503140012", "3301** **** **** 0012"),
        (spec("text", masked=True), "AB12345678", "AB******78"),
        (spec("bank_card"), "6222020000000000000", "6222 0200 0000 0000 000"),
        (spec("choice", options=[{"value": "a", "name": same("甲")}]), "a", "甲"),
        (spec("choices", options=[{"value": "a", "name": same("甲")}]), ("a", "a"), "甲、甲"),
        (spec("text"), "2026-03", "2026-03"),
        (spec("date"), "once", "once"),
    ],
)
def test_a_value_is_read_as_people_write_it(one: FieldSpec, value: Value, told: str) -> None:
    assert shown(one, value).zh == told


def test_an_option_that_only_the_platform_knows_is_read_by_its_name() -> None:
    one = spec("choice", platform=True)
    assert shown(one, "w1", (Option("w1", same("一号窗口")),)) == same("一号窗口")


# ── asked or not ────────────────────────────────────────────────────────────
PAID = FieldSpec.model_validate(
    {
        "key": "paid",
        "kind": "choice",
        "label": same("方式"),
        "options": [{"value": "bank", "name": same("卡")}, {"value": "cash", "name": same("现金")}],
    }
)
FORM = (PAID, spec("bank_card", **BANK))


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({"paid": "cash"}, set()),
        ({"paid": "cash", "one": "not a card"}, set()),
        ({"paid": "bank"}, {"one"}),
        ({"paid": "bank", "one": "6222020000000000001"}, {"one"}),
        ({"paid": "bank", "one": "6222020000000000000"}, set()),
        ({}, {"paid"}),
    ],
)
def test_what_is_not_asked_is_neither_wanted_nor_looked_at(values: dict[str, Value], wrong: set[str]) -> None:
    assert set(check(FORM, values, {"today": TODAY})) == wrong
    sent = asked_values(FORM, values)
    assert "one" not in sent or sent["paid"] == "bank"
