"""Marriages, elders, relief, the notary and legal aid."""

from __future__ import annotations

from config.people import person
from tests.journeys.counter_stage import Row

MARRIED = {"kind": "marriage", "purpose": "home"}
WEDDING = {
    "region": "330101",
    "partner_name": "沈可欣",
    "partner_number": person("shen").number,
    "partner_region": "330201",
    "office": "model",
    "day_model": "2026-11-28",
    "slot_model": "09:30",
}
ISLAND = {
    "region": "330201",
    "partner_name": "冯丽娜",
    "partner_number": person("feng").number,
    "partner_region": "330103",
    "office": "linxi",
    "day_linxi": "2026-11-24",
    "slot_linxi": "09:00",
}
ELDER = {"region": "330102", "bank": "rural", "card_no": "6222021234567890128", "contact": "钱桂兰"}
BOOK = {"action": "book", "matter": "proxy", "office": "notary", "papers": "bring"}
WAGES = {
    "matter": "wages",
    "facts": "单位拖欠三个月工资，多次催要没有支付，请求指派律师代理。",
    "income": "low",
}
SUPPORT = {"matter": "support", "facts": "请求子女按月给付赡养费，经村里调解没有结果。", "income": "low"}

ROWS = (
    # MZ01: the citizen's own entries
    Row("MZ01", "zhang", MARRIED, paper=("婚姻登记档案证明", "张明远", "贺文静", "2014-06-18")),
    Row("MZ01", "li", {**MARRIED, "kind": "divorce"}, paper=("李若澜", "L330102-2019-000077")),
    Row("MZ01", "sun", MARRIED, refused="没有查到"),
    # MZ02: two who may marry
    Row(
        "MZ02",
        "jiang",
        WEDDING,
        slip=("11月28日", "09:30", "示范区婚姻登记处"),
        stored={"state": "accepted", "office": "model"},
    ),
    Row("MZ02", "wu", ISLAND, slip=("11月24日", "临溪县婚姻登记处"), stored={"state": "accepted"}),
    Row("MZ02", "zhang", WEDDING, refused="现有配偶"),
    # MZ03
    Row(
        "MZ03",
        "zhao",
        {**ELDER, "kind": "allowance"},
        slip=("高龄津贴", "尾号 0128"),
        stored={"state": "accepted", "kind": "allowance"},
    ),
    Row("MZ03", "qian", {**ELDER, "kind": "home_care"}, slip=("居家养老服务",), stored={"state": "accepted"}),
    Row("MZ03", "qin", {**ELDER, "kind": "home_care"}, refused="已在享受"),
    # MZ04
    Row("MZ04", "yang", {"purpose": "legal"}, paper=("社会救助对象证明", "杨翠花", "1,080.00")),
    Row("MZ04", "wang", {"purpose": "school"}, paper=("王守田", "低收入家庭", "2027-06-30")),
    Row("MZ04", "zhang", refused="没有查到您家庭"),
    # SF01: an appointment, or progress
    Row(
        "SF01",
        "zhang",
        {**BOOK, "day_notary": "2026-11-24", "slot_notary": "09:30"},
        slip=("11月24日", "委托公证"),
        stored={"state": "accepted", "matter": "proxy"},
    ),
    Row(
        "SF01",
        "he",
        {**BOOK, "papers": "now", "matter": "will", "day_notary": "2026-11-25", "slot_notary": "10:00"},
        slip=("11月25日", "遗嘱公证", "已提交照片"),
        stored={"papers": "now"},
    ),
    Row("SF01", "feng", {"action": "progress"}, slip=("SGZ2026-01187", "待领取"), stored={"decided": True}),
    Row("SF01", "li", {"action": "progress"}, refused="没有查到您名下的公证"),
    # SF02: papers follow later, a promise stands for proof of hardship
    Row("SF02", "tan", WAGES, paper=("法律援助申请受理单", "谭晓", "依法不审查"), stored={"decided": False}),
    Row("SF02", "zhao", SUPPORT, paper=("赵德福", "赡养费"), stored={"matter": "support"}),
    Row("SF02", "zheng", {**SUPPORT, "income": "more"}, refused="2820"),
)  # fmt: skip
