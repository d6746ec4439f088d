"""Tax, companies, school and vehicles for hire."""

from __future__ import annotations

from config.people import person
from tests.journeys.counter_stage import Row

YEAR = {"from": "2026-01", "to": "2026-10"}
XU = person("xu").number
YUNSHAN, XUJI, TINGQUAN = "91330101MADEM00116", "92330101MADEM002XT", "91330101MADEM0046Q"
SHOP = {"industry": "6210", "region": "330101", "address": "梧桐路30号", "capital": "5000000"}
ELSEWHERE = {"school": "other", "year": "unknown"}
CHILD = {"child_name": "许一诺", "child_number": XU}

ROWS = (
    # SW01: the last twelve months are filled in
    Row("SW01", "zhang", paper=("个人所得税纳税记录", "示例市税务局", "张明远", "2025-11", "574.50")),
    Row(
        "SW01",
        "jiang",
        YEAR,
        paper=("蒋一鸣", "141.30", "47.10"),
        stored={"state": "accepted", "from": "2026-01"},
    ),
    Row("SW01", "sun", YEAR, refused="没有查到您的个人所得税申报记录"),
    # SW02: by contract, or by year
    Row(
        "SW02",
        "he",
        {"tax": "deed", "contract": "SF20150611088"},
        paper=("税收完税证明", "贺文静", "12,800.00", "502室"),
        stored={"state": "accepted", "contract": "SF20150611088"},
    ),
    Row("SW02", "hu", {"tax": "vehicle", "year": "2026"}, paper=("胡一凡", "车船税", "1,074.00", "60 元/吨")),
    Row("SW02", "li", {"tax": "deed", "contract": "SF20150611088"}, refused="买受人"),
    # SW03: paid by QR code, for oneself or one's child
    Row(
        "SW03",
        "changqing",
        {"for": "family", "family_number": XU, "year": "2027", "level": "medical"},
        slip=("420.00", "许**", "已付"),
        stored={"state": "accepted", "year": "2027"},
    ),
    Row(
        "SW03",
        "yang",
        {"for": "self", "year": "2027", "level": "medical"},
        slip=("420.00", "杨**"),
        stored={"state": "accepted", "level": "medical"},
    ),
    Row("SW03", "zhang", {"for": "self", "year": "2026", "level": "p500"}, refused="职工社会保险"),
    # SJ01: the first name that is free; a promise stands for the paper of the premises
    Row(
        "SJ01",
        "tan",
        {**SHOP, "name_1": "示例市示范区小满馄饨店"},
        paper=("登记受理通知书", "谭晓", "小满馄饨店", "50,000.00"),
        stored={"state": "accepted", "capital": "5000000"},
    ),
    Row(
        "SJ01",
        "feng",
        {**SHOP, "name_1": "示例市示范区许记面馆", "name_2": "示例市示范区冯家花店", "capital": "2000000"},
        paper=("冯丽娜", "冯家花店", "20,000.00"),
        stored={"state": "accepted"},
    ),
    Row("SJ01", "qin", {**SHOP, "name_1": "示例市示范区小满馄饨店"}, refused="名称都不能使用"),
    # SJ02: special paper, each licence once
    Row(
        "SJ02",
        "zheng",
        {"copy": "original"},
        paper=("营业执照", "郑凯", YUNSHAN, "正本", "样张·无效"),
        stored={"state": "accepted", "code": YUNSHAN},
    ),
    Row("SJ02", "changqing", {"copy": "copy", "copy_no": "1"}, paper=("许记面馆", "许长青", XUJI)),
    Row("SJ02", "zheng", {"copy": "original"}, refused="只打印一次"),
    Row("SJ02", "zhang", {"code": YUNSHAN, "copy": "original"}, refused="不是该市场主体登记的法定代表人"),
    # SJ03: nobody is asked who he is
    Row("SJ03", "", {"name": "云杉"}, told=("示例市云杉软件有限公司", "示例市云杉园艺工作室", "已注销")),
    Row("SJ03", "", {"name": "渡口"}, told=("渡口咖啡馆", "名称预留", "2026-12-20")),
    Row("SJ03", "", {"name": "无此名称"}, refused="没有记录不代表可以登记"),
    # SJ04: looked at, then printed
    Row("SJ04", "zhang", {"code": YUNSHAN}, told=("郑凯",), paper=("机读档案", "张明远", "云杉路100号2幢")),
    Row("SJ04", "li", {"code": TINGQUAN}, paper=("听泉餐饮", "已注销"), stored={"state": "accepted"}),
    Row("SJ04", "zhang", {"code": "91330103MADEM00706"}, refused="没有查到这个统一社会信用代码"),
    # JY01: for a guardian alone
    Row("JY01", "changqing", {**CHILD, "year": "2024"}, told=("梧桐路小学", "已录取", "父亲")),
    Row("JY01", "tan", {**CHILD, "year": "2024"}, told=("幼升小", "母亲")),
    Row("JY01", "zhang", {**CHILD, "year": "2024"}, refused="没有查到由您作为监护人"),
    # JY02
    Row("JY02", "jiang", paper=("学生档案存档证明", "示例市理工学院", "示例市人才服务中心")),
    Row("JY02", "sun", paper=("孙䶮", "示例市临溪大学", "在读"), stored={"state": "accepted"}),
    Row("JY02", "shen", {**ELSEWHERE, "school_name": "外省某大学"}, refused="外地学校"),
    # JT01: decided at once; plate and number are filled in
    Row("JT01", "hu", slip=("符合", "浙Z0H036", "2027-12-10"), stored={"state": "accepted"}),
    Row("JT01", "wu", slip=("浙Z1T035", "2027-12-31"), stored={"plate": "浙Z1T035"}),
    Row("JT01", "hu", {"plate": "浙Z0H782", "certificate": "330103008802"}, refused="2025-06-30"),
)  # fmt: skip
