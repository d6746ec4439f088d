"""A form's options that hang on another answer: offered with it, let go without it."""

from __future__ import annotations

from config.form import When
from config.words import same
from kiosk.prompts import Field, FieldKind, Option, Value
from screens.pages.form import shown

DAY = Field(
    "day", FieldKind.CHOICE, same("日期"), options=(Option("mon", same("周一")), Option("tue", same("周二")))
)
SLOT = Field(
    "slot",
    FieldKind.CHOICE,
    same("时间"),
    options=(
        Option("09:00", same("09:00"), only_if=When(field="day", is_in=("mon",))),
        Option("09:30", same("09:30"), only_if=When(field="day", is_in=("mon", "tue"))),
    ),
)


def offered(values: dict[str, Value]) -> list[str]:
    (slot,) = [field for field in shown((DAY, SLOT), values) if field.key == "slot"]
    return [option.value for option in slot.options]


def test_only_the_half_hours_that_the_day_has_are_offered() -> None:
    assert offered({"day": "mon", "slot": ""}) == ["09:00", "09:30"]
    assert offered({"day": "tue", "slot": ""}) == ["09:30"]
    assert offered({"day": "", "slot": ""}) == []


def test_given_a_half_hour_when_a_day_without_it_is_chosen_then_it_is_let_go() -> None:
    values: dict[str, Value] = {"day": "tue", "slot": "09:00"}
    offered(values)
    assert values["slot"] == ""
    values = {"day": "tue", "slot": "09:30"}
    offered(values)
    assert values["slot"] == "09:30"
