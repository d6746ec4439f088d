"""What letters become in the store: each once, in the youngest form, whatever the order they come in."""

from __future__ import annotations

import itertools
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from hall.data import reading, store, tables
from hall.intake import filing, host_state
from hall.intake.letters import Arrival, open_letter
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health

_terminals = itertools.count()


def file(engine: Engine, letters: list[tuple[str, bytes]], received: int = 1000) -> list[str]:
    """File letters in one transaction; their codes."""
    with engine.connect() as tx:
        opened = [open_letter(Arrival(0, topic, payload, received)) for topic, payload in letters]
        filing.file_away(tx, opened)
        tx.commit()
    return [letter.code for letter in opened]


def rows(engine: Engine, name: str) -> list[reading.Row]:
    """All rows of a table."""
    with engine.connect() as tx:
        return reading.page(tx, tables.metadata.tables[name], 0, 1000)


def open_codes(engine: Engine) -> set[tuple[str, str]]:
    """Device and code of the faults that are open."""
    with engine.connect() as tx:
        return {(row["device"], row["code"]) for row in reading.open_faults(tx)}


def test_the_migrations_make_exactly_the_tables(engine: Engine) -> None:
    with engine.connect() as connection:
        options = {"include_name": lambda name, *_: not str(name).startswith("messages_")}  # partitions
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, tables.metadata) == []


def test_a_second_migration_changes_nothing_and_keeps_the_generation(tmp_path: Path) -> None:
    chosen = HallSettings(data=tmp_path, area="a", hall="h")
    seen = []
    for _ in range(2):
        store.migrate(chosen)
        engine = store.open_store(chosen)
        with engine.connect() as tx:
            seen.append(store.generation(tx))
        engine.dispose()
    assert seen[0] == seen[1] != ""


def test_a_visit_in_any_order_becomes_the_same_rows(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    letters = [
        speaker.letter(body)
        for body in (
            m.SessionStarted("s1"),
            m.CaseFiled("s1", "SB01", "key", "unknown"),
            m.CaseFiled("s1", "SB01", "key", "accepted", "no-1"),
            m.DocumentPrinted("s1", "SB01", "job", "certificate", "unknown", "a4_printer"),
            m.DocumentPrinted(
                "s1",
                "SB01",
                "job",
                "certificate",
                "confirmed",
                "special_printer",
                "N-7",
                sheet="A000101",
                copy=2,
                decided_by="staff",
            ),
            m.PaymentEnded("s1", "SB01", "order", "paid", 500, "P1"),
            m.PaymentEnded("s1", "SB01", "order", "refunded", 500, "P1"),
            m.RatingGiven("s1", "SB01", "no-1", 4, ["412"]),
            m.SessionEnded("s1", "completed", "SB01", 90),
        )
    ]
    for seed in range(6):
        random.Random(seed).shuffle(letters)
        assert set(file(engine, letters)) == {"stored"}
    (case,) = rows(engine, "cases")
    assert (case["state"], case["case_no"]) == ("accepted", "no-1")
    (payment,) = rows(engine, "payments")
    assert (payment["state"], payment["fen"]) == ("refunded", 500)
    (printed,) = rows(engine, "prints")
    assert (printed["state"], printed["number"], printed["sheet"]) == ("confirmed", "N-7", "A000101")
    assert (printed["copy"], printed["decided_by"]) == (2, "staff")
    (rating,) = rows(engine, "ratings")
    assert (rating["stars"], rating["codes"]) == (4, ["412"])
    (session,) = rows(engine, "sessions")
    assert session["started"] and session["ended"] and session["outcome"] == "completed"
    assert len(rows(engine, "messages")) == 9


def test_the_record_holds_that_a_piece_of_a_file_came_and_not_the_piece(engine: Engine) -> None:
    Speaker(engine, "a/h/k").say(m.CommandPart("command", 1, b"a picture"))
    (row,) = rows(engine, "messages")
    assert row["type"] == "hall.command.part" and '"content":""' in row["body"]


def test_one_visit_is_rated_once_and_once_more_as_a_follow_up(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    for stars, number in ((5, 1), (1, 1), (3, 2)):
        speaker.say(m.RatingGiven("s", "SB01", "no", stars, number=number))
    assert [(row["number"], row["stars"]) for row in rows(engine, "ratings")] == [(1, 5), (2, 3)]


def test_a_terminal_cannot_change_what_another_filed(engine: Engine) -> None:
    Speaker(engine, "a/h/one", boot=1).say(m.CaseFiled("s", "SB01", "key", "accepted", "no"))
    Speaker(engine, "a/h/two", boot=9).say(m.CaseFiled("s", "SB01", "key", "refused"))
    assert {(row["terminal"], row["state"]) for row in rows(engine, "cases")} == {
        ("a/h/one", "accepted"),
        ("a/h/two", "refused"),
    }


def test_the_will_of_an_older_boot_is_ignored_and_that_of_this_one_is_not(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k", boot=3)
    speaker.say(m.TerminalState(True, 3, "0.2.0"))
    speaker.say(m.TerminalState(False, 2))
    with engine.connect() as tx:
        (row,) = reading.terminals(tx)
    assert row["online"] and row["boot"] == 3 and row["software"] == "0.2.0"
    speaker.say(m.TerminalState(False, 3))
    with engine.connect() as tx:
        assert not reading.terminals(tx)[0]["online"]


def test_health_shows_devices_on_their_axes_and_forgets_one_that_was_taken_out(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    speaker.say(health())
    speaker.say(health({"a4_printer": {"supplies": {"paper": "out"}, "faults": ["a4_paper_out"]}}))
    with engine.connect() as tx:
        printer = next(row for row in reading.devices(tx) if row["name"] == "a4_printer")
    assert printer["supplies"] == {"paper": "out"} and printer["faults"] == ["a4_paper_out"]
    assert printer["levels"]["toner"] == 35
    assert printer["counts"] == {"pages": 5120} and printer["runs_out"]["paper"] == "unknown"
    assert open_codes(engine) == {("a4_printer", "a4_paper_out")}
    speaker.say(m.Health([m.DeviceHealth("speaker", "speaker", "online")]))
    with engine.connect() as tx:
        assert [row["name"] for row in reading.devices(tx)] == ["speaker"]
    assert open_codes(engine) == set(), "health without it closes the fault"


def test_a_late_raised_does_not_open_again_what_health_has_cleared(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    late = speaker.letter(m.FaultRaised("a4_jam", "a4_printer"), datetime.now(UTC) - timedelta(seconds=5))
    speaker.say(health())  # younger by its clock, and without the fault
    file(engine, [late])
    assert open_codes(engine) == set()
    speaker.say(m.FaultRaised("a4_jam", "a4_printer"))
    assert open_codes(engine) == {("a4_printer", "a4_jam")}
    speaker.say(m.FaultCleared("a4_jam", "a4_printer"))
    assert open_codes(engine) == set()


def test_content_of_another_kind_than_the_topic_or_from_elsewhere_is_refused(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    topic, payload = speaker.letter(m.SessionStarted("s"))
    assert file(engine, [(topic.replace("/evt", "/tx"), payload)]) == ["wrong_stream"]
    assert file(engine, [(topic.replace("a/h/k", "a/h/x"), payload)]) == ["wrong_source"]
    assert file(engine, [("kt/1/a/evt", payload)]) == ["wrong_topic"]
    assert file(engine, [(topic, payload.replace(b'"seq":1', b'"seq":0'))]) == ["malformed"]
    assert [row["times"] for row in rows(engine, "refused")] == [1, 1, 1, 1]
    file(engine, [(topic.replace("/evt", "/tx"), payload)])
    assert [row["times"] for row in rows(engine, "refused")] == [2, 1, 1, 1], "the same again is counted"


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(range(1, 13)), size=st.integers(1, 6), lost=st.sets(st.integers(1, 12), max_size=3)
)
def test_the_hall_knows_how_far_it_has_every_number(
    engine: Engine, order: list[int], size: int, lost: set[int]
) -> None:
    """Letters 1–12 come in any order, in batches, some never: contiguous is what a person would count."""
    path = f"a/h/k{next(_terminals)}"
    speaker = Speaker(engine, path, boot=5)
    letters = {number: speaker.letter(m.SessionStarted(str(number))) for number in range(1, 13)}
    came = [number for number in order if number not in lost]
    for begin in range(0, len(came), size):
        file(engine, [letters[number] for number in came[begin : begin + size]])
    expected = min(lost, default=13) - 1
    with engine.connect() as tx:
        assert host_state.settled(tx, [path])[path].get("evt", (5, 0)) == (5, expected)


def test_a_refused_number_leaves_no_gap(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    first, second, third = (speaker.letter(m.SessionStarted(str(n))) for n in range(3))
    foreign = second[1].replace(b"kt/1/a/h/k", b"kt/1/a/h/x")
    assert file(engine, [first, (second[0], foreign), third]) == ["stored", "wrong_source", "stored"]
    with engine.connect() as tx:
        assert host_state.settled(tx, ["a/h/k"])["a/h/k"]["evt"] == (1, 3)
        assert reading.gaps(tx, "a/h/k") == []


def test_old_notes_of_change_go_and_the_newest_stay(engine: Engine) -> None:
    speaker = Speaker(engine, "a/h/k")
    for _ in range(5):
        speaker.say(health())
    with engine.connect() as tx:
        newest = reading.newest_change(tx)
        kept = filing.KEEP_CHANGES
        filing.KEEP_CHANGES = 2
        try:
            filing._tell_desk(tx, {("a/h/k", "health")})
        finally:
            filing.KEEP_CHANGES = kept
        assert tx.scalar(select(func.count()).select_from(tables.changes)) == 2
        assert reading.newest_change(tx) == newest + 1
