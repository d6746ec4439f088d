"""The first services of all: SB01, SB02, ZH02, ZH03."""

from tests.journeys.counter_stage import Row

ROWS = [
    Row(
        "SB01",
        "zhang",
        {"purpose": "home"},
        paper=("张明远", "个人参保证明", "196"),
        stored={"state": "accepted"},
    ),
    Row("SB01", "li", paper=("李若澜", "303"), slip=("个人参保证明打印",), stored={"state": "accepted"}),
    Row("SB01", "sun", {"from": "2026-01", "to": "2026-10"}, refused="没有"),
    Row("ZH03", "", {"window": "tax"}, slip=("C001",), stored={"state": "accepted"}),
    Row("ZH02", "zhang", told=("个人参保证明打印",), outcome="consulted"),
]
