"""Whom an office's rule shuts out is told before he fills anything in, and leaves with a slip."""

from __future__ import annotations

from pathlib import Path

from hall.platform.demo_seal import open_seal
from kiosk import prompts as p
from kiosk.prompts import Chosen
from tests.journeys.counter import open_counter
from tests.journeys.counter_stage import Row


def test_an_owner_who_wants_money_for_rent_is_sent_to_the_window_with_the_rule(tmp_path: Path) -> None:
    open_seal(tmp_path / "authority")
    with open_counter(tmp_path / "counter", tmp_path / "authority") as counter:
        seen = counter.serve(Row("GJ04", "hu", ways={p.Trouble: Chosen("window")}))
    shown = [type(page) for page in seen.trail]
    assert p.FillForm not in shown and seen.case is None
    (told,) = (page for page in seen.trail if isinstance(page, p.Trouble))
    assert "江湾路7号" in told.what.zh
    assert [way.value for way in told.options] == ["window", "home"]
    assert seen.outcome == "referred"
    assert "公积金" in seen.slips[-1] and "12329" in seen.slips[-1] and "有房" in seen.slips[-1]
