"""Pages about paper that still lies in the A4 printer's tray."""

from __future__ import annotations

from config.faults import fault
from config.words import Words as W
from config.words import words
from kiosk.prompts import Option, TakePaper, Trouble

TAKE_A4_LEFT = TakePaper(words("journey.take_left"), "a4_printer")
PAPER_LEFT = Trouble(
    fault("paper_left").citizen,
    W("没有提交任何内容，您的信息没有丢失。", "Nothing was filed and nothing is lost."),
    W("请稍后再试，或呼叫工作人员。", "Please try again later, or call staff."),
    W("咨询电话 0571-0000 0000", "Call 0571-0000 0000"),
    (Option("again", W("再试一次", "Try again")), Option("home", W("返回首页", "Home page"))),
    "paper_left",
)
