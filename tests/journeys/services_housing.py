"""Housing: the fund (GJ) and the real-estate register (BD)."""

from __future__ import annotations

from config.people import person
from tests.journeys.counter_stage import Row

PERIOD = {"from": "2026-01", "to": "2026-10"}
AWAY = {"loan_region": "320100", "loan_office": "对江市住房公积金中心"}
RENT = {"amount": "120000", "marital": "single", "bank": "cloud", "card_no": "6222020000000000000"}
LOAN = {"amount": "50000000", "years": "20", "home": "first", "method": "instalment"}
XU = {"whose": "child", "child_name": "许一诺", "child_number": person("xu").number}

ROWS = [
    Row("GJ01", "zhang", {**PERIOD, "purpose": "home"},
        paper=("住房公积金缴存证明", "张明远", "33,600.00", "380,283.45"),
        stored={"state": "accepted", "from": "2026-01"}),
    Row("GJ01", "tan", {**PERIOD, "purpose": "loan"}, paper=("谭晓", "封存", "8,640.00", "2026-01 – 2026-09"),
        stored={"purpose": "loan"}),
    Row("GJ01", "sun", {**PERIOD}, refused="没有查到您在本市的住房公积金账户"),
    Row("GJ02", "feng", AWAY, paper=("冯丽娜", "江苏省对江市", "142", "188,484.20"),
        stored={"loan_region": "320100", "paid_region": "330100"}),
    Row("GJ02", "zheng", {"loan_region": "530100", "loan_office": "远山市住房公积金中心"},
        paper=("郑凯", "云南省远山市", "268")),
    Row("GJ02", "zhang", AWAY, refused="结清后才能出具"),
    Row("GJ03", "", LOAN, told=("2,673.94", "仅供参考"), outcome="consulted"),
    Row("GJ03", "", {**LOAN, "method": "principal", "home": "second", "years": "10"},
        told=("3.075%", "5,447.91"), outcome="consulted"),
    Row("GJ03", "", {**LOAN, "amount": "1"}, refused="不能少于 10000 元"),
    Row("GJ04", "chen", RENT, paper=("住房公积金提取受理单", "1,200.00", "已签署无房承诺书"),
        stored={"state": "accepted", "amount": "120000"}),
    Row("GJ04", "tang", {**RENT, "amount": "150000", "bank": "rural"}, paper=("唐小梅", "1,500.00"),
        stored={"bank": "rural"}),
    Row("GJ04", "zheng", RENT, refused="在本市有房"),
    Row("GJ04", "chen", {**RENT, "amount": "30001"}, refused="您本月还可提取 300.00 元"),
    Row("BD01", "zhang", {"scope": "city", "purpose": "school"},
        told=("有房（1 处）", "样（2015）示例市不动产权第0003021号"),
        paper=("张明远", "89.62", "共同共有", "2015-09-03"), stored={"scope": "city", "state": "accepted"}),
    Row("BD01", "chen", {"scope": "city", "purpose": "fund"}, told=("无房",),
        paper=("没有不动产登记记录", "公积金"), stored={"purpose": "fund"}),
    Row("BD01", "changqing", {**XU, "scope": "city"}, told=("无房",), paper=("许一诺", "许长青"),
        stored={"whose": "child"}),
    Row("BD01", "zhang", {**XU, "scope": "city"}, refused="没有查到您与所填未成年子女的关系"),
    Row("BD02", "qin", told=("继承登记", "公示中"), outcome="consulted"),
    Row("BD02", "hu", {"case_no": "BDC20261105014"}, told=("登簿，待核验完税",), outcome="consulted"),
    Row("BD02", "sun", refused="没有查到您名下的这项登记"),
    Row("BD03", "zheng", paper=("不动产权证书", "郑凯", "样D33000012345", "云杉路16号2幢805室"),
        stored={"case_no": "BDC20261020007"}),
    Row("BD03", "li", paper=("李若澜", "书院街66号"), stored={"state": "accepted"}),
    Row("BD03", "zhang", refused="全体携带身份证到窗口领取"),
    Row("BD03", "hu", refused="缴清税款后才能领证"),
]  # fmt: skip
