"""Papers to bring, tables, documents to look at, codes for the phone."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from PIL import Image, ImageDraw

from config.words import Words as W
from config.words import same
from kiosk.prompts import (
    MaterialLine,
    Materials,
    Option,
    Picture,
    Preview,
    Row,
    ShowCode,
    ShowTable,
    Sign,
)

FINISH = Option("finish", W("完成", "Finish"))
PRINT = Option("print", W("打印", "Print"))
MATERIALS = Materials(
    W("需要这些材料", "These papers are needed"),
    (
        MaterialLine("card", W("居民身份证", "Resident identity card"), W("已读取", "Read"), True),
        MaterialLine(
            "household",
            W("户口簿", "Household register"),
            W("免交（数据核验）", "Not needed: checked in the records"),
            True,
            True,
        ),
        MaterialLine(
            "marriage",
            W("结婚证或者离婚证", "Marriage or divorce certificate"),
            W("告知承诺，稍后签名", "You declare it and sign later"),
            False,
            True,
        ),
        MaterialLine(
            "contract",
            W("房屋租赁合同", "Lease of the flat"),
            W("现场扫描，约 1 分钟", "Scanned here, about 1 minute"),
            False,
            True,
        ),
    ),
    W("开始扫描", "Start scanning"),
    W("已有的不再要您交。", "What is on record need not be brought."),
)
VISITS = ShowTable(
    W("就医明细", "Your treatments"),
    tuple(
        W(*head)
        for head in (
            ("日期", "Date"),
            ("医院", "Hospital"),
            ("诊断", "Diagnosis"),
            ("总费用（元）", "Cost (yuan)"),
            ("个人支付（元）", "You paid (yuan)"),
        )
    ),
    tuple(
        (
            same(f"2026-{1 + n % 11:02}-{1 + n * 5 % 27:02}"),
            W(
                ("示例市第一医院", "示范区社区卫生服务中心")[n % 2],
                ("First Hospital", "Model District Clinic")[n % 2],
            ),
            W(("上呼吸道感染", "高血压")[n % 2], ("Cold", "High blood pressure")[n % 2]),
            same(f"{120 + n * 37:,}.50"),
            same(f"{20 + n * 7}.20"),
        )
        for n in range(14)
    ),
    (Row(W("期间", "Period"), W("2026 年 1 月至 11 月", "2026-01 to 2026-11")),),
    hidden=(2,),
    actions=(PRINT, FINISH),
)
MONTHS = ShowTable(
    W("缴费情况", "Payments"),
    (W("年月", "Month"), W("缴费基数（元）", "Base (yuan)"), W("个人（元）", "Yours (yuan)")),
    tuple(
        (same(f"{2024 + n // 12}-{n % 12 + 1:02}"), same(f"{5_000 + n * 10:,}.00"), same(f"{400 + n}.00"))
        for n in range(34)
    ),
    actions=(PRINT, FINISH),
)
NO_LINES = replace(MONTHS, lines=(), actions=(FINISH,))


@cache
def document(page: int) -> Picture:
    """A page of A4 at 100 dots to the inch, as a certificate's picture would be."""
    drawn = Image.new("RGB", (827, 1169), "white")
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((60, 60, 767, 1109), outline=(60, 60, 60), width=3)
    pen.text((330, 110), f"SAMPLE {page}", fill=(160, 30, 30), font_size=40)
    for line in range(22):
        wide = 560 - (line * 37) % 180
        pen.rectangle((120, 220 + line * 36, 120 + wide, 232 + line * 36), fill=(90, 90, 90))
    return Picture(827, 1169, drawn.tobytes())


PREVIEW = Preview(
    W("请看一看，再打印", "Please look before it is printed"),
    (document(1), document(2)),
    (Option("print", W("打印 2 页", "Print 2 pages")), Option("back", W("不打印", "Do not print"))),
)
SHOW_CODE = ShowCode(
    W("请用手机扫码，接着在手机上办", "Scan this and go on with your phone"),
    "http://127.0.0.1:8070/go/Q2hhbmdlLW1lLTAx",
    175,
    W("二维码只能用一次，手机办完后本机自动继续。", "Good for one phone. We go on when the phone is done."),
    (Option("here", W("还在本机办", "Stay here")),),
)
_PARAGRAPHS = (
    (
        "本人已知悉办理本事项应当具备的条件、应当提交的材料以及不实承诺的后果，自愿适用告知承诺方式。",
        "I know what this service requires, which papers it asks for and what follows from untruth.",
    ),
    (
        "本人及共同生活的家庭成员在本市范围内没有自有住房，没有承租公房，近五年内没有出售或者赠与过住房。",
        "Neither I nor those who live with me own or rent public housing here, or have sold any.",
    ),
    (
        "所填写的信息真实、准确、完整；情况发生变化的，本人在三十日内主动告知，不再符合条件的停止办理。",
        "What I filled in is true and complete. I tell of any change within thirty days.",
    ),
    (
        "受理机关可以通过信息共享、实地走访等方式核查；核查不符的，本人退回已经取得的款项，承担相应的法律责任。",
        "The office may check it. If it is not so, I return what I was paid and answer for it under the law.",
    ),
)
LETTER = Sign(
    W("请先阅读承诺书", "Please read this declaration"),
    tuple(W(f"{n + 1}. {zh}", f"{n + 1}. {en}") for n, (zh, en) in enumerate(_PARAGRAPHS * 4)),
    W("签好了", "I have signed"),
)
