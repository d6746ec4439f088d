"""General services: archives, progress, numbers, papers handed in, other places, bundles, the hotline."""

from __future__ import annotations

from kiosk.prompts import Value
from tests.journeys.counter_stage import Row

PHONE = "13800000099"
BANK = "6222020000000000018"
PENSION: dict[str, Value] = {
    "matter": "retire",
    "retire_items": ("pension", "medical", "reward"),
    "bank_card": BANK,
    "phone": PHONE,
}
BABY: dict[str, Value] = {
    "matter": "birth",
    "birth_items": ("household", "medical", "card"),
    "household": "mother",
    "phone": PHONE,
}
COMPANY: dict[str, Value] = {
    "matter": "start",
    "start_items": ("licence", "seal", "tax", "social"),
    "capital": "20000000",
    "region": "330101",
    "address": "示范区云杉路8号",
    "phone": PHONE,
}

ROWS = [
    # ZH01: what the archives have of somebody, and 查无此档
    Row(
        "ZH01",
        "han",
        {"kind": "veteran", "years": "middle", "purpose": "pension"},
        paper=("韩建军", "TY-1985-0098", "1985-10-15", "办理退休"),
        told=("查到 1 份档案",),
        stored={"kind": "veteran", "state": "accepted"},
    ),
    Row(
        "ZH01",
        "qian",
        {"kind": "youth", "years": "any", "purpose": "allowance"},
        paper=("钱桂兰", "ZQ-1968-0233", "ZQ-1979-0051"),
        stored={"state": "accepted", "years": "any"},
    ),
    Row(
        "ZH01",
        "li",
        {"kind": "marriage", "years": "late"},
        paper=("结婚登记", "离婚登记", "L330102-2019-000077"),
    ),
    Row("ZH01", "jiang", {"kind": "only_child", "years": "any"}, refused="查无此档"),
    # ZH03: a number now, one that goes first, a half-hour booked
    Row(
        "ZH03", "zhang", {"window": "tax"}, slip=("C001", "税务"), stored={"service": "ZH03", "window": "tax"}
    ),
    Row(
        "ZH03",
        "zhao",
        {"window": "tax", "priority": "elder"},
        slip=("C002", "老年人", "0"),
        stored={"priority": "elder"},
    ),
    Row(
        "ZH03",
        "li",
        {"window": "estate", "when": "later", "day": "2026-11-24", "slot": "10:00"},
        slip=("YB1000-1", "11月24日 周二 10:00"),
        stored={"slot": "10:00"},
    ),
    Row(
        "ZH03",
        "li",
        {"window": "estate", "when": "later", "day": "2026-11-28", "slot": "10:00"},
        refused="不接受预约",
    ),
    # ZH04: papers are taken in, originals have a compartment of their own
    Row(
        "ZH04",
        "he",
        {"item": "estate", "about": "房屋过户", "sheets": "1", "originals": "yes", "phone": PHONE},
        slip=("1 号", "不动产、公积金"),
        stored={"compartment": 1, "about": "房屋过户"},
    ),
    Row(
        "ZH04",
        "zheng",
        {"item": "company", "about": "变更登记", "sheets": "2", "originals": "no", "phone": PHONE},
        slip=("变更登记", "2 页"),
        stored={"compartment": 0, "sheets": "2"},
    ),
    Row("ZH04", "he", {"item": "tax", "about": "契税", "sheets": "1", "phone": "123"}, refused="请填写"),
    # ZH05: copies, with what they are for printed across
    Row("ZH05", "", {"original": "card", "purpose": "school", "copies": "2"}, told=("办理入学", "2 份")),
    Row("ZH05", "", {"original": "paper", "purpose": "none", "copies": "1"}, told=("不注明",)),
    Row("ZH05", "", {"original": "card", "purpose": "none"}, refused="不能用这一项"),
    # ZH06: a route, the quickest one, none
    Row(
        "ZH06",
        "feng",
        {"region": "320101", "item": "YB05", "phone": PHONE},
        slip=("跨省通办", "2026-11-24", "对江"),
        stored={"region": "320101", "decided": False},
    ),
    Row(
        "ZH06",
        "wu",
        {"region": "330201", "item": "SJ01", "phone": PHONE},
        slip=("省内通办", "2026-11-27", "随航班寄送"),
        stored={"item": "SJ01"},
    ),
    Row("ZH06", "qin", {"region": "530101", "item": "GJ02", "phone": PHONE}, refused="通办协议"),
    Row(
        "ZH06", "zheng", {"region": "460000", "item": "SJ01", "phone": PHONE}, refused="没有“个体工商户登记”"
    ),
    # ZH07: bundles, whole and in part
    Row(
        "ZH07",
        "han",
        PENSION,
        slip=("ZH0712", "ZH0713", "自 2025-08 起"),
        told=("3 项中受理 2 项", "未受理：您自 2025-08 起"),
    ),
    Row("ZH07", "he", BABY, slip=("ZH0721", "ZH0722", "ZH0723"), told=("3 项全部受理",)),
    Row("ZH07", "zheng", {**COMPANY, "company": "示例市晨光商贸有限公司"}, slip=("ZH0731", "ZH0734")),
    Row("ZH07", "wang", PENSION, refused="2028-11-02"),
    Row("ZH07", "zhang", BABY, refused="已由父母一方办理过"),
    Row("ZH07", "jiang", {**COMPANY, "company": "示例市云杉软件有限公司"}, refused="请换一个名称"),
    # ZH02: what was filed above
    Row("ZH02", "he", told=("新生儿出生登记", "办理中", "已办结")),
    Row("ZH02", "han", told=("民生档案一网通查、即时出证", "已办结")),
    Row("ZH02", "shen", refused="没有查到您名下的办件"),
    # ZH08: with a telephone and without a name
    Row(
        "ZH08",
        "tan",
        {"kind": "help", "text": "梧桐路的路灯坏了三天。", "phone": PHONE},
        slip=("求助", "2026-11-27", "办结后回电"),
        stored={"kind": "help", "citizen": None},
    ),
    Row(
        "ZH08",
        "sun",
        {"kind": "suggest", "text": "大厅的饮水机请多放两台。"},
        slip=("建议", "匿名"),
        stored={"kind": "suggest", "citizen": None},
    ),
    Row("ZH08", "sun", {"kind": "ask", "text": "你好"}, refused="至少"),
    Row("ZH0801", "sun", {"ticket": "330101ZH0820261122AAAAAA"}, refused="没有这个工单"),
]
