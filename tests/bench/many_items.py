"""A catalogue of invented items, as many as are wanted: the same each time, and each one valid."""

from __future__ import annotations

import itertools
from pathlib import Path

DEEDS = (
    ("登记", "Register"), ("变更", "Change"), ("注销", "Cancel"), ("补办", "Replace"), ("年审", "Check"),
    ("备案", "File"), ("申领", "Apply for"), ("查询", "Look up"), ("证明开具", "Certificate of"),
)  # fmt: skip
THINGS = (
    ("食品经营许可", "food licence"), ("出租房屋", "rented home"), ("养犬", "dog"), ("电动自行车", "e-bike"),
    ("残疾人补贴", "disability allowance"), ("老年优待", "senior card"), ("生育服务", "birth services"),
    ("临时占道", "use of the road"), ("户外广告", "outdoor advertising"), ("特种设备", "special equipment"),
    ("取水许可", "water abstraction"), ("农机牌证", "farm machine plate"), ("渔业捕捞", "fishing licence"),
    ("文物复制", "copy of a relic"), ("宗教场所", "place of worship"), ("职业资格", "vocational title"),
    ("社团法人", "association"), ("人才公寓", "flat for talents"), ("公租房", "public rental home"),
    ("供水过户", "water account"), ("燃气开户", "gas account"), ("树木移植", "moving of trees"),
    ("排水许可", "drainage permit"), ("工伤认定", "work injury"), ("劳动能力鉴定", "fitness for work"),
    ("医师执业", "medical practice"), ("护士执业", "nursing practice"), ("校车使用", "school bus"),
    ("民办学校", "private school"), ("营运车辆", "commercial vehicle"), ("船舶检验", "ship inspection"),
    ("计量器具", "measuring device"), ("药品零售", "pharmacy"), ("烟草零售", "tobacco shop"),
    ("出版物零售", "bookshop"), ("娱乐场所", "place of amusement"), ("印章刻制", "seal engraving"),
    ("律师执业", "legal practice"), ("公证员任职", "notary's office"), ("人民调解", "mediation"),
    ("水土保持", "soil conservation"), ("森林防火", "forest fire permit"), ("种子经营", "seed trade"),
    ("兽药经营", "veterinary trade"), ("粮食收购", "grain purchase"), ("价格备案", "price filing"),
    ("统计登记", "statistics"), ("退役优待", "veteran's card"), ("见义勇为", "good Samaritan"),
    ("慈善组织", "charity"),
)  # fmt: skip
_ITEM = """
id = "{id}"
version = 1
theme = {theme}
flow = "{flow}"
level = 2
means = ["sms", "face", "staff"]
department = {{ zh = "示例部门", en = "Sample department" }}
name = {{ zh = "{thing}{deed}", en = "{deed_en} {thing_en}" }}
action = {{ zh = "提交申请", en = "Submit" }}
needs = ["id_card_reader"]
uses = ["person_camera", "receipt_printer"]

[guide]
summary = {{ zh = "在自助终端办理{thing}{deed}。", en = "{deed_en} {thing_en}, here." }}
needs = [{{ zh = "本人身份证", en = "Your identity card" }}]
gives = [{{ zh = "受理凭条", en = "A receipt" }}]
excludes = [{{ zh = "须本人办理", en = "In person only" }}]
fee = {{ zh = "免费", en = "Free" }}
time = {{ zh = "约 3 分钟", en = "About 3 minutes" }}
legal = {{ zh = "示例管理办法", en = "Sample rules" }}
phone = "12345"

[[fields]]
key = "kind"
kind = "choice"
label = {{ zh = "办理类别", en = "Kind" }}
options = [
  {{ value = "first", name = {{ zh = "首次办理", en = "First time" }} }},
  {{ value = "again", name = {{ zh = "再次办理", en = "Again" }} }},
  {{ value = "other", name = {{ zh = "其他", en = "Other" }} }},
]

[[fields]]
key = "place"
kind = "region"
label = {{ zh = "办理地", en = "Where" }}

[[fields]]
key = "from"
kind = "month"
label = {{ zh = "起始月份", en = "From" }}

[[fields]]
key = "to"
kind = "month"
label = {{ zh = "截止月份", en = "To" }}
rules = [{{ rule = "not_before", field = "from" }}]

[[fields]]
key = "phone"
kind = "phone"
label = {{ zh = "联系电话", en = "Phone" }}
rules = [{{ rule = "phone" }}]

[[fields]]
key = "remark"
kind = "text"
label = {{ zh = "补充说明", en = "Remarks" }}
required = false
rules = [{{ rule = "max_length", characters = 150 }}]

[[outputs]]
document = "receipt"
device = "receipt_printer"
required = false
"""


def write_items(folder: Path, count: int) -> None:
    """Lays them down as `xa0001.toml` …, an equal share under each of the eight themes."""
    folder.mkdir(parents=True)
    pairs = itertools.islice(itertools.product(DEEDS, THINGS), count)
    for number, ((deed, deed_en), (thing, thing_en)) in enumerate(pairs):
        told = {"deed": deed, "deed_en": deed_en, "thing": thing, "thing_en": thing_en}
        told |= {"id": f"XA{number:04}", "theme": str(number % 8 + 1), "flow": "declare"}
        (folder / f"xa{number:04}.toml").write_text(_ITEM.format(**told), encoding="utf-8")
