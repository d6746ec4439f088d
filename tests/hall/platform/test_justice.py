"""The notary and legal aid, by what the registers say."""

from __future__ import annotations

import pytest

from config.catalogue_files import load_catalogue
from config.platform_api import MaterialsKnown, Query
from tests.hall.platform.conftest import Clock
from tests.hall.platform.office_table import Case, filed, judge
from tests.hall.platform.terminal import Terminal

SERVICES = load_catalogue().services
BOOK = {
    "action": "book",
    "matter": "proxy",
    "office": "notary",
    "day_notary": "2026-11-24",
    "slot_notary": "09:30",
    "papers": "bring",
}
WAGES = {
    "matter": "wages",
    "facts": "单位拖欠三个月工资，多次催要没有支付，请求指派律师代理仲裁。",
    "income": "more",
    "phone": "13800000010",
}
SUPPORT = {
    **WAGES,
    "matter": "support",
    "income": "low",
    "facts": "请求子女按月给付赡养费，经村里调解没有结果。",
}
LATER, PROMISED = {"later": ("evidence",)}, {"letters": {"hardship": 1}, "later": ("evidence",)}

CASES = [
    Case("SF01", "zhang", BOOK,
         rows={"预约时间": "11月24日 周二 09:30", "事项": "委托公证", "证明材料": "当天带原件"}),
    Case("SF01", "he", {**BOOK, "slot_notary": "10:00", "matter": "will"}, rows={"事项": "遗嘱公证"}),
    Case("SF01", "zhang", {**BOOK, "slot_notary": "10:30"}, "refused", says="不用重复预约"),
    Case("SF01", "li", BOOK, "slot_full", says="10:30"),
    Case("SF01", "feng", {"action": "progress"},
         rows={"公证受理号": "SGZ2026-01187", "事项": "学历公证", "2026-11-17": "公证书已出具，待领取"},
         says="领取"),
    Case("SF01", "qin", {"action": "progress", "case_no": "sgz2026-01240"},
         rows={"2026-11-20": "核实材料中"}, says="电话联系"),
    Case("SF01", "qin", {"action": "progress", "case_no": "SGZ2026-01187"}, "refused", says="没有查到",
         refers=True),
    Case("SF01", "zhang", {**BOOK, "papers": "now", "matter": "birth"}, "material_missing"),
    Case("SF02", "tan", WAGES, decided=False, sends=LATER,
         rows={"事项": "请求支付劳动报酬", "经济状况": "依法不审查", "承诺办结": "3 个工作日"},
         paper=("法律援助申请受理单", "示例市法律援助中心（样张）", "谭晓", "拖欠三个月工资")),
    Case("SF02", "zhao", SUPPORT, decided=False, sends=PROMISED,
         rows={"事项": "请求给付赡养费、抚养费", "经济状况": "已核验或已承诺"}, paper=("赵德福", "赡养费")),
    Case("SF02", "yang", {**SUPPORT, "income": "none"}, decided=False,
         sends={"waived": ("hardship",), "later": ("evidence",)}, rows={"人均月收入": "没有收入"},
         paper=("杨翠花",)),
    Case("SF02", "zheng", {**SUPPORT, "income": "more"}, "refused", says="2820", refers=True, sends=PROMISED),
    Case("SF02", "tan", WAGES, "refused", says="不用重复申请", sends=LATER),
    Case("SF02", "qin", {**WAGES, "facts": "欠薪"}, "form_invalid", says="至少", sends=LATER),
    Case("SF02", "zheng", SUPPORT, "material_missing",
         sends={"waived": ("hardship",), "later": ("evidence",)}),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_filed_ends_as_the_registers_say(standing: Terminal, clock: Clock, case: Case) -> None:
    judge(standing, case, filed(standing, clock, SERVICES, case))


@pytest.mark.parametrize(("who", "first"), [("yang", "data"), ("zheng", "letter")])
def test_who_draws_relief_has_shown_hardship_already(standing: Terminal, who: str, first: str) -> None:
    query = Query(service="SF02", subject=standing.lay_card(who), values=dict(SUPPORT))
    told = standing.post("/v1/services/SF02/materials", query)
    ways = MaterialsKnown.model_validate_json(told.content).ways
    assert ways["hardship"][0].source == first and "later" in [way.source for way in ways["evidence"]]
