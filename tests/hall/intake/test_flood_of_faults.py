"""One terminal that names more faults than there are does not fill the desk of the whole city."""

from __future__ import annotations

from sqlalchemy import Engine

from hall.data import reading
from hall.intake import live_faults
from mqtt import messages as m
from tests.hall.fleet import Speaker, health


def test_given_a_report_of_invented_faults_then_the_true_one_is_open_and_the_rest_is_bounded(
    engine: Engine,
) -> None:
    speaker = Speaker(engine, "a/h/loud")
    invented = [f"fault_{n:04d}" for n in range(900)]
    for turn in range(3):
        codes = invented[turn * 300 : turn * 300 + 300]
        speaker.say(m.TerminalState(True, 1), health(faults=[*codes, "terminal_screen_hung"]))
    with engine.connect() as tx:
        open_now = {row["code"] for row in reading.open_faults(tx)}
    assert "terminal_screen_hung" in open_now and len(open_now) <= live_faults.MOST_NAMED


def test_given_endless_events_of_invented_faults_then_no_more_rows_come_and_the_next_terminal_is_heard(
    engine: Engine,
) -> None:
    loud, honest = Speaker(engine, "a/h/loud"), Speaker(engine, "a/h/honest")
    for turn in range(8):
        loud.say(*(m.FaultRaised(f"fault_{turn}_{n}") for n in range(100)))
    honest.say(m.FaultRaised("receipt_paper_out", "receipt_printer"))
    with engine.connect() as tx:
        found = reading.open_faults(tx)
    assert sum(row["terminal"] == loud.path for row in found) == live_faults.MOST_KNOWN
    assert [row["code"] for row in found if row["terminal"] == honest.path] == ["receipt_paper_out"]
