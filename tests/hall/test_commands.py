"""Commands at the hall: given once, however often they are asked for, and filed in their terminal's order."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from config.commands import CommandError
from hall import commands, configuration
from hall.commands import NotGiven
from hall.configuration import NotSet
from hall.data.desk_tables import audit
from hall.intake import filing
from hall.intake.letters import Arrival, open_letter
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker, health

NOW = 1_800_000_000_000
K = "a/h/k"


@pytest.fixture
def speaker(engine: Engine) -> Speaker:
    """The terminal a/h/k, which is there."""
    made = Speaker(engine, K)
    made.say(m.TerminalState(True, 1), health())
    return made


def give(engine: Engine, name: str = "restart", key: str = "", **arguments: str | int) -> commands.Row:
    with engine.begin() as tx:
        return commands.give(tx, "li", K, name, arguments, NOW, key=key)


def row(engine: Engine, id: str) -> commands.Row:
    with engine.connect() as tx:
        found = commands.one(tx, id)
    assert found is not None
    return found


def audited(engine: Engine) -> list[tuple[str, str, str, str]]:
    """Who, what, about which terminal, which command."""
    with engine.connect() as tx:
        return [
            (r.actor, r.act, r.subject, r.reference) for r in tx.execute(select(audit).order_by(audit.c.n))
        ]


def test_a_command_is_kept_with_who_gave_it_and_its_deadline(engine: Engine, speaker: Speaker) -> None:
    given = give(engine, "logs", hours=24)
    assert (given["state"], given["actor"], given["arguments"]) == ("given", "li", {"hours": 24})
    assert given["deadline"] == NOW + 600_000 and given["due"] == NOW
    assert audited(engine) == [("li", "command", K, given["id"])]


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("dance", {}),
        ("logs", {}),
        ("logs", {"hours": 0}),
        ("restart", {"now": 1}),
        ("lock", {"notice_zh": "\n"}),
    ],
)
def test_what_the_table_does_not_have_is_not_given(
    engine: Engine, speaker: Speaker, name: str, arguments: dict[str, str | int]
) -> None:
    with engine.begin() as tx, pytest.raises(CommandError):
        commands.give(tx, "li", K, name, arguments, NOW)
    assert audited(engine) == []


def test_one_key_is_one_command_and_another_content_under_it_is_refused(
    engine: Engine, speaker: Speaker
) -> None:
    first = give(engine, "restart", "click-1")
    assert give(engine, "restart", "click-1")["id"] == first["id"]
    with pytest.raises(NotGiven, match="other_content"):
        give(engine, "unlock", "click-1")
    assert give(engine, "restart", "click-2")["id"] != first["id"]
    assert len(audited(engine)) == 2


def test_nobody_commands_a_terminal_that_never_spoke_nor_one_that_has_its_fill(
    engine: Engine, speaker: Speaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "MOST_OPEN", 3)
    with engine.begin() as tx, pytest.raises(NotGiven, match="unknown_terminal"):
        commands.give(tx, "li", "a/h/none", "restart", {}, NOW)
    for _ in range(commands.MOST_OPEN):
        give(engine)
    with pytest.raises(NotGiven, match="too_many"):
        give(engine)


def test_only_what_its_terminal_has_not_accepted_can_be_cancelled(engine: Engine, speaker: Speaker) -> None:
    one, other = give(engine)["id"], give(engine)["id"]
    speaker.say(m.CommandState(other, "accepted"))
    with engine.begin() as tx:
        commands.cancel(tx, "wang", one, NOW)
        with pytest.raises(NotGiven, match="not_open"):
            commands.cancel(tx, "wang", other, NOW)
        with pytest.raises(NotGiven, match="not_open"):
            commands.cancel(tx, "wang", one, NOW)
    assert row(engine, one)["state"] == "cancelled" and row(engine, other)["state"] == "accepted"
    assert audited(engine)[-1] == ("wang", "command_cancelled", K, one)


def test_what_nobody_accepted_in_time_expires_and_a_later_word_of_the_terminal_still_stands(
    engine: Engine, speaker: Speaker
) -> None:
    one, other = give(engine)["id"], give(engine)["id"]
    speaker.say(m.CommandState(other, "accepted"))
    settings = HallSettings(data=Path(), area="a", hall="h")
    commands.expire(engine, settings, NOW + 599_999)
    assert row(engine, one)["state"] == "given"
    commands.expire(engine, settings, NOW + 600_001)
    found = row(engine, one)
    assert (found["state"], found["code"]) == ("expired", "command_expired")
    assert row(engine, other)["state"] == "accepted"
    speaker.say(m.CommandState(one, "done"))  # it had it all the time, and was away
    assert row(engine, one)["state"] == "done"


def test_in_whatever_order_its_words_come_the_youngest_counts(engine: Engine, speaker: Speaker) -> None:
    said = ("accepted", "running", "done")
    for order in itertools.permutations(range(3)):
        id = give(engine)["id"]
        letters = [speaker.letter(m.CommandState(id, state)) for state in said]  # type: ignore[arg-type]
        for index in order:
            _file(speaker, letters[index])
        assert row(engine, id)["state"] == "done", order


def test_another_terminal_cannot_speak_for_it(engine: Engine, speaker: Speaker) -> None:
    id = give(engine)["id"]
    other = Speaker(engine, "a/h/other", boot=9)
    other.say(m.CommandState(id, "done", parts=1), m.CommandPart(id, 1, b"forged"))
    assert row(engine, id)["state"] == "given"
    speaker.say(m.CommandState(id, "done", parts=1))
    with engine.connect() as tx:
        assert commands.file_of(tx, row(engine, id)) == b""


def test_a_file_is_put_together_from_its_parts_in_any_order_and_only_when_it_is_whole(
    engine: Engine, speaker: Speaker
) -> None:
    id = give(engine, "screenshot")["id"]
    content = bytes(range(256)) * 500
    pieces = [content[start : start + m.PART_BYTES] for start in range(0, len(content), m.PART_BYTES)]
    letters = [speaker.letter(m.CommandPart(id, number, one)) for number, one in enumerate(pieces, 1)]
    random.Random(1).shuffle(letters)
    speaker.say(m.CommandState(id, "done", parts=len(pieces)))
    for letter in letters[:-1]:
        _file(speaker, letter, letter)  # the broker brings some of them twice
    with engine.connect() as tx:
        assert commands.file_of(tx, row(engine, id)) == b"" and commands.has_file(tx, [id]) == set()
    _file(speaker, letters[-1])
    with engine.connect() as tx:
        assert commands.file_of(tx, row(engine, id)) == content and commands.has_file(tx, [id]) == {id}


def test_only_commands_of_areas_that_one_may_watch_are_listed(engine: Engine, speaker: Speaker) -> None:
    Speaker(engine, "b/h/k").say(m.TerminalState(True, 1))
    mine = give(engine)["id"]
    with engine.begin() as tx:
        commands.give(tx, "li", "b/h/k", "restart", {}, NOW)
        assert len(commands.latest(tx, 10)) == 2
        assert [one["id"] for one in commands.latest(tx, 10, frozenset({"a"}))] == [mine]
        assert commands.latest(tx, 10, frozenset()) == []
        assert [one["id"] for one in commands.latest(tx, 10, state="open", terminal=K)] == [mine]


# ── configuration ───────────────────────────────────────────────────────────
def want(engine: Engine, version: int | None = None, **values: str | int) -> configuration.Row:
    with engine.begin() as tx:
        return configuration.want(tx, "li", K, values, NOW, version)


def standing(engine: Engine) -> dict[str, str]:
    """Each value that is not the terminal's own business, in a word."""
    with engine.connect() as tx:
        lines = configuration.lines(configuration.of(tx, K))
    return {line.name: line.state for line in lines if line.state != "own"}


def test_a_wanted_value_waits_until_the_terminal_has_it_or_says_why_not(
    engine: Engine, speaker: Speaker
) -> None:
    assert want(engine, volume=40, hours="09:00-17:00")["version"] == 1
    assert standing(engine) == {"volume": "waiting", "hours": "waiting"}
    speaker.say(m.ConfigurationReported(0, {"volume": 40, "hours": "always"}))
    assert standing(engine) == {"volume": "waiting", "hours": "waiting"}, "it speaks of the version before"
    speaker.say(m.ConfigurationReported(1, {"volume": 40, "hours": "always"}, {"hours": "unknown"}))
    assert standing(engine) == {"volume": "set", "hours": "refused"}
    want(engine, volume=50)
    assert standing(engine) == {"volume": "waiting"}
    assert [entry[1:3] for entry in audited(engine)] == [("configure", K)] * 2


def test_an_old_report_that_the_broker_kept_does_not_undo_a_younger_one(
    engine: Engine, speaker: Speaker
) -> None:
    want(engine, volume=40)
    old = speaker.letter(m.ConfigurationReported(0, {"volume": 10}))
    speaker.say(m.ConfigurationReported(1, {"volume": 40}))
    _file(speaker, old)
    assert standing(engine) == {"volume": "set"}


def test_who_saw_an_older_version_undoes_nothing(engine: Engine, speaker: Speaker) -> None:
    seen = want(engine, 0, volume=40)["version"]
    want(engine, seen, volume=60)
    with pytest.raises(NotSet, match="other_version"):
        want(engine, seen, volume=10)
    with pytest.raises(NotSet, match="wrong_value"):
        want(engine, volume=101)
    with engine.connect() as tx:
        assert configuration.of(tx, K)["desired"] == {"volume": 60}


def test_a_restored_store_wants_above_what_the_terminal_has_heard_of(
    engine: Engine, speaker: Speaker
) -> None:
    speaker.say(m.ConfigurationReported(17, {"volume": 40}))
    assert want(engine, volume=50)["version"] == 18
    assert standing(engine) == {"volume": "waiting"}
    speaker.say(m.ConfigurationReported(30, {"volume": 60}))  # of a day that was lost
    assert want(engine, volume=50)["version"] == 31, "wanted anew, so that the terminal heeds it"


def _file(speaker: Speaker, *letters: tuple[str, bytes]) -> None:
    """As if the broker brought exactly these."""
    with speaker.engine.begin() as tx:
        filing.file_away(tx, [open_letter(Arrival(0, topic, payload, NOW)) for topic, payload in letters])
