"""The judge of the chaos runs can find: each mistake made on purpose, by the name that it must have."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from tests.chaos.judge import Finding, judge
from tests.chaos.plan import FAIR, Kill, Plan
from tests.chaos.run import Outcome, run

PATH = "330100/demo/K001"
INGEST = "ingest-1"


def small(folder: Path, *kills: Kill, terminals: int = 2, **broken: str) -> Outcome:
    """A run over good lines with one ingest; `broken` has the mistakes by child, `_` for `-`."""
    mistakes = {name.replace("_", "-"): mistake for name, mistake in broken.items()}
    plan = Plan(
        "sqlite",
        5,
        terminals,
        12,
        0,
        0.1,
        5,
        (1.0, 10.0),
        weather=FAIR,
        ingests=(INGEST,),
        broken=mistakes,
        chosen=kills,
    )
    return run(plan, folder)


def named(outcome: Outcome, terminal: str) -> set[str]:
    """What was found of one terminal."""
    return {one.what for one in outcome.findings if one.terminal.endswith(terminal)}


@pytest.mark.timeout(300)
def test_given_terminals_that_make_mistakes_then_each_is_found_and_the_honest_one_is_not(
    tmp_path: Path,
) -> None:
    outcome = small(
        tmp_path,
        Kill(8, "ingest", INGEST, beyond="broker"),
        Kill(20, "broker", "broker", down=0.5),
        terminals=4,
        K001="deletes on PUBACK",
        K002="repeats a number",
        K003="tells outside of the transaction",
    )
    assert "hall_missing" in named(outcome, "K001"), "what only the broker had is lost with it"
    assert {"seq", "refused"} <= named(outcome, "K002"), "a number that was taken is refused"
    assert {"hall_missing", "stream_gap"} <= named(outcome, "K003"), "it was never to be sent"
    assert named(outcome, "K004") == set()


@pytest.mark.timeout(300)
def test_given_an_ingest_that_answers_before_its_commit_then_a_kill_between_them_loses_messages(
    tmp_path: Path,
) -> None:
    kill = Kill(6, "ingest", INGEST, "in mid-transaction")
    outcome = small(tmp_path, kill, ingest_1="answers before the commit")
    assert "hall_missing" in {one.what for one in outcome.findings}


@pytest.mark.timeout(300)
def test_given_an_ingest_that_inserts_without_on_conflict_then_what_came_twice_is_dead_though_stored(
    tmp_path: Path,
) -> None:
    kill = Kill(6, "ingest", INGEST, "after the commit, before an answer")
    outcome = small(tmp_path, kill, ingest_1="inserts without ON CONFLICT")
    assert "dead_though_stored" in {one.what for one in outcome.findings}


# ── what stands on the disks, changed afterwards ────────────────────────────
@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run in which all went well."""
    folder = tmp_path_factory.mktemp("sound")
    outcome = small(folder)
    assert outcome.sound, outcome.findings
    assert outcome.refused == 4, "two messages of each terminal cannot be stored"
    return folder


ONE = "n = (SELECT min(n) FROM {} WHERE terminal = '" + PATH + "')"
COPY = (  # a message once more, under another id and number
    "INSERT INTO messages (id, terminal, stream, boot, seq, type, digest, head, at, received, body)"
    " SELECT 'other', {}, stream, boot, seq + 1000, type, digest, head, at, received, body FROM messages"
    " WHERE " + ONE.format("messages")
)
AT_THE_HALL = {
    "hall_missing": f"DELETE FROM messages WHERE {ONE.format('messages')}",
    "hall_extra": COPY.format("terminal"),
    "unknown_terminal": COPY.format("'330100/demo/K999'"),
    "hall_differs": f"UPDATE messages SET digest = 'other' WHERE {ONE.format('messages')}",
    "hall_head": f"UPDATE messages SET head = 'other' WHERE {ONE.format('messages')}",
    "wrong_cases": f"UPDATE cases SET state = 'unknown' WHERE {ONE.format('cases')}",
    "wrong_prints": f"DELETE FROM prints WHERE {ONE.format('prints')}",
    "wrong_ratings": f"UPDATE ratings SET stars = 6 - stars, case_no = '' WHERE {ONE.format('ratings')}",
    "wrong_sessions": f"DELETE FROM sessions WHERE {ONE.format('sessions')}",
    "stream_gap": f"UPDATE streams SET contiguous = contiguous - 1 WHERE terminal = '{PATH}'",
    "shown_offline": f"UPDATE terminals SET online = 0 WHERE path = '{PATH}'",
    "wrong_boot": f"UPDATE terminals SET boot = boot - 1 WHERE path = '{PATH}'",
    "wrong_head": f"UPDATE terminals SET head = 'other' WHERE path = '{PATH}'",
    "dead_unexplained": f"DELETE FROM refused WHERE {ONE.format('refused')}",
    "refusal_unexplained": f"UPDATE refused SET id = 'other' WHERE {ONE.format('refused')}",
}
AT_THE_TERMINAL = {
    "outbox_not_empty": "INSERT INTO outbox (id, stream, boot, seq, payload, due)"
    " SELECT id, stream, boot, seq, payload, 0 FROM outbox_kept LIMIT 1",
    "body": "UPDATE journal SET sealed = x'00' WHERE n = 5",
    "chain": "UPDATE journal SET time = '2026-01-01T00:00:00Z' WHERE n = 5",
    "missing": "DELETE FROM journal WHERE n = 5",
    "tail": "DELETE FROM journal WHERE n = (SELECT max(n) FROM journal)",
    "seq": "UPDATE journal SET seq = 99 WHERE n = 5",
    "work_missing": "UPDATE journal SET type = 'Other' WHERE type = 'CaseFiled'",
}


@contextlib.contextmanager
def copied(sound: Path, folder: Path) -> Iterator[Path]:
    for name in ("hall", "K001", "K002"):
        shutil.copytree(sound / name, folder / name)
    yield folder


def judged(folder: Path) -> list[Finding]:
    engine = create_engine(f"sqlite:///{folder / 'hall' / 'hall.db'}")
    try:
        return judge(engine, {f"330100/demo/{name}": folder / name for name in ("K001", "K002")}, 12)
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("file", "what", "change"),
    [("hall/hall.db", *one) for one in AT_THE_HALL.items()]
    + [("K001/terminal.sqlite", *one) for one in AT_THE_TERMINAL.items()],
    ids=lambda text: text if text.isidentifier() else "",
)
def test_given_a_disk_that_was_changed_then_the_judge_names_what_is_wrong(
    sound: Path, tmp_path: Path, file: str, what: str, change: str
) -> None:
    with copied(sound, tmp_path) as folder:
        assert judged(folder) == []
        with contextlib.closing(sqlite3.connect(folder / file)) as store, store:
            assert store.execute(change).rowcount > 0
        findings = judged(folder)
    assert what in {one.what for one in findings}
    assert {one.terminal for one in findings} <= {PATH, "330100/demo/K999"}
