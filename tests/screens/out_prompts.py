"""A terminal out of service, as the core and the notice program tell it, and with the longest words."""

from __future__ import annotations

from dataclasses import replace

from config.faults import any_fault
from config.words import Words as W
from config.words import words
from kiosk.prompts import OutOfService

_CALL = words("journey.call", phone="0571-0000 0000")
_PLACE = W("一楼大厅东侧，服务台旁", "Ground floor, east side, beside the service desk")
PLAIN = OutOfService(
    W("本机正在维护，暂停服务", "This terminal is being serviced"),
    W("请使用旁边的机器，或咨询 0571-0000 0000", "Please use the next machine, or call 0571-0000 0000"),
)
LOCKED = OutOfService(
    words("journey.locked"),
    _CALL,
    W("设备检修，预计 14:00 恢复。", "Under repair until about 14:00."),
    words("journey.opening", hours="08:30–17:30"),
    words("journey.elsewhere", place=_PLACE),
)
FAULT = replace(LOCKED, note=any_fault("terminal_store_failed").citizen)
LONG = OutOfService(
    words("journey.locked"),
    _CALL,
    W(
        "设备检修，预计今天下午两点恢复服务，给您带来不便请谅解。"
        "请使用左侧的另一台自助机，或到二楼三号窗口排队办理，谢谢配合。祝",
        "This terminal is being repaired until about two this afternoon. "
        "Please use the machine beside it, or go to window three.",
    ),
    words("journey.opening_tomorrow", hours="08:30–17:30", time="08:30"),
    words(
        "journey.elsewhere",
        place=W(
            "示例市政务服务中心二楼东侧电梯口，以及滨江区便民服务站（滨江大道 1288 号，24 小时开放）",
            "Second floor of the citizen service centre beside the east lift, and the service point of "
            "Binjiang district (1288 Binjiang Avenue), open day and night",
        ),
    ),
)
CLOSED = OutOfService(
    words("journey.closed_now"),
    _CALL,
    None,
    words("journey.opening_tomorrow", hours="09:00–17:00", time="09:00"),
    words("journey.elsewhere", place=_PLACE),
)
HELD = OutOfService(words("journey.held"), _CALL)
