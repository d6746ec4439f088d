"""What the hall keeps of technicians and of readiness reports."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from hall.access import audit
from hall.data import desk_tables, reading, tables
from hall.intake import technician_filing, technician_flood
from hall.scheduler import incidents, retention
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.hall.intake.test_filing import file, rows
from tests.hall.scheduler.test_attention import needs

START, HOUR_MS = 1_800_000_000_000, 3_600_000
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


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """So many acts a day, that a test need not tell thousands."""
    monkeypatch.setattr(technician_flood, "MOST_ACTS", 20)
    return 20


def audited(engine: Engine) -> list[str]:
    """What the audit says of technicians, the oldest first."""
    with engine.connect() as tx:
        return [row["detail"] for row in audit.entries(tx, None, 1000) if row["act"].startswith("technician")]


def told(engine: Engine) -> list[str]:
    """Of which terminals somebody at the desk is told that they say too much."""
    return [where for severity, code, where in needs(engine) if code == technician_flood.CODE]


def counts(engine: Engine) -> list[int]:
    """How many acts are counted in the days that are running."""
    with engine.connect() as tx:
        return list(tx.scalars(select(desk_tables.technician_days.c.acts)))


def test_a_terminal_that_tells_without_end_is_acknowledged_and_fills_neither_audit_nor_pages(
    engine: Engine, few: int
) -> None:
    loud, honest = Speaker(engine, "a/h/loud"), Speaker(engine, "a/h/honest")
    said = [m.TechnicianActed("4711", "device_tested", f"d{n}") for n in range(15)]
    for hour in range(4):
        codes = file(engine, [loud.letter(act) for act in said], START + hour * HOUR_MS)
        assert codes == ["stored"] * 15, "its outbox drains"
    again = [loud.letter(said[0])]
    assert file(engine, again, START) == file(engine, again, START) == ["stored"]
    file(engine, [honest.letter(act) for act in ACTS], START)
    assert len(rows(engine, "technician_acts")) == len(audited(engine)) == few + len(ACTS)
    assert told(engine) == [loud.path]


@pytest.mark.parametrize("speaks", [True, False], ids=["it goes on speaking", "it is cut off"])
def test_when_the_day_is_over_one_row_says_how_many_more_there_were(
    engine: Engine, few: int, speaks: bool
) -> None:
    loud = Speaker(engine, "a/h/loud")
    file(engine, [loud.letter(ACTS[0]) for _ in range(few + 37)], START)
    settings = HallSettings(data=Path(), area="a", hall="h")
    technician_flood.end_days(engine, settings, START + 23 * HOUR_MS)
    assert len(audited(engine)) == few
    if speaks:
        file(engine, [loud.letter(ACTS[1])], START + 24 * HOUR_MS)
    for later in (24, 24, 30):
        technician_flood.end_days(engine, settings, START + later * HOUR_MS)
    assert audited(engine)[few:] == ["37 more acts", *["device_tested a4_printer"] * speaks]
    assert told(engine) == []
    assert counts(engine) == [1] * speaks


def test_a_day_as_long_as_a_clock_that_was_set_back_is_none(engine: Engine, few: int) -> None:
    speaker = Speaker(engine, "a/h/k")
    file(engine, [speaker.letter(ACTS[0]) for _ in range(few)], START + 1000 * 24 * HOUR_MS)
    file(engine, [speaker.letter(ACTS[0]) for _ in range(few)], START)
    assert len(audited(engine)) == 2 * few


def test_what_is_flooding_is_shown_of_a_terminal_that_is_off_and_taken_by_somebody(
    engine: Engine, few: int
) -> None:
    loud, settings = Speaker(engine, "a/h/loud"), HallSettings(data=Path(), area="a", hall="h")
    loud.say(m.TerminalState(True, 1))
    file(engine, [loud.letter(ACTS[0]) for _ in range(few + 1)], START)
    loud.say(m.TerminalState(False, 1))
    incidents.evaluate(engine, settings, START + HOUR_MS)
    with engine.connect() as tx:
        shown = {row["code"] for row in incidents.shown(tx, settings, START + HOUR_MS, frozenset({"a"}))}
    assert shown == {"off", technician_flood.CODE}
    technician_flood.end_days(engine, settings, START + 25 * HOUR_MS)
    incidents.evaluate(engine, settings, START + 25 * HOUR_MS)
    with engine.connect() as tx:
        shown = {row["code"] for row in incidents.shown(tx, settings, START + 25 * HOUR_MS, None)}
    assert shown == {"off"}


def test_two_ingests_that_count_one_terminal_keep_no_more_than_one_would(engine: Engine, few: int) -> None:
    loud = Speaker(engine, "a/h/loud")
    parts = [[loud.letter(ACTS[0]) for _ in range(few - 5)] for _ in range(4)]
    with ThreadPoolExecutor(4) as ingests:
        assert all(set(codes) == {"stored"} for codes in ingests.map(lambda one: file(engine, one), parts))
    assert len(audited(engine)) == few
    assert counts(engine) == [4 * (few - 5)]


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
