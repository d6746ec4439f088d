"""Rows in words, as the desk's audit and lists have them: never JSON, never a device's bare name."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from hall.wording import Wording

ZH, EN = (Wording(language, ZoneInfo("Asia/Shanghai"), 0, {}) for language in ("zh", "en"))


def test_what_a_command_was_given_is_told_in_words() -> None:
    assert ZH.given("argument", '{"device":"a4_printer"}') == ["设备 A4 打印机"]
    assert EN.given("argument", '{"hours":24}') == ["Hours 24"]


def test_settings_are_told_by_their_names_and_hours_as_people_read_them() -> None:
    wanted = '{"hours":"09:00-17:00","language":"zh","volume":40}'
    assert ZH.given("item", wanted) == ["开放时间 09:00–17:00", "首页语言 中文", "音量 % 40"]
    assert EN.given("item", '{"hours":"always"}') == ["Open hours day and night"]
    assert ZH.given("item", "{}") == []


@pytest.mark.parametrize("text", ['{"notice_zh":"设备检', "[1]", "sold"])
def test_what_was_cut_or_is_no_object_stands_as_it_is(text: str) -> None:
    assert ZH.given("argument", text) == [text]


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("a4_printer begun", "A4 打印机 开始"),
        ("receipt_printer:paper", "凭条打印机 纸"),
        ("locker:3", "取件柜 3"),
        ("hours 06:30-22:00", "开放时间 06:30–22:00"),
        ("hours as the hall says", "开放时间 as the hall says"),
        ("06:30-22:00", "06:30–22:00"),
        ("idle", "长时间无操作"),
        ("eGalax-2 touch begun", "eGalax-2 touch 开始"),
        ("", ""),
    ],
)
def test_a_technicians_act_names_the_device_and_how_it_ended(detail: str, told: str) -> None:
    assert ZH.acted(detail) == told


def test_counters_are_grouped() -> None:
    counts = {"cards": 3805, "paper_mm": 1234567, "failed:a4_jam": 1000}
    assert EN.counted(counts) == ["cards 3,805", "paper 1,234.6 m", "failures 1,000"]
    assert EN.failures(counts).endswith("1,000")
