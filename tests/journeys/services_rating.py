"""ZH09 好差评补评: a case of before is rated out of one's own list."""

from kiosk.prompts import Rate, Rated
from tests.journeys.counter_stage import Row

ROWS = [
    Row("ZH09", "sun", refused="没有可以评价的办件"),
    Row("SB02", "zhang", paper=("张明远",), stored={"state": "accepted"}),
    Row(
        "ZH09",
        "zhang",
        told=("养老保险个人权益记录单打印：您对这次服务满意吗", "谢谢您的评价"),
        outcome="completed",
        ways={Rate: Rated(5, ("510", "515"))},
    ),
    Row("SB02", "li", paper=("李若澜",), stored={"state": "accepted"}),
    Row(
        "ZH09",
        "li",
        told=("谢谢您的评价",),
        outcome="completed",
        ways={Rate: Rated(2, ("209",), "等了很久")},
    ),
    Row(
        "ZH09",
        "zhang",
        told=("后来怎么样", "谢谢您的评价"),
        outcome="completed",
        ways={Rate: Rated(3, ("309",))},
    ),
    Row("ZH09", "zhang", refused="没有可以评价的办件"),
]
