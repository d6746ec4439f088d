"""Social and medical insurance: contributions, pensioners, who is out of work, visits, care elsewhere."""

from __future__ import annotations

from tests.journeys.counter_stage import Row

SPAN = {"from": "2025-11", "to": "2026-10"}
TAN = {
    "region": "330101",
    "address": "梧桐路12号3幢301室",
    "education": "college",
    "reason": "expired",
}
FENG = {
    "region": "330103",
    "address": "潮声路15号2单元603室",
    "education": "bachelor",
    "reason": "dismissed",
    "intent": "编辑、校对",
}
BANK = {"bank": "rural", "card_no": "6222020000000000000"}
MOVED = {"region": "320100", "insurance": "pension"}
YEAR = {"from": "2025-11-22", "to": "2026-11-22"}
WINTER = {"kind": "living", "region": "530100", "from": "2026-12-01", "until": "2027-04-30"}
TRIP = {"kind": "short", "region": "330201", "from": "2026-11-22", "to": "2026-12-20", "contact": "钱桂兰"}
OUT = {"from_region": "330100", "to_region": "320100", "insurance": "employee"}
IN = {"from_region": "330200", "to_region": "330101", "insurance": "resident"}

ROWS = (
    # SB02: the back of the sheet has its months
    Row("SB02", "wang", {"year": "2022"}, paper=("王守田", "2022-12", "216"), stored={"year": "2022"}),
    Row("SB02", "wu", paper=("吴海生", "2025-12", "个人缴费"), stored={"year": "2025"}),
    Row("SB02", "sun", {"year": "2024"}, refused="查无记录"),
    # SB03: looked at, then printed
    Row(
        "SB03",
        "zhang",
        SPAN,
        paper=("张明远", "养老保险缴费情况", "14,376.96", "12,038.40"),
        told=("正常缴费", "2,338.56"),
        stored={"state": "accepted", "from": "2025-11"},
    ),
    Row("SB03", "wu", SPAN, paper=("吴海生", "1,948.80", "个人缴费"), stored={"service": "SB03"}),
    Row("SB03", "sun", SPAN, refused="查无记录"),
    # SB04: who draws a pension
    Row(
        "SB04",
        "zhao",
        slip=("养老待遇领取资格认证", "恢复发放", "2027-11-22"),
        stored={"state": "accepted", "means": "staff"},
    ),
    Row(
        "SB04",
        "han",
        {"address": "建设路45号"},
        slip=("继续发放", "5,381.20"),
        stored={"address": "建设路45号"},
    ),
    Row("SB04", "qian", refused="不用重复认证"),
    Row("SB04", "wang", refused="60 周岁"),
    # SB06 wants SB05 first; both once
    Row("SB06", "tan", BANK, refused="请在本机办理“失业登记”（SB05）"),
    Row(
        "SB05",
        "tan",
        TAN,
        paper=("谭晓", "失业登记受理通知书", "2026-09-30", "劳动合同期满", "示范区梧桐路12号3幢301室"),
        stored={"state": "accepted", "end_date": "2026-09-30", "phone": "13800000010"},
    ),
    Row(
        "SB05",
        "feng",
        FENG,
        paper=("冯丽娜", "编辑、校对", "用人单位解除劳动合同", "2026-05-31"),
        stored={"state": "accepted", "reason": "dismissed"},
    ),
    Row("SB05", "tan", TAN, refused="不用重复办理"),
    Row("SB05", "zhang", {**TAN, "end_date": "2026-10-31"}, refused="示例市云杉软件有限公司"),
    Row("SB05", "zhao", refused="62 周岁"),
    Row(
        "SB06",
        "tan",
        BANK,
        paper=("谭晓", "24", "1,890.00", "示例农村商业银行", "**** 0000"),
        told=("2026-11-22 已登记",),
        stored={"state": "accepted", "decided": False, "bank": "rural"},
    ),
    Row(
        "SB06",
        "feng",
        {**BANK, "bank": "sample"},
        paper=("冯丽娜", "18", "110"),
        stored={"decided": False, "bank": "sample"},
    ),
    Row("SB06", "yang", BANK, refused="0 个月"),
    # SB07, SB08
    Row("SB07", "wu", {"year": "2025"}, paper=("吴海生", "2025-12", "11,692.80"), stored={"year": "2025"}),
    Row(
        "SB07",
        "changqing",
        {"year": "2024"},
        paper=("许长青", "946.80", "11,361.60"),
        stored={"year": "2024"},
    ),
    Row("SB07", "zhang", {"year": "2025"}, refused="没有查到您以灵活就业身份缴费"),
    Row("SB08", "feng", MOVED, paper=("冯丽娜", "对江市", "140", "66,264.48"), stored={"state": "accepted"}),
    Row(
        "SB08",
        "tan",
        {"region": "530100", "insurance": "unemployment"},
        paper=("谭晓", "失业保险", "远山市", "150"),
        stored={"insurance": "unemployment"},
    ),
    Row("SB08", "zhang", MOVED, refused="尚未停保"),
    # SB09: what hangs on the action is asked with it alone
    Row(
        "SB09",
        "zhang",
        {"action": "lost", "reason": "stolen"},
        slip=("社会保障卡", "2026-11-29", "被盗"),
        stored={"action": "lost", "reason": "stolen", "phone": "13800000001"},
    ),
    Row(
        "SB09", "jiang", {"action": "progress"}, slip=("制卡中", "2026-12-01"), stored={"action": "progress"}
    ),
    Row("SB09", "zhang", {"action": "lost", "reason": "lost"}, refused="不用重复挂失"),
    Row("SB09", "sun", {"action": "info"}, refused="没有查到您的社会保障卡"),
    # YB01, YB02: looked at, then printed
    Row(
        "YB01",
        "zhang",
        {"year": "2026", "kind": "employee"},
        paper=("张明远", "3,009.60", "12,643.80", "2026-10"),
        told=("正常参保",),
        stored={"state": "accepted"},
    ),
    Row(
        "YB01",
        "xu",
        {"year": "2025"},
        paper=("许一诺", "城乡居民医保", "710.00"),
        stored={"kind": "resident"},
    ),
    Row("YB01", "wang", {"year": "2026", "kind": "resident"}, refused="查无记录"),
    Row(
        "YB02",
        "zhang",
        YEAR,
        paper=("张明远", "过敏性鼻炎", "218.90", "262.20"),
        stored={"state": "accepted"},
    ),
    Row(
        "YB02",
        "qin",
        {"from": "2026-01-01", "to": "2026-06-30"},
        paper=("秦素云", "远山市中心医院", "6,294.92"),
        stored={"from": "2026-01-01"},
    ),
    Row("YB02", "sun", YEAR, refused="查无记录"),
    # YB03
    Row("YB03", "qin", told=("LX20261012008", "审核中", "1,264.30"), outcome="consulted"),
    Row("YB03", "zhao", {"case_no": "LX20260903021"}, told=("3,210.00", "2026-09-18"), outcome="consulted"),
    Row("YB03", "zhang", refused="查无记录"),
    # YB04, YB05
    Row(
        "YB04",
        "qin",
        WINTER,
        paper=("秦素云", "云南省远山市", "2027-04-30", "异地长期居住"),
        stored={"state": "accepted", "until": "2027-04-30"},
    ),
    Row(
        "YB04", "zhao", TRIP, paper=("赵德福", "海岛县", "2026-12-20", "钱桂兰"), stored={"to": "2026-12-20"}
    ),
    Row("YB04", "qin", {**WINTER, "until": "2027-03-01"}, refused="不用重复备案"),
    Row("YB04", "feng", TRIP, refused="已于2026-05后停保"),
    Row("YB05", "feng", OUT, paper=("冯丽娜", "3,441.50", "对江市"), stored={"decided": False}),
    Row("YB05", "shen", IN, paper=("沈可欣", "邻海市", "2026-07"), stored={"insurance": "resident"}),
    Row("YB05", "zhang", OUT, refused="还没有停保"),
    # YB06: on the printer of booklets
    Row(
        "YB06",
        "wang",
        {"reason": "first"},
        paper=("王守田", "就医记录册", "首次申领"),
        stored={"reason": "first"},
    ),
    Row("YB06", "he", {"reason": "lost"}, paper=("贺文静", "2024-02-26"), stored={"reason": "lost"}),
    Row("YB06", "li", {"reason": "first"}, refused="参保地是浙江省示例市临溪县"),
    Row("YB06", "zhang", {"reason": "first"}, refused="2021-05-17"),
)
