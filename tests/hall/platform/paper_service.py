"""A service that wants a paper of every sort, for tests: what an office holds, what may be cited, promised,
photographed, scanned or brought later; and a form that asks less of some."""

from __future__ import annotations

from pathlib import Path

from config.platform_api import FormData
from config.words import words
from hall.platform.office import Asking, Handler, take_in

ID = "SB93"
SERVICE = """
id = "SB93"
version = 1
theme = 1
flow = "declare"
level = 1
department = { zh = "人社", en = "Labour" }
name = { zh = "技能补贴申请", en = "Training grant" }
action = { zh = "提交申请", en = "File it" }
needs = ["id_card_reader"]
uses = ["document_camera", "receipt_printer"]

[guide]
summary = { zh = "申请补贴。", en = "Asks for a grant." }
fee = { zh = "免费", en = "Free" }
time = { zh = "约 3 分钟", en = "3 minutes" }
legal = { zh = "规定", en = "Rules" }
phone = "12333"

[[fields]]
key = "employer"
kind = "text"
label = { zh = "参保单位", en = "Employer" }
platform = true
locked = true

[[fields]]
key = "paid"
kind = "choice"
label = { zh = "发放方式", en = "Paid" }
options = [
  { value = "bank", name = { zh = "银行卡", en = "to a bank card" } },
  { value = "cash", name = { zh = "现金", en = "in cash" } },
]

[[fields]]
key = "card_no"
kind = "bank_card"
label = { zh = "银行卡号", en = "Card number" }
only_if = { field = "paid", is_in = ["bank"] }

[[fields]]
key = "region"
kind = "region"
label = { zh = "培训地", en = "Where" }
required = false

[[materials]]
key = "record"
name = { zh = "参保记录", en = "insurance record" }
sources = ["data", "scan"]

[[materials]]
key = "household"
name = { zh = "户口簿", en = "household book" }
sources = ["certificate", "letter", "upload"]
certificate = "household"
letter = "household_promise"

[[materials]]
key = "diploma"
name = { zh = "结业证书", en = "course certificate" }
pages = 2
sources = ["upload", "scan", "later"]

[[materials]]
key = "card_copy"
name = { zh = "银行卡照片", en = "picture of the card" }
sources = ["upload", "later"]
only_if = { field = "paid", is_in = ["bank"] }

[[outputs]]
document = "receipt"
device = "receipt_printer"
required = false
"""
LETTER = """
version = 3
title = { zh = "户籍情况承诺书", en = "Promise on my household" }
paragraphs = [
  { zh = "一、本人户籍情况属实。", en = "1. What I say of my household is true." },
  { zh = "二、承诺不实的，依法承担责任。", en = "2. If it is not, the law applies." },
]
"""


def _employer(asking: Asking) -> FormData:
    """Where he is insured."""
    if asking.person is None or not asking.person.insurance:
        return FormData()
    source = words("platform.source_insurance")
    return FormData(values={"employer": asking.person.insurance[0].employer}, sources={"employer": source})


# Whoever has an insurance record need not bring it.
HANDLER = Handler(
    knows=_employer,
    decides=take_in,
    has=lambda asking: frozenset({"record"}) if asking.person and asking.person.insurance else frozenset(),
)


def lay_down(folder: Path, service: str = SERVICE) -> Path:
    """A folder of the catalogue with the service and its letter."""
    (folder / "letters").mkdir(parents=True)
    (folder / "sb93.toml").write_text(service, encoding="utf-8")
    (folder / "letters" / "household_promise.toml").write_text(LETTER, encoding="utf-8")
    return folder
