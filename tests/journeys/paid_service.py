"""Invented services with a fee and with a signature in the hall's catalogue, and the books of money."""

from __future__ import annotations

from typing import Any

from tests.journeys.hall import Hall

PAID = "SB91"  # with a card
UNKNOWN_HOLDER = "SB93"  # without a card
SIGNED = "SB92"  # with a card and a signature
FEE = 500  # fen
_SAME = """
version = 1
theme = 1
flow = "manage"
department = { zh = "人力资源和社会保障", en = "Human resources" }
name = { zh = "补办纪念卡", en = "Another commemorative card" }
action = { zh = "确认", en = "Confirm" }
needs = ["id_card_reader", "receipt_printer"]

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
_FEE = 'fee = { fen = 500, words = { zh = "工本费", en = "Cost of the card" } }'
TEXTS = {
    "sb91.toml": f'id = "SB91"\nlevel = 1\n{_FEE}{_SAME}',
    "sb92.toml": f'id = "SB92"\nlevel = 1\nsign = true{_SAME}',
    "sb93.toml": f'id = "SB93"\nlevel = 0\n{_FEE}{_SAME}',
}


def offer(hall: Hall) -> None:
    """Offers the services; the platform, which reads its catalogue when it starts, is started anew for it."""
    if (hall.catalogue / "sb91.toml").exists():
        return
    for name, text in TEXTS.items():
        (hall.catalogue / name).write_text(text, encoding="utf-8")
    hall.children["platform"].restart(60)


def orders(hall: Hall, kiosk: str) -> list[dict[str, Any]]:
    """The orders of a terminal, the oldest first."""
    return hall.rows(
        hall.platform_database, "SELECT * FROM orders WHERE terminal = ? ORDER BY order_no", kiosk
    )


def cases(hall: Hall, kiosk: str) -> list[dict[str, Any]]:
    """The cases of a terminal."""
    return hall.rows(hall.platform_database, "SELECT * FROM cases WHERE terminal = ?", kiosk)


def payments(hall: Hall, kiosk: str) -> list[dict[str, Any]]:
    """What the hall knows of a terminal's payments, in the order in which it heard of them."""
    return hall.rows(
        hall.hall_database, "SELECT * FROM payments WHERE terminal LIKE ? ORDER BY n", f"%/{kiosk}"
    )


def judge_money(hall: Hall, kiosk: str) -> None:
    """Each paid order has one case or one refund, each case its order, and the hall says the same."""
    filed = {case["key"] for case in cases(hall, kiosk)}
    used = set()
    told = {row["key"]: row["state"] for row in payments(hall, kiosk)}
    for order in orders(hall, kiosk):
        served = order["case_key"] is not None
        if served:
            used.add(order["case_key"])
        assert order["state"] != "open", f"still to be paid: {order}"
        if order["paid_at"] is not None:
            assert served == (order["state"] == "paid"), f"paid, and neither served nor refunded: {order}"
            assert (order["refunded_at"] is not None) == (order["state"] == "refunded")
            assert told[order["key"]] == ("paid" if served else "refunded")
        else:
            assert not served
            assert told.get(order["key"], "refused") == "refused"
    assert used == filed, "a case without its payment, or a payment for a case that is not there"
