"""What a device has done, as people say it: each of ours in words, a maker's own by its name."""

from __future__ import annotations

from config.words import Words, same
from kiosk.devices.counted import counted


def test_counters_are_said_in_both_languages_and_failures_with_their_code() -> None:
    assert counted({}) == same("0")
    told = counted({"pages": 4, "stapled": 2, "failed:a4_jam": 3})
    assert told == Words(
        "失败 3 次（a4_jam） · 共 4 页 · stapled 2", "3 failures (a4_jam) · 4 pages · stapled 2"
    )
