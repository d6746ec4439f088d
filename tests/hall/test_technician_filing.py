"""What the hall keeps of technicians and of readiness reports."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from sqlalchemy import Engine

from hall import audit, reading, retention, tables, technician_filing
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.hall.test_filing import file, rows

BROKEN = m.PartFound("a4_printer", False, ["a4_jam"], "IPP 2.0")
FINE = m.PartFound("disk", True, [], "41 GB free")
ACTS = (
    m.TechnicianActed("4711", "entered"),
    m.TechnicianActed("4711", "device_tested", "a4_printer", "a4_jam"),
    m.TechnicianActed("4711", "left"),
)


def test_what_a_technician_did_stands_once_with_the_terminal_and_once_in_the_audit(engine: Engine) -> None:
    speaker = Speaker(engine, "330101/h1/K1")
    letters = [speaker.letter(act) for act in ACTS]
    for seed in range(3):  # the broker repeats itself, in any order
        random.Random(seed).shuffle(letters)
        assert set(file(engine, letters)) == {"stored"}
    kept = {row["seq"]: row for row in rows(engine, "technician_acts")}
    assert [kept[n]["act"] for n in (1, 2, 3)] == ["entered", "device_tested", "left"]
    assert (kept[2]["actor"], kept[2]["subject"], kept[2]["outcome"]) == ("4711", "a4_printer", "a4_jam")
    with engine.connect() as tx:
        said = audit.entries(tx, frozenset({"330101"}), 10, subject="330101/h1/K1")
    assert {row["actor"] for row in said} == {"technician:4711"}
    assert sorted(row["detail"] for row in said) == ["device_tested a4_printer", "entered", "left"]
    assert all(row["at"] == 1000 for row in said), "by the hall's clock"


def test_of_each_terminal_the_youngest_report_stands_whatever_came_first(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    first = speaker.letter(m.ReadinessReported("install", [FINE, BROKEN]))
    second = speaker.letter(m.ReadinessReported("4711", [FINE]))
    Speaker(engine, "a/h/k2").say(m.ReadinessReported("hall", [BROKEN, BROKEN]))
    file(engine, [second])
    file(engine, [first])
    by = {row["terminal"]: row for row in rows(engine, "readiness")}
    assert (by["a/h/k"]["by"], by["a/h/k"]["not_ready"]) == ("4711", 0)
    assert by["a/h/k2"]["not_ready"] == 2


def test_what_is_not_ready_stands_first_with_its_codes(engine: Engine) -> None:
    Speaker(engine, "a/h/k").say(m.ReadinessReported("install", [FINE, BROKEN]))
    (row,) = rows(engine, "readiness")
    assert [part["name"] for part in row["found"]] == ["a4_printer", "disk"]
    assert row["found"][0]["codes"] == ["a4_jam"] and row["not_ready"] == 1


@pytest.mark.parametrize("text", ["x" * 5000, "a\x00b" * 100])
def test_a_terminal_that_says_too_much_is_cut_short(engine: Engine, text: str) -> None:
    speaker = Speaker(engine, "a/h/k")
    many = [m.PartFound(text[:200], False, [text[:80]] * 20)] * 10 + [FINE] * 200
    codes = file(
        engine,
        [
            speaker.letter(m.TechnicianActed(text, text, text, text, text)),
            speaker.letter(m.ReadinessReported(text, many)),
        ],
    )
    assert codes == ["stored", "stored"]
    (act,) = rows(engine, "technician_acts")
    assert len(act["actor"]) <= 64 and "\x00" not in act["actor"]
    (report,) = rows(engine, "readiness")
    assert len(report["found"]) == technician_filing.MOST_PARTS
    assert report["not_ready"] == 10 and len(report["found"][0]["codes"]) == technician_filing.MOST_CODES


def test_what_is_old_goes(engine: Engine, tmp_path: Path) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(ACTS[0])
    speaker.say(m.ReadinessReported("install", [FINE]))
    chosen = HallSettings(data=tmp_path, area="a", hall="h")
    with engine.connect() as tx:
        moment = reading.latest(tx, tables.readiness, 1)[0]["at"]
    later = moment + (max(chosen.retention.audit, chosen.retention.business) + 1) * retention.DAY_MS
    with engine.connect() as tx:
        tx.execute(tables.meta.insert(), {"key": retention.LAST, "value": str(later)})
        tx.commit()
    retention.prune(engine, chosen, later)
    assert rows(engine, "technician_acts") == rows(engine, "readiness") == []
