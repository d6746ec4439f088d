"""The rows of commands: whatever comes in whatever order, each goes one way and ends once."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from typing import Any

from hypothesis import given as any_of
from hypothesis import settings
from hypothesis import strategies as st

from kiosk.data.schema import STEPS
from kiosk.remote import commands
from kiosk.remote.commands import Kept
from mqtt.messages import CommandGiven
from tests.kiosk.small_desk import LATER, given

_RANK = {"accepted": 0, "running": 1, "done": 2, "failed": 2}
_DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "wait", "begin", "again", "end", "fail"]), st.sampled_from(["a", "b", "c"])
    ),
    max_size=30,
)


@cache
def _empty() -> bytes:
    """A terminal's store with every table."""
    with closing(sqlite3.connect(":memory:")) as base:
        for step in STEPS:
            for statement in step.split(";"):
                base.execute(statement)
        base.commit()
        return base.serialize()


def store() -> Any:
    base = sqlite3.connect(":memory:")
    base.deserialize(_empty())
    return closing(base)


def do(base: sqlite3.Connection, deed: str, id: str) -> Kept | None:
    """One deed, as the desk does it; None for a command that has not come."""
    if deed == "arrive":
        return commands.arrive(base, given("logs", id), 1.0)[0]
    if commands.find(base, id) is None:
        return None
    match deed:
        case "wait":
            return commands.wait(base, id, "citizen")
        case "begin":
            return commands.begin(base, id, 7, "machine-1")
        case "again":
            return commands.again(base, id)
        case "end":
            return commands.end(base, id, parts=2)
        case _:
            return commands.end(base, id, "command_expired")


@settings(max_examples=150, deadline=None)
@any_of(_DEEDS)
def test_a_command_goes_one_way_and_what_has_ended_stays_as_it_ended(deeds: list[tuple[str, str]]) -> None:
    with store() as base:
        before: dict[str, Kept] = {}
        for deed, id in deeds:
            now = do(base, deed, id)
            if now is None:
                continue
            last = before.get(id)
            if last is not None and last.state in ("done", "failed"):
                assert now == last
            elif last is not None and deed != "again":
                assert _RANK[now.state] >= _RANK[last.state]
            assert now == commands.find(base, id)
            assert now.runs == (last.runs if last else 0) + (
                deed == "begin" and last is not None and last.state == "accepted"
            )
            before[id] = now
        waiting = {one.id for one in commands.open_commands(base)}
        assert waiting == {id for id, one in before.items() if one.state in ("accepted", "running")}


_TEXT = st.text(max_size=60)


@settings(max_examples=200, deadline=None)
@any_of(
    _TEXT,
    st.one_of(_TEXT, st.sampled_from(["lock", "logs", "update"])),
    st.one_of(_TEXT, st.just(LATER)),
    st.dictionaries(_TEXT, st.one_of(_TEXT, st.integers()), max_size=4),
)
def test_whatever_the_hall_says_it_is_kept_and_known_again(
    id: str, name: str, deadline: str, arguments: dict[str, str | int]
) -> None:
    """Nothing that comes over the wire can stop the desk."""
    told = CommandGiven(id, name, deadline, arguments)
    with store() as base:
        kept, is_new = commands.arrive(base, told, 1000.0)
        assert is_new and kept == commands.find(base, id)
        assert (kept.state == "failed") == bool(kept.code)
        assert commands.arrive(base, told, 2000.0) == (kept, False)
        assert len(kept.name) <= 40 and len(kept.detail) <= 80
