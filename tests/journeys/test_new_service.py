"""Services are data: a TOML file in a folder is a service, with no code touched."""

from __future__ import annotations

from kiosk.prompts import Chosen, Confirm, Consent, Filled, FillForm
from tests.journeys.citizen import Citizen
from tests.journeys.conftest import Play
from tests.journeys.hall import Hall
from tests.journeys.test_journeys import told

LENDING = """
id = "SB90"
version = 1
theme = 1
flow = "declare"
level = 2
means = ["sms", "face"]
department = { zh = "人力资源和社会保障", en = "Human resources" }
name = { zh = "技能培训报名", en = "Sign up for training" }
action = { zh = "提交报名", en = "Sign up" }
needs = ["id_card_reader"]
uses = ["receipt_printer"]
eligibility = [{ rule = "min_age", years = 18 }]

[guide]
summary = { zh = "报名参加本月的技能培训。", en = "Sign up for this month's training." }
fee = { zh = "免费", en = "Free" }
time = { zh = "约 1 分钟", en = "About 1 minute" }
legal = { zh = "《职业技能培训管理办法》", en = "Training rules" }
phone = "12333"

[[fields]]
key = "course"
kind = "choice"
label = { zh = "课程", en = "Course" }
options = [
  { value = "cook", name = { zh = "中式烹调", en = "Cooking" } },
  { value = "care", name = { zh = "养老护理", en = "Care" } },
]

[[fields]]
key = "phone"
kind = "phone"
label = { zh = "联系电话", en = "Phone" }
rules = [{ rule = "phone" }]

[[outputs]]
document = "receipt"
device = "receipt_printer"
required = false
"""


def test_a_file_in_a_folder_is_a_service_that_plays_to_its_end(hall: Hall, play: Play, kiosk: str) -> None:
    (hall.catalogue / "sb90.toml").write_text(LENDING, encoding="utf-8")
    hall.children["platform"].restart(60)  # the platform reads its catalogue when it starts
    asked: list[FillForm] = []

    async def answer(citizen: Citizen, prompt: FillForm) -> object:
        asked.append(prompt)
        filled = await citizen.fill(prompt)
        number = "12345" if len(asked) == 1 else "13800000009"
        assert isinstance(filled, Filled)
        return Filled({**filled.values, "phone": number})

    citizen = Citizen(hall, service="SB90", ways={FillForm: answer, Consent: Chosen("other")})
    play(citizen, after=lambda: told(hall, kiosk, "hall.session.ended"))
    problems = [field.problem for field in asked[1].fields if field.key == "phone"]
    assert problems[0] is not None, "a wrong phone number was let through"
    rows = {row.label.zh: row.value.zh for row in citizen.last(Confirm).rows}
    assert rows == {"课程": "中式烹调", "联系电话": "138 0000 0009"}
    (case,) = hall.rows(hall.platform_database, "SELECT * FROM cases WHERE terminal = ?", kiosk)
    assert case["service"] == "SB90"
    assert "care" not in case["submission"]
    assert len(told(hall, kiosk, "hall.rating.given")) == 1
