"""What needs somebody now: one line for one thing to do, the most urgent first."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from config.faults import Severity
from hall.data import reading
from hall.intake import technician_flood
from hall.scheduler import attention
from hall.settings import DeskSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, fill, health

DESK = DeskSettings()
NOW = datetime.now(UTC)


def needs(engine: Engine, now: datetime = NOW) -> list[tuple[str, str, str]]:
    """Severity, code and where, in the order shown."""
    moment = int(now.timestamp() * 1000)
    with engine.connect() as tx:
        prints = reading.unsettled_prints(tx)
        faults, floods = reading.open_faults(tx), technician_flood.flooding(tx)
        found = attention.matters(reading.terminals(tx), faults, DESK, moment, prints, floods)
    return [(matter.severity.value, matter.code, matter.terminal or matter.hall) for matter in found]


def standing(engine: Engine, now: datetime = NOW) -> str:
    """The only terminal in one word."""
    moment = int(now.timestamp() * 1000)
    with engine.connect() as tx:
        (row,) = reading.terminals(tx)
        found = attention.matters([row], reading.open_faults(tx), DESK, moment)
    return attention.standing(row, found, DESK, moment)


def test_a_terminal_in_order_needs_nobody(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(m.TerminalState(True, 1), health(), at=NOW)
    assert needs(engine) == [] and standing(engine) == "ready"
    speaker.say(health(session=True), at=NOW)
    assert standing(engine) == "serving"


def test_a_terminal_that_is_off_hides_its_old_faults_and_shows_them_again_when_back(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(health({"a4_printer": {"faults": ["a4_jam"]}}), at=NOW)
    assert needs(engine) == [("warning", "a4_jam", "a/h/k")] and standing(engine) == "warning"
    speaker.say(m.TerminalState(False, 1), at=NOW)
    assert needs(engine) == [("stop", "off", "a/h/k")] and standing(engine) == "off"
    speaker.say(m.TerminalState(True, 2), at=NOW)
    assert needs(engine) == [("warning", "a4_jam", "a/h/k")]


def test_a_power_cut_in_a_hall_is_one_line(engine: Engine) -> None:
    for name in ("k1", "k2", "k3"):
        Speaker(engine, f"a/dark/{name}").say(m.TerminalState(False, 1), at=NOW)
    Speaker(engine, "a/lit/k1").say(m.TerminalState(True, 1), health(), at=NOW)
    assert needs(engine) == [("stop", "hall_dark", "a/dark")]


def test_online_but_not_heard_of_is_silent(engine: Engine) -> None:
    Speaker(engine, "a/h/k").say(m.TerminalState(True, 1), health(), at=NOW)
    later = NOW + timedelta(seconds=DESK.silent_seconds + 1)
    assert needs(engine, later) == [("stop", "silent", "a/h/k")] and standing(engine, later) == "silent"


@pytest.mark.parametrize("told", [[], ["terminal_screen_hung"]])
def test_a_hung_screen_is_told_once_whether_or_not_the_terminal_says_so_itself(
    engine: Engine, told: list[str]
) -> None:
    Speaker(engine, "a/h/k").say(health(screen_age=30.0, faults=told), at=NOW)
    assert needs(engine) == [("stop", "terminal_screen_hung", "a/h/k")]


def printed(state: str, job: str = "job", **how: object) -> m.DocumentPrinted:
    return m.DocumentPrinted("s", "SB01", job, "certificate", state, "a4_printer", "N-1", **how)  # type: ignore[arg-type]


def test_a_print_that_nobody_knows_the_end_of_needs_somebody_until_it_is_settled(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(m.TerminalState(True, 1), health(), at=NOW)
    speaker.say(printed("confirmed", "another"), printed("unknown"), at=NOW)
    assert needs(engine) == [("warning", "print_unsettled", "a/h/k")]
    speaker.say(printed("failed", decided_by="staff"), at=NOW)
    assert needs(engine) == []


def test_a_paper_in_doubt_is_told_of_a_terminal_that_is_off_too(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(printed("unknown"), m.TerminalState(False, 1), at=NOW)
    assert sorted(needs(engine)) == [("stop", "off", "a/h/k"), ("warning", "print_unsettled", "a/h/k")]


def test_the_most_urgent_comes_first_and_of_those_the_longest_open(engine: Engine) -> None:
    fill(engine)
    found = needs(engine, datetime.now(UTC))
    order = [attention.ORDER.index(Severity(severity)) for severity, _, _ in found]
    assert order == sorted(order) and len(found) >= 7
    assert ("stop", "hall_dark", "330103/beishan") in found
    warnings = [code for severity, code, _ in found if severity == "warning"]
    assert warnings == ["device_offline", "a4_paper_out", "a4_jam"], "37, 14 and 6 minutes"


def test_a_code_that_our_table_does_not_know_counts_as_a_warning(engine: Engine) -> None:
    Speaker(engine, "a/h/k").say(health(faults=["from_the_future"]), at=NOW)
    assert needs(engine) == [("warning", "from_the_future", "a/h/k")]


def test_a_device_that_is_absent_without_a_fault_is_optional_and_nobody_need_think_of_it() -> None:
    absent = {"availability": "absent", "media": "not_supported", "supplies": {}, "faults": []}
    assert attention.in_order(absent)
    assert not attention.in_order(absent | {"faults": ["device_absent"]})
    assert not attention.in_order(absent | {"availability": "offline"})
