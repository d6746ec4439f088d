"""The form: what is wrong is said beside its field, and what is locked stays as it is."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.people import person
from config.service import FieldSpec, Service
from config.words import same
from kiosk.prompts import Field, FieldKind, Filled, FillForm, Value
from kiosk.steps.form import check, fill_form
from tests.kiosk.small_visit import TODAY, Script, backstage, service, visit

GOOD: dict[str, Value] = {"insurances": ("pension",), "from": "2025-01", "to": "2026-10", "purpose": "home"}


@pytest.fixture(scope="module")
def proof() -> Service:
    return service("SB01")


def said(fields: tuple[FieldSpec, ...], **changes: Value) -> dict[str, str]:
    """What is said beside each field, in Chinese."""
    return {key: told.zh for key, told in check(fields, {**GOOD, **changes}, TODAY).items()}


def test_a_form_that_is_filled_in_well_has_nothing_to_say(proof: Service) -> None:
    assert said(proof.fields) == {}
    assert said(proof.fields, **{"from": "2026-10"}) == {}, "one single month"
    assert said(proof.fields, to="2026-11") == {}, "this month"


@pytest.mark.parametrize(
    ("changes", "key", "words"),
    [
        ({"purpose": ""}, "purpose", "请选择或填写此项"),
        ({"insurances": ()}, "insurances", "请选择或填写此项"),
        ({"to": "2026-12"}, "to", "不能晚于本月"),
        ({"to": "2024-12"}, "to", "不能早于起始年月"),
        ({"from": "2027-01", "to": "2027-02"}, "from", "不能晚于本月"),
        ({"to": "once"}, "to", "不能晚于本月"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    proof: Service, changes: dict[str, Value], key: str, words: str
) -> None:
    assert said(proof.fields, **changes)[key] == words


def test_what_the_card_fills_is_asked_of_nobody(proof: Service) -> None:
    assert {"name", "number"} & set(said(proof.fields, purpose="")) == set()


def test_an_optional_field_may_stay_empty_but_not_be_wrong() -> None:
    phone = FieldSpec.model_validate(
        {
            "key": "phone",
            "kind": "phone",
            "label": same("电话"),
            "required": False,
            "rules": [{"rule": "phone"}],
        }
    )
    assert check((phone,), {}, TODAY) == {}
    assert check((phone,), {"phone": ""}, TODAY) == {}
    assert set(check((phone,), {"phone": "12"}, TODAY)) == {"phone"}


@given(some.dictionaries(some.sampled_from(["from", "to", "purpose", "else"]), some.text(max_size=8)))
def test_whatever_is_typed_only_fields_of_the_form_are_complained_of(values: dict[str, str]) -> None:
    assert set(check(service("SB01").fields[3:], values, TODAY)) <= {"from", "to", "purpose"}


# ── the step ────────────────────────────────────────────────────────────────
@pytest.fixture
def training(proof: Service) -> Service:
    """A form that asks the platform for nothing: the card's fields and a telephone number."""
    raw = proof.model_dump()
    raw["fields"] = [*raw["fields"][:2], {"key": "phone", "kind": "phone", "label": same("电话")}]
    raw["fields"][2]["rules"] = [{"rule": "phone"}]
    return Service.model_validate(raw)


def played(folder: Path, wanted: Service, *answers: Filled) -> tuple[list[FillForm], dict[str, Value]]:
    """The forms that were shown to Zhang, and the values that stand in his session afterwards."""
    stage = Script(list(answers))

    async def step() -> dict[str, Value]:
        async with backstage(folder, stage) as parts:
            one = visit(parts, wanted, "zhang")
            await fill_form(one)
            return one.session.values

    values = asyncio.run(step())
    return [prompt for prompt in stage.shown if isinstance(prompt, FillForm)], values


def fields_of(form: FillForm) -> dict[str, Field]:
    return {field.key: field for field in form.fields}


def test_a_wrong_number_is_asked_for_again_with_what_was_typed(tmp_path: Path, training: Service) -> None:
    forms, values = played(
        tmp_path, training, Filled({"phone": "12345"}), Filled({}), Filled({"phone": "13800000001"})
    )
    assert [fields_of(form)["phone"].problem is None for form in forms] == [True, False, False]
    assert fields_of(forms[1])["phone"].value == "12345", "nobody has to type all of it again"
    assert values == {"phone": "13800000001"}


def test_the_cards_fields_are_locked_masked_and_say_where_they_are_from(
    tmp_path: Path, training: Service
) -> None:
    forms, _ = played(tmp_path, training, Filled({"phone": "13800000001"}))
    name, number, phone = forms[0].fields
    assert (name.value, name.locked, phone.locked) == (person("zhang").name, True, False)
    assert name.source is not None and number.source is not None
    assert isinstance(number.value, str)
    assert number.value == "3301**********0012"
    assert phone.kind is FieldKind.PHONE


def test_an_answer_to_a_locked_or_unknown_field_changes_nothing(tmp_path: Path, training: Service) -> None:
    forged = Filled({"phone": "13800000001", "name": "王守田", "number": "1", "else": "x"})
    _, values = played(tmp_path, training, forged)
    assert values == {"phone": "13800000001"}, "the card's own data never goes out as a value"


def test_a_month_in_the_future_is_not_even_offered(tmp_path: Path, proof: Service) -> None:
    raw = proof.model_dump()
    raw["fields"] = [{**raw["fields"][3], "platform": False}]
    forms, _ = played(tmp_path, Service.model_validate(raw), Filled({"from": "2026-01"}))
    assert forms[0].fields[0].latest == TODAY
