"""Forms with every kind of field. The people are invented."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from config.form import When
from config.words import Words as W
from config.words import words
from kiosk.prompts import Field, FieldKind, FillForm, Option

_ACTION = W("下一步，核对信息", "Next: check")
NAME = Field("relative", FieldKind.TEXT, W("家属姓名", "Relative's name"))
BORN = Field(
    "born",
    FieldKind.MONTH,
    W("参加工作年月", "Month you began to work"),
    hint=W("以档案记载为准", "As your file says"),
    latest=date(2026, 11, 22),
)
FROM = Field("from", FieldKind.DATE, W("居住起始日期", "Living here since"), latest=date(2026, 11, 22))
DAY = Field(
    "day",
    FieldKind.DATE,
    W("预约日期", "Day"),
    earliest=date(2026, 11, 22),
    latest=date(2026, 12, 6),
)
AMOUNT = Field(
    "amount",
    FieldKind.MONEY,
    W("提取金额（元）", "Amount (yuan)"),
    hint=W("不超过账户余额", "Not more than is in the account"),
)
PLATE = Field("plate", FieldKind.PLATE, W("车牌号", "Number plate"))
REGION = Field("dest", FieldKind.REGION, W("就医地", "Where you will be treated"))
ID = Field("child", FieldKind.ID_NUMBER, W("孩子的身份证号", "Child's ID number"), masked=True)
CREDIT = Field("uscc", FieldKind.CREDIT_CODE, W("统一社会信用代码", "Unified social credit code"))
BANK = Field(
    "bank",
    FieldKind.BANK_CARD,
    W("银行卡号", "Bank card"),
    "6222021234567890128",
    source=W("来自社保记录", "On record"),
    doubt=True,
)
BANK_NAME = Field(
    "bank_name",
    FieldKind.CHOICE,
    W("开户银行", "Bank"),
    options=tuple(
        Option(str(n), W(f"示例{zh}银行", f"Sample Bank {zh_en}"))
        for n, (zh, zh_en) in enumerate(
            zip("农工商建交邮江海城乡信达民生兴业", "ABCDEFGHJKLMNPQR", strict=True)
        )
    ),
)
FACTS = Field(
    "facts",
    FieldKind.TEXT,
    W("事情经过", "What happened"),
    hint=W("时间、地点、经过和您的要求", "When, where, what, and what you ask for"),
    long=True,
    most=500,
)
KINDS = FillForm(
    W("请核对并填写", "Please check and fill in"),
    (NAME, BORN, AMOUNT, PLATE, REGION, ID, CREDIT, BANK, BANK_NAME, FACTS),
    _ACTION,
)
FILLED = replace(
    KINDS,
    fields=tuple(
        replace(field, value=value)
        for field, value in zip(
            KINDS.fields,
            (
                "张三",
                "1980-08",
                "120050",
                "浙A12345",
                "330101",
                "330101201503120025",
                "91330101M2A3E4X51X",
                "6222021234567890128",
                "3",
                "2026 年 11 月 3 日，公司通知我不用再来上班，没有说明理由，"
                "也没有支付十月份的工资。我要求支付工资和补偿。",
            ),
            strict=True,
        )
    ),
)
REASON = Field(
    "reason",
    FieldKind.CHOICE,
    W("申请原因", "Why"),
    options=(
        Option("lost", W("遗失", "Lost")),
        Option("broken", W("损坏", "Damaged")),
        Option("other", W("其他", "Another")),
    ),
)
OTHER = Field(
    "other", FieldKind.TEXT, W("请说明", "Please say which"), only_if=When(field="reason", is_in=("other",))
)
LOST_DAY = Field(
    "lost_day",
    FieldKind.DATE,
    W("遗失日期", "Day it was lost"),
    latest=date(2026, 11, 22),
    only_if=When(field="reason", is_in=("lost",)),
)
ONLY_IF = FillForm(
    W("请填写", "Please fill in"),
    (
        Field(
            "name",
            FieldKind.TEXT,
            W("姓名", "Name"),
            "林*安",
            locked=True,
            source=W("来自身份证", "From your card"),
        ),
        Field(
            "address",
            FieldKind.TEXT,
            W("住址", "Address"),
            "浙江省示例市示范区样板路 1 号 2 幢 301 室",
            locked=True,
            source=W("来自户籍登记", "From the household register"),
            doubt=True,
        ),
        REASON,
        OTHER,
        LOST_DAY,
    ),
    _ACTION,
)


def only(field: Field) -> FillForm:
    """A form of one field."""
    return FillForm(words("journey.form_question"), (field,), _ACTION)
