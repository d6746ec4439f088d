"""A copy is made while everything runs, and put back whole or not at all; both kinds of store."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, make_url, select

from hall.data import backup, backup_commands, restore, store, tables
from hall.data.backup import BackupError
from hall.intake import host_state
from hall.settings import HallSettings
from mqtt import messages as m
from tests.hall.fleet import Speaker
from tests.hall.intake.test_ingest import filed

MAIN = Path(__file__).parents[3] / "main.py"


@pytest.fixture(params=["sqlite", "postgresql"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> HallSettings:
    """The settings of an empty store."""
    database = "" if request.param == "sqlite" else request.getfixturevalue("database")
    made = HallSettings(data=tmp_path / "hall", area="a", hall="h", database=database)
    store.migrate(made)
    return made


def say(chosen: HallSettings, first: int, last: int, terminal: str = "a/h/k") -> None:
    """Submissions with these numbers, filed."""
    engine = store.open_store(chosen)
    speaker = Speaker(engine, terminal)
    letters = [filed(number) for number in range(1, last + 1)]
    for _ in letters[: first - 1]:
        speaker.letter(filed(0))
    speaker.say(*letters[first - 1 :])
    engine.dispose()


def state(chosen: HallSettings) -> tuple[str, int, dict[str, tuple[int, int]]]:
    """Generation, cases, and how far the terminal's numbers are known."""
    engine = store.open_store(chosen, read_only=True)
    with engine.connect() as tx:
        cases = tx.scalar(select(func.count()).select_from(tables.cases)) or 0
        found = store.generation(tx), cases, host_state.settled(tx, ["a/h/k"])["a/h/k"]
    engine.dispose()
    return found


def test_a_store_that_was_put_back_by_others_asks_the_terminals_for_what_it_lacks(
    tmp_path: Path,
) -> None:
    """A snapshot of the disk, put back: no `hall restore` has renewed the generation."""
    broken = HallSettings(data=tmp_path, area="a", hall="h", database="postgresql+psycopg://127.0.0.1:1/none")
    assert backup_commands.ask_again(broken) == 1
    chosen = HallSettings(data=tmp_path / "hall", area="a", hall="h")
    store.migrate(chosen)
    say(chosen, 1, 3)
    before = state(chosen)
    assert backup_commands.ask_again(chosen) == 0
    after = state(chosen)
    assert after[0] not in ("", before[0]) and after[1:] == before[1:]
    engine = store.open_store(chosen)
    with engine.connect() as tx:
        told = [m.decode(payload).data for _, payload in host_state.states(chosen, tx, online=True)]
    engine.dispose()
    assert m.HostState(True, after[0]) in told, "what a running ingest says every half minute"


def test_the_store_of_yesterday_comes_back_with_a_new_generation(
    chosen: HallSettings, tmp_path: Path
) -> None:
    say(chosen, 1, 3)
    copy = tmp_path / "copy"
    backup.backup(chosen, copy)
    for file in (copy, backup.manifest_of(copy)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(tmp_path.glob("*cop*")) == [copy, backup.manifest_of(copy)], "nothing half-made is left"
    say(chosen, 4, 9)
    before, cases, _ = state(chosen)
    assert cases == 9
    with pytest.raises(BackupError, match="--replace"):
        restore.restore(chosen, copy)
    assert state(chosen)[1] == 9
    restore.restore(chosen, copy, replace=True)
    generation, cases, settled = state(chosen)
    assert (cases, settled) == (3, {"tx": (1, 3)}) and generation not in ("", before)
    say(chosen, 4, 9)  # as the terminals do when they hear of the new generation
    assert state(chosen)[1] == 9


def test_a_copy_that_was_cut_off_or_is_of_something_else_is_refused_and_nothing_is_touched(
    chosen: HallSettings, tmp_path: Path
) -> None:
    say(chosen, 1, 2)
    copy = tmp_path / "copy"
    backup.backup(chosen, copy)
    whole, known = copy.read_bytes(), state(chosen)
    manifest = backup.manifest_of(copy)
    told = manifest.read_text()
    spoiled = {"cut off": whole[:-100], "changed": whole[:5000] + b"X" + whole[5001:], "is no": None}
    for content in spoiled.values():
        copy.unlink(missing_ok=True)
        if content is not None:
            copy.write_bytes(content)
        with pytest.raises(BackupError):
            restore.restore(chosen, copy, replace=True)
    copy.write_bytes(whole)
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[make_url(chosen.database_url).get_backend_name()]
    for words, why in (
        (told.replace('"0011"', '"9999"'), "newer release"),
        ("{}", "not a manifest"),
        (told.replace(f'"{make_url(chosen.database_url).get_backend_name()}"', f'"{other}"'), "copy of a"),
    ):
        manifest.write_text(words)
        with pytest.raises(BackupError, match=why):
            restore.restore(chosen, copy, replace=True)
    assert state(chosen) == known


def test_a_store_in_use_is_not_replaced(
    chosen: HallSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    backup.backup(chosen, copy)
    engine = store.open_store(chosen)
    with engine.connect() as tx:
        store.generation(tx)
    with monkeypatch.context() as told, pytest.raises(BackupError, match="in use"):
        told.setattr(restore, "LEAVING_SECONDS", 0.0)
        restore.restore(chosen, copy, replace=True)
    with engine.connect() as tx:
        assert store.generation(tx)
    engine.dispose()
    restore.restore(chosen, copy)  # nobody has written anything: there is nothing to replace


def test_a_copy_taken_while_others_write_is_of_one_moment(chosen: HallSettings, tmp_path: Path) -> None:
    stop = threading.Event()
    engine = store.open_store(chosen)

    def write(engine: Engine) -> None:
        speaker, number = Speaker(engine, "a/h/k"), 0
        while not stop.is_set():
            number += 1
            speaker.say(filed(number), m.SessionStarted(f"s{number}"))

    writer = threading.Thread(target=write, args=(engine,))
    writer.start()
    try:
        copies = [tmp_path / f"copy{number}" for number in range(3)]
        for copy in copies:
            backup.backup(chosen, copy)
    finally:
        stop.set()
        writer.join()
        engine.dispose()
    for copy in copies:
        restore.restore(chosen, copy, replace=True)
        _, cases, settled = state(chosen)
        assert settled == ({"evt": (1, cases), "tx": (1, cases)} if cases else {}), "both of each, or none"


def test_a_password_never_stands_on_a_command_line() -> None:
    url = make_url("postgresql+psycopg://hall:s3cret@db:5433/hall?sslmode=require&password=s3cret")
    assert backup.without_password(url) == "postgresql://hall@db:5433/hall?sslmode=require"
    assert backup.environment(url)["PGPASSWORD"] == "s3cret"


@pytest.mark.parametrize("chosen", ["sqlite"], indirect=True)
def test_the_commands_say_what_they_did_or_why_not(chosen: HallSettings, tmp_path: Path) -> None:
    file = tmp_path / "hall.toml"
    file.write_text(f'data = "{chosen.data}"\narea = "a"\nhall = "h"\n')

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(MAIN), "hall", *words, "--settings", str(file)],
            capture_output=True,
            text=True,
            timeout=120,
            env=dict(os.environ),
        )

    say(chosen, 1, 1)
    made = run("backup", str(tmp_path / "copy"))
    assert made.returncode == 0 and made.stdout.startswith("copied: sqlite")
    refused = run("restore", str(tmp_path / "copy"))
    assert refused.returncode == 1 and "--replace" in refused.stderr and not refused.stdout
    done = run("restore", str(tmp_path / "copy"), "--replace")
    assert done.returncode == 0 and done.stdout.startswith("restored: sqlite"), done.stderr
