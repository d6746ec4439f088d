"""The pages on which somebody says who he is, beside card and camera."""

from __future__ import annotations

from dataclasses import replace

from config.words import Words as W
from config.words import same
from kiosk.prompts import EnterPin, HoldCode, Row, StaffCheck

HOLD_CODE = HoldCode(
    W("请出示“示例办”应用里的身份码", "Show the identity code of your app"),
    W("手机亮屏，二维码朝向亮起的扫码窗，约一掌远。", "Hold the screen a hand's width from the light."),
    other=W("改用身份证", "Use my ID card instead"),
)
HOLD_CODE_AGAIN = replace(
    HOLD_CODE,
    problem=W("这个码已过期，请刷新后再试。", "This code has run out. Please renew it and try again."),
)
PIN = EnterPin(
    W("请输入社保卡密码", "Enter the PIN of your social security card"),
    6,
    other=W("改用短信验证", "Use a text message"),
)
PIN_WRONG = replace(
    PIN,
    problem=W("密码不正确，还可以再试 2 次。", "That is not right. You have 2 more tries."),
)
STAFF = StaffCheck(
    W("请工作人员当面核对", "Please ask a member of staff"),
    (
        Row(W("姓名", "Name"), same("林*安")),
        Row(W("性别", "Sex"), W("女", "Female")),
        Row(W("出生", "Born"), W("1958 年 3 月", "1958-03")),
        Row(W("身份证号", "ID number"), same("3301** **** **** 1234")),
        Row(W("有效期至", "Valid until"), same("2036-05-01")),
    ),
    W("改用短信验证", "Use a text message"),
)
STAFF_AGAIN = replace(
    STAFF, problem=W("工号或密码不正确，请重新输入。", "Number or secret number is not right.")
)
