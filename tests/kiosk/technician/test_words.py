"""Whatever a technician does has its words at the hall's desk."""

from __future__ import annotations

from tests.config.test_words import calls, rows, texts

SAID = {"does": 0, "tell": 0, "TechnicianActed": 1}  # which argument names the act


def test_each_act_has_its_words_at_the_desk() -> None:
    acts = {
        text
        for where, function, call in calls("kiosk")
        if where.startswith("kiosk/technician/") and len(call.args) > SAID.get(function, 99)
        for text in texts(call.args[SAID[function]])
        if text
    } | {"rebooted", "switched_off"}
    assert acts >= {"entered", "refused", "left", "supply_changed", "notice_set"}, "the search has broken"
    assert sorted(act for act in acts if f"technician_{act}" not in rows("desk")) == []
