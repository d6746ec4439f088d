"""An invented service with a fee, laid into the hall's catalogue."""

from __future__ import annotations

from tests.journeys.hall import Hall

PAID = "SB91"
_TOML = """
id = "SB91"
version = 1
theme = 1
flow = "manage"
level = 1
department = { zh = "人力资源和社会保障", en = "Human resources" }
name = { zh = "补办纪念卡", en = "Another commemorative card" }
action = { zh = "确认并付款", en = "Confirm and pay" }
needs = ["id_card_reader", "receipt_printer"]
fee = { fen = 500, words = { zh = "工本费", en = "Cost of the card" } }

[guide]
summary = { zh = "补办一张纪念卡。", en = "Orders another commemorative card." }
fee = { zh = "5 元", en = "5 yuan" }
time = { zh = "约 1 分钟", en = "About 1 minute" }
legal = { zh = "无", en = "None" }
phone = "12333"

[[outputs]]
document = "receipt"
device = "receipt_printer"
"""


def offer(hall: Hall) -> None:
    """Offers the service; the platform, which reads its catalogue when it starts, is started anew for it."""
    file = hall.catalogue / "sb91.toml"
    if not file.exists():
        file.write_text(_TOML, encoding="utf-8")
        hall.children["platform"].restart(60)
