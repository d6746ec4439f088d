"""The technician's pages as a terminal asks them, with the longest words that are to be expected."""

from __future__ import annotations

from dataclasses import replace

from config.faults import any_fault
from config.words import Words as W
from config.words import joined, same, words
from kiosk.prompts import (
    CameraSight,
    Condition,
    Option,
    Place,
    Row,
    TechnicianKey,
    TouchCrosses,
    WorkLine,
    WorkList,
    WorkSheet,
)
from kiosk.technician.menu import ACTIONS, LEAVE, PARTS
from kiosk.technician.workshop import action
from tests.screens.prompts import live_picture

AT_WORK = Place()
FIRST = Place(back=False)

KEY = TechnicianKey(W("请出示技术员身份", "Which technician are you?"), card=True)
KEY_AGAIN = TechnicianKey(
    W("请出示技术员身份", "Which technician are you?"),
    card=False,
    problem=W("编号或动态码不正确，还可以再试 2 次。", "Number or code is not right. 2 more tries."),
)
READY, SOON, BROKEN, UNKNOWN = (
    Condition.READY,
    Condition.ATTENTION,
    Condition.NOT_READY,
    Condition.UNKNOWN,
)
_DEVICES = (
    WorkLine("id", W("居民身份证阅读器", "Identity card reader"), W("在线，8 分钟前读卡", "Online"), READY),
    WorkLine("social", W("社保卡读写器", "Social card reader"), W("在线，PSAM 正常", "Online, PSAM"), READY),
    WorkLine("scan", W("扫码器", "Code scanner"), W("在线", "Online"), READY),
    WorkLine("face", W("人像摄像头", "Face camera"), W("画面偏暗，请检查补光灯", "Too dark"), SOON),
    WorkLine("high", W("高拍仪", "Document camera"), W("在线", "Online"), READY),
    WorkLine(
        "receipt",
        W("凭条打印机", "Receipt printer"),
        W("纸将用尽，约剩 38 张；切刀已用 812 340 次", "About 38 receipts left; 812 340 cuts"),
        SOON,
    ),
    WorkLine(
        "a4",
        W("A4 打印机", "A4 printer"),
        joined([words("technician.availability_fault"), any_fault("a4_worn_out").name]),
        BROKEN,
    ),
    WorkLine("special", W("证书专用打印机", "Certificate printer"), W("从未连接", "Never seen"), UNKNOWN),
    WorkLine("lights", W("指示灯与门禁板", "Lights and doors"), W("在线，柜门已开", "Door open"), SOON),
    WorkLine("pad", W("评价器", "Rating pad"), W("在线", "Online"), READY),
    WorkLine("sign", W("签字板", "Signature pad"), W("在线", "Online"), READY),
    WorkLine("", W("扬声器", "Speaker"), W("没有配置", "Not configured"), UNKNOWN),
    WorkLine("finger", W("指纹仪", "Fingerprint reader"), W("在线", "Online"), READY),
    WorkLine("locker", W("取证柜", "Locker"), W("24 格，3 格占用", "24 boxes, 3 in use"), READY),
)
_TOLD: dict[str, tuple[W, Condition]] = {  # what stands beside each part of the machine
    "notice": (words("technician.notice_none"), READY),
    "hours": (same("08:30–17:30"), READY),
    "network": (words("technician.platform_away"), BROKEN),
    "touch": (words("technician.touch_as_set_up"), READY),
    "versions": (same("1.7.0"), READY),
    "log": (words("technician.log_told"), Condition.PLAIN),
    "journal": (words("technician.entries", entries=3805), Condition.PLAIN),
}
MENU = WorkList(
    words("technician.title", actor="4711"),
    (
        *_DEVICES[4:7],
        *(WorkLine(one.value, words(f"technician.part_{one.value}"), *_TOLD[one.value]) for one in PARTS),
    ),
    (*(action(name) for name in ACTIONS), action(LEAVE)),
    words("technician.waiting"),
)
DEVICES = WorkList(
    W("设备", "Devices"),
    _DEVICES,
    tuple(
        Option(value, W(zh, en))
        for value, zh, en in (
            ("all", "逐台测试", "Test all"),
            ("again", "重新连接", "Reconnect"),
            ("scan", "查找设备", "Look for devices"),
            ("report", "打印报告", "Print the report"),
            ("send", "发送报告到大厅", "Send the report"),
            ("count", "计数器", "Counters"),
        )
    ),
    W("柜门打开时打印机不工作。", "Printers stand still while the door is open."),
)
BUSY = W("有办件正在打印", "A citizen's paper is being printed")
SHEET = WorkSheet(
    W("A4 打印机", "A4 printer"),
    (
        Row(W("故障", "Fault"), any_fault("a4_tray_missing").name),
        Row(W("故障代码", "Its code"), same("a4_tray_missing")),
        Row(W("地址", "Address"), same("ipp://192.168.20.40:631/ipp/print")),
        Row(W("型号", "Model"), same("PANTUM BP5155ADN 1.1.8")),
        Row(W("碳粉", "Toner"), W("62 %，约 1 480 张", "62 %, about 1 480 pages")),
        Row(W("纸盒", "Tray"), W("约 210 张（2026-11-20 加纸 500 张）", "About 210 sheets")),
        Row(W("已打印", "Printed"), W("今日 46 张，累计 38 214 张", "46 today, 38 214 in all")),
    ),
    (
        Option("test", W("打印测试页", "Print a test page"), reason=BUSY),
        Option("paper", W("已加纸", "Paper was added")),
        Option("toner", W("已换碳粉", "Toner was changed")),
        Option("reset", W("复位", "Reset")),
        Option("open", W("重新连接", "Reconnect")),
        Option("off", W("停用此设备", "Take it out of use")),
        Option("log", W("最近的错误", "Recent errors")),
        Option("maker", W("厂家说明", "Maker's page")),
    ),
    BROKEN,
    any_fault("a4_tray_missing").technician,
)
GOOD_SHEET = WorkSheet(
    W("网络与证书", "Network and certificate"),
    (
        Row(W("地址", "Address"), same("192.168.20.31/24, gw 192.168.20.1, dns 192.168.20.2")),
        Row(W("大厅", "Hall"), W("已连接，往返 3 毫秒", "Connected, 3 ms there and back")),
        Row(W("平台", "Platform"), W("已连接，往返 41 毫秒", "Connected, 41 ms there and back")),
        Row(W("支持包", "Support bundle"), same("support-330100-demo-K001-20261122T183756Z.tar.gz")),
        Row(W("证书", "Certificate"), W("2027-02-19 到期（还有 89 天）", "Until 2027-02-19 (89 days)")),
        Row(W("时钟", "Clock"), W("已对时，偏差 0.004 秒", "Synchronised, 0.004 s off")),
    ),
    (Option("again", W("再检查一次", "Look again")),),
    READY,
)
FOUND = WorkSheet(
    W("人像摄像头", "Face camera"),
    (
        Row(W("测试内容", "Tried"), W("取几帧画面，测量光线和清晰度", "Pictures: change, light, focus")),
        Row(W("结果", "Found"), W("画面全黑", "The picture is dark")),
        Row(W("故障", "Fault"), any_fault("camera_dark").name),
        Row(W("故障代码", "Its code"), same("camera_dark")),
    ),
    (Option("again", W("再测一次", "Test again")), Option("doors", W("试开柜门", "Open doors"))),
    BROKEN,
    any_fault("camera_dark").technician,
    main="again",
)
_LONG = W(
    "取件柜（33010100-0017-0002-330101001700-20261122-0001-0002-0003-0004-05）",
    "Locker (33010100-0017-0002-330101001700-20261122-0001-0002-0003-0004-05)",
)
LONG_NAME = replace(FOUND, title=_LONG)
LONG_NAMES = WorkList(
    _LONG,
    (
        *(
            WorkLine(str(n), W(f"{n} 号柜门", f"Compartment {n}"), words("technician.door_shut"), READY)
            for n in range(1, 24)
        ),
        WorkLine("long", _LONG, words("technician.door_kept"), Condition.PLAIN),
    ),
    (),
    words("technician.doors_note"),
    at="long",
)
MANY_ROWS = WorkSheet(
    W("版本", "Versions"),
    tuple(
        Row(same(name), same(told))
        for name, told in (
            ("terminal", "1.7.0 (98976cc, 2026-11-22)"),
            ("before", "1.6.2"),
            ("catalogue", "2026-11-18 / 118"),
            ("python", "3.11.2"),
            ("kivy", "2.3.1"),
            ("opencv", "4.14.0"),
            ("pyscard", "2.2.1"),
            ("debian", "12.12"),
            ("kernel", "6.1.0-40-amd64"),
            ("X", "21.1.7 dummy 1080x1920"),
            ("uptime", "41 d 06:12"),
            ("boots", "17"),
            ("journal", "184 203 entries, whole"),
            ("outbox", "0 waiting"),
            ("disk", "118.2 GB free of 240.1"),
            ("memory", "214 MB"),
        )
    ),
    (),
    READY,
)
NOTICE = WorkSheet(
    W("暂停服务告示", "Out-of-service notice"),
    (Row(W("大厅设置的告示", "Set by the hall"), W("没有，正常接待", "None; citizens are received")),),
    tuple(
        Option(name, words(f"technician.notice_{name}"))
        for name in ("repair", "supplies", "network", "moved")
    ),
    SOON,
)
NOTHING = WorkList(W("运行日志", "Log"), ())
CROSSES = TouchCrosses(
    W("请用指尖依次触摸十字的中心", "Touch the middle of each cross"),
    ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9), (0.5, 0.5)),
)


def measured() -> tuple[WorkLine, ...]:
    """What a face camera tells of its picture."""
    return (
        WorkLine("", W("清晰度", "Sharpness"), same("212 (≥ 120)"), READY),
        WorkLine("", W("亮度", "Light"), W("64，太暗，请打开补光灯", "64: too dark, lamp on"), SOON),
        WorkLine("", W("人脸", "Face"), W("1 张，宽 218 像素", "1, 218 pixels wide"), READY),
        WorkLine("", W("帧率", "Pictures"), W("每秒 24.8 帧", "24.8 a second"), READY),
    )


SIGHT = CameraSight(
    W("人像摄像头", "Face camera"),
    live_picture,
    measured,
    (
        Option("lamp", W("开补光灯", "Lamp on")),
        Option("good", W("画面正常", "It looks right")),
        Option("bad", W("画面不正常", "It looks wrong")),
    ),
)
