"""The form: what is wrong is said beside its field, and what is locked stays as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from config.devices import Kind
from config.faults import fault
from config.form import FieldSpec
from config.form_check import check
from config.people import person
from config.service import Service
from config.settings import DeviceSettings
from config.words import same
from kiosk.prompts import Answer, Field, FieldKind, Filled, FillForm, Place, Prompt, Value
from kiosk.steps.form import fill_form
from tests.kiosk.small_visit import TODAY, Script, backstage, service, visit

GOOD: dict[str, Value] = {"insurances": ("pension",), "from": "2025-01", "to": "2026-10", "purpose": "home"}


@pytest.fixture(scope="module")
def proof() -> Service:
    return service("SB01")


def said(fields: tuple[FieldSpec, ...], **changes: Value) -> dict[str, str]:
    """What is said beside each field, in Chinese."""
    return {key: told.zh for key, told in check(fields, {**GOOD, **changes}, {"today": TODAY}).items()}


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
    assert check((phone,), {}, {"today": TODAY}) == {}
    assert check((phone,), {"phone": ""}, {"today": TODAY}) == {}
    assert set(check((phone,), {"phone": "12"}, {"today": TODAY})) == {"phone"}


@given(some.dictionaries(some.sampled_from(["from", "to", "purpose", "else"]), some.text(max_size=8)))
def test_whatever_is_typed_only_fields_of_the_form_are_complained_of(values: dict[str, str]) -> None:
    assert set(check(service("SB01").fields[3:], values, {"today": TODAY})) <= {"from", "to", "purpose"}


# ── the step ────────────────────────────────────────────────────────────────
@dataclass
class Scanning(Script):
    """Scans while the first forms are shown, then sends what stands in the last."""

    scans: dict[int, Callable[[], object]] = field(default_factory=dict)

    async def ask(self, prompt: Prompt, place: Place) -> Answer:
        self.shown.append(prompt)
        assert isinstance(prompt, FillForm)
        if (scan := self.scans.pop(len(self.shown), None)) is None:
            return Filled({prompt.fields[0].key: prompt.fields[0].value})
        await asyncio.sleep(0.1)  # the scanner is listened to by now
        while True:  # or else a moment later: it is held there until the page goes
            scan()
            await asyncio.sleep(1.0)


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
    assert number.value == "3301** **** **** 0012"
    assert phone.kind is FieldKind.PHONE


def test_an_answer_to_a_locked_or_unknown_field_changes_nothing(tmp_path: Path, training: Service) -> None:
    forged = Filled({"phone": "13800000001", "name": "王守田", "number": "1", "else": "x"})
    _, values = played(tmp_path, training, forged)
    assert values == {"phone": "13800000001"}, "the card's own data never goes out as a value"


def test_a_scanned_receipt_fills_its_field_and_the_rest_goes_on_by_touch(tmp_path: Path) -> None:
    """Given a scanner that types, when a code is unreadable and then a receipt of ours is scanned."""
    stage, number = Scanning(), "1.2.156.3005.2.DEMO.1"
    scanner = DeviceSettings(kind=Kind.CODE_SCANNER, driver="code_scanner_keyboard", options={"longest": 60})

    async def step() -> dict[str, Value]:
        async with backstage(tmp_path, stage, {"scanner": scanner}) as parts:
            parts.devices.start()
            assert await parts.devices.becomes_ready(Kind.CODE_SCANNER, 60.0)
            stage.scans = {
                1: lambda: parts.devices.feed(Kind.CODE_SCANNER, "x" * 61),
                2: lambda: parts.devices.feed(Kind.CODE_SCANNER, f"https://check.example/v/{number}"),
            }
            one = visit(parts, service("ZH02"), "zhang")
            await fill_form(one)
            await parts.devices.close()
            return one.session.values

    assert asyncio.run(step()) == {"case_no": number}
    first, unread, filled = (prompt for prompt in stage.shown if isinstance(prompt, FillForm))
    assert first.fields[0].scan and first.action == service("ZH02").action
    assert unread.fields[0].problem == fault("code_unreadable").citizen
    assert (filled.scanned, filled.fields[0].value, filled.fields[0].problem) == ("case_no", number, None)


def test_without_a_scanner_the_field_is_only_written(tmp_path: Path) -> None:
    forms, values = played(tmp_path, service("ZH02"), Filled({"case_no": "330100SB01"}))
    assert not forms[0].fields[0].scan
    assert values == {"case_no": "330100SB01"}


def test_a_month_in_the_future_is_not_even_offered(tmp_path: Path, proof: Service) -> None:
    raw = proof.model_dump()
    raw["fields"] = [{**raw["fields"][3], "platform": False}]
    forms, _ = played(tmp_path, Service.model_validate(raw), Filled({"from": "2026-01"}))
    assert forms[0].fields[0].latest == TODAY
