"""Ways in and on: search, the small buttons of home and guide, a theme with very many services."""

from __future__ import annotations

from dataclasses import replace

from config.words import Words as W
from config.words import words
from kiosk.prompts import ChooseOne, ChooseService, Entry, Find, Option, Way
from kiosk.ways_in import ways_of
from tests.screens import prompts as p

HOME = replace(p.HOME, ways=ways_of(p.CATALOGUE, frequent=False))
HOME_FREQUENT = replace(p.HOME, ways=ways_of(p.CATALOGUE, frequent=True))
THEME_EMPTY = replace(HOME, tiles=(*HOME.tiles[:7], replace(HOME.tiles[7], count=0)))
HOME_NOTICE = replace(
    HOME_FREQUENT,
    notice=words("journey.home_notice"),
)
GUIDE = replace(
    p.GUIDE,
    ways=(
        Way("agent", W("替别人办", "For somebody else"), "people-arrows"),
        Way("phone", W("在手机上办", "On my phone"), "mobile-screen"),
    ),
)
_NAMES = (
    ("SB01", "个人参保证明打印", "Proof of social insurance", "grcbzmdy", "社保就业", "Work & pension"),
    ("SB05", "失业登记", "Register as unemployed", "sydj", "社保就业", "Work & pension"),
    ("SB06", "失业保险金申领", "Claim unemployment benefit", "sybxjsl", "社保就业", "Work & pension"),
    ("YB04", "异地就医备案", "Treatment in another city", "ydjyba", "医疗保障", "Medical care"),
    ("GJ04", "租房提取公积金", "Use the housing fund for rent", "zftqgjj", "住房", "Housing"),
    ("BD01", "不动产登记信息查询", "Real-estate records", "bdcdjxxcx", "住房", "Housing"),
    ("GA01", "无犯罪记录证明", "Certificate of no criminal record", "wfzjlzm", "公安户政", "Police"),
    ("MZ03", "高龄津贴申请", "Allowance for the aged", "gljtsq", "民政养老", "Family & elders"),
    ("ZH08", "12345 诉求提交与进度", "Tell 12345 of a concern", "sqtjyjd", "司法综合", "Justice"),
)
FIND = Find(
    W("您要找什么事项？", "What are you looking for?"),
    tuple(
        Entry(value, W(zh, en), letters, W(theme, theme_en))
        for value, zh, en, letters, theme, theme_en in _NAMES
    ),
)
SIXTY = ChooseService(
    W("社保就业", "Work & pension"),
    tuple(
        Option(f"SB{n:02}", W(f"第 {n} 项示例服务", f"Sample service no. {n}"), W("免费", "Free"))
        for n in range(1, 61)
    ),
)
EIGHT = ChooseOne(
    W("您为什么离开原来的单位？", "Why did you leave your work?"),
    tuple(
        Option(str(n), W(zh, en))
        for n, (zh, en) in enumerate(
            (
                ("劳动合同到期", "The contract ended"),
                ("单位解除合同", "I was dismissed"),
                ("双方商量解除", "We agreed to end it"),
                ("单位破产、关闭或者被吊销执照", "The company closed, failed or lost its licence"),
                ("本人辞职", "I resigned"),
                ("退役", "I left the forces"),
                ("毕业后还没有工作", "I have not worked since school"),
                ("其他", "Something else"),
            )
        )
    ),
    W("这决定需要哪些材料。", "It decides which papers are needed."),
)
