"""Police: records, household matters, identity cards, residence, crossings, offences (GA)."""

from __future__ import annotations

from typing import Any

from kiosk import prompts as p
from kiosk.prompts import Answer, Chosen
from tests.journeys.counter_stage import Customer, Row

RECORD = {"what": "apply", "purpose": "work"}
MATTER = {"what": "apply", "matter": "former_name", "purpose": "inherit"}
KIN = {**MATTER, "matter": "kin", "related": "许一诺"}
HOME = {"address": "330101001905", "since": "2026-08-15", "housing": "rented"}
TEN = {"from": "2016-11-22", "purpose": "work"}


def _a_week_later(customer: Customer, prompt: Any) -> Answer:
    """He comes again: the platform's reviews have had their days."""
    customer.counter.clock.pass_by(days=7)
    return Chosen("start")


ROWS = [
    Row("GA01", "zhang", RECORD, slip=("领取码", "2026-11-25"),
        stored={"state": "accepted", "what": "apply"}),
    Row("GA01", "hu", {**RECORD, "purpose": "abroad"}, slip=("领取码",), stored={"purpose": "abroad"}),
    Row("GA01", "zhang", RECORD, refused="您同样的申请正在审核"),
    Row("GA02", "tan", MATTER, slip=("2026-12-01",), stored={"matter": "former_name"}),
    Row("GA02", "changqing", KIN, slip=("领取码",), stored={"related": "许一诺"}),
    Row("GA02", "li", MATTER, refused="户籍登记中没有查到"),
    Row("GA03", "zhang", {"reason": "damaged", "delivery": "locker"}, told=("40.00",),
        slip=("40.00", "2026-12-18", "取证柜"), stored={"state": "accepted", "photo": "XP2608140002"}),
    Row("GA03", "he", {"reason": "expired", "delivery": "window"}, told=("20.00",), slip=("20.00",),
        stored={"reason": "expired"}),
    Row("GA03", "chen", {"reason": "damaged"}, refused="生僻字"),
    Row("GA04", "shen", HOME, slip=("映山公寓1单元905室", "租住"), stored={"address": "330101001905"}),
    Row("GA04", "sun", {**HOME, "address": "330102008412", "housing": "dormitory"},
        slip=("学生公寓6幢412室",), stored={"housing": "dormitory"}),
    Row("GA04", "jiang", {**HOME, "housing": "owned"}, refused="不动产登记中没有查到"),
    Row("GA05", "zhang", TEN, paper=("出入境记录查询结果", "2019-10-02", "邻海港口岸"),
        stored={"state": "accepted"}),
    Row("GA05", "zheng", {**TEN, "purpose": "notary"}, paper=("郑凯", "2026-09-12", "公证")),
    Row("GA05", "sun", TEN, refused="没有查到您的出入境记录"),
    Row("GA06", "zhang", told=("250.00", "浙Z0D581", "本机不收罚款"), outcome="consulted"),
    Row("GA06", "hu", {"plate": "浙Z0H036"}, told=("200.00", "超过规定时速"), outcome="consulted"),
    Row("GA06", "zhang", {"plate": "浙Z0H036"}, refused="不在您名下"),
    # a week later
    Row("GA01", "zhang", paper=("有无违法犯罪记录证明", "张明远", "未发现"), stored={"what": "collect"},
        ways={p.Guide: _a_week_later}),
    Row("GA01", "hu", paper=("胡一凡", "故意伤害罪", "出国（境）"), stored={"what": "collect"}),
    Row("GA02", "tan", {"what": "collect"}, refused="2026-12-01"),
    Row("GA02", "tan", paper=("户籍事项证明", "谭小丫", "继承"), stored={"what": "collect"},
        ways={p.Guide: _a_week_later}),
    Row("GA02", "changqing", paper=("许长青", "许一诺", "子女"), stored={"state": "accepted"}),
]  # fmt: skip
