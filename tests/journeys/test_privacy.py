"""Nothing personal where it does not belong: all that journeys leave behind is searched for their people.

Not searched is the platform's own folder, whose business people are, and what the citizen carries away.
"""

from __future__ import annotations

import base64
import dataclasses
import pickle
import random
import sqlite3
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from config.people import people
from config.settings import Settings
from drivers.virtual import demo_settings
from kiosk.data import journal
from kiosk.data.store import FILE
from kiosk.technician import support_bundle
from mqtt import messages
from mqtt.messages import CaseFiled, Envelope
from mqtt.topics import TerminalPath
from tests.journeys.copier import cards, pages, tray
from tests.journeys.hall import Hall, open_hall, until
from tests.journeys.many_citizens import PURPOSE, TYPED
from tests.journeys.test_new_service import LENDING
from tests.journeys.traces import CHARACTER_SETS, PICTURES, Trace, search, spellings
from tests.mqtt.small_hall import small_hall

VISITORS = ("zhang", "chen", "wang", "li", "zhou")
CONTROL = "对照𬭩"  # planted, and looked for, by the same search
PLACES = ("terminal", "logs", "bench", "broker", "hall", "temporary", "home")


def personal() -> list[str]:
    """What must not be found: of each visitor what the card says, and what was typed."""
    texts = [TYPED, PURPOSE]
    for key in VISITORS:
        person = people()[key]
        texts += [person.name, person.number, person.phone, person.address]
    return texts


@dataclass(frozen=True)
class Scene:
    """A hall of its own and one terminal in it, whose processes have no other place to keep things."""

    hall: Hall
    settings: Settings
    child: subprocess.Popen[bytes]

    @property
    def log(self) -> Path:
        return self.hall.folder / "logs" / "terminal.log"

    def place(self, name: str) -> Path:
        """One of PLACES."""
        return self.settings.data if name == "terminal" else self.hall.folder / name


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """All citizens have been served and have gone; the terminal still runs."""
    folder = tmp_path_factory.mktemp("private")
    with _folders_for(folder, TMPDIR="temporary", HOME="home"), open_hall(folder) as hall:
        (hall.catalogue / "sb90.toml").write_text(LENDING, encoding="utf-8")
        hall.children["platform"].restart(60)  # it reads its catalogue when it starts
        settings = hall.settings("K001")
        one = Scene(hall, settings, _terminal(hall, settings))
        try:
            until(
                lambda: _ended(one) or b"settled" in one.log.read_bytes(), 220, "the citizens did not finish"
            )
            assert not _ended(one), one.log.read_text()[-3000:]
            yield one
        finally:
            one.child.kill()
            one.child.wait(10)


@contextmanager
def _folders_for(parent: Path, **variables: str) -> Iterator[None]:
    """Every process started meanwhile keeps what these variables name in folders of the test."""
    with pytest.MonkeyPatch.context() as environment:
        for variable, name in variables.items():
            (parent / name).mkdir()
            environment.setenv(variable, str(parent / name))
        yield


def _terminal(hall: Hall, settings: Settings) -> subprocess.Popen[bytes]:
    told = hall.folder / "hall.pickle"
    told.write_bytes(pickle.dumps(dataclasses.replace(hall, children={})))
    command = [sys.executable, "-m", "tests.journeys.many_citizens"]
    with (hall.folder / "logs" / "terminal.log").open("wb") as log:
        return subprocess.Popen(
            [*command, str(settings.data.parent / "terminal.toml"), str(told)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=demo_settings.REPO,
        )


def _ended(scene: Scene) -> bool:
    return scene.child.poll() is not None


def traces(scene: Scene, texts: list[str]) -> list[Trace]:
    return [trace for name in PLACES for trace in search(scene.place(name), texts)]


# ── what the citizens left ──────────────────────────────────────────────────
def test_all_that_was_to_happen_has_happened(scene: Scene) -> None:
    """Else there would be nothing to find: the search below is over real traces."""
    said = scene.log.read_text()
    for who in ("zhang SB01", "zhang ZH02", "chen SB01", "wang SB90", "li SB01", "zhou SB01"):
        assert who in said
    (copied, given_up) = [line.split() for line in said.splitlines() if line.startswith("copier ZH05")]
    assert "TakePaper" in copied and "TakePaper" not in given_up
    (out,) = [job for job in tray(scene.hall) if len(cards(pages(job["pdf"])[0])) == 2]
    assert out["pdf"].startswith(PICTURES["PDF"]) and PICTURES["JPEG"] in out["pdf"], "what is searched for"
    assert "session failed" in said
    outcomes = [
        row["outcome"] for row in scene.hall.rows(scene.hall.hall_database, "SELECT outcome FROM sessions")
    ]
    assert {"completed", "consulted", "abandoned", "referred", "failed"} <= set(outcomes)
    for place in ("terminal", "logs", "broker", "hall"):
        assert any(path.stat().st_size for path in scene.place(place).rglob("*") if path.is_file()), place
    assert b"session failed" in (scene.settings.data / "logs" / "terminal.log").read_bytes()
    assert (scene.settings.data / f"{FILE}-wal").stat().st_size, (
        "the write-ahead log is searched while it is full"
    )


def test_where_people_are_the_business_the_same_search_finds_them(scene: Scene) -> None:
    found = {trace.spelling for trace in search(scene.hall.folder / "platform", personal())}
    numbers = {f"utf-8 of {people()[key].number}" for key in ("zhang", "chen", "wang")}
    assert numbers | {f"utf-8 of {TYPED}", "PDF"} <= found


def test_while_the_terminal_runs_nothing_of_its_citizens_is_anywhere(scene: Scene) -> None:
    assert traces(scene, personal()) == []


def test_the_log_names_no_session_values_either(scene: Scene) -> None:
    """The failing session held everything in its frames: the log has the place of the error and no more."""
    (line,) = [line for line in scene.log.read_text().splitlines() if "session failed" in line]
    assert "AssertionError" in line
    assert "visit.py:" in line


def test_a_support_bundle_has_nothing_of_its_citizens_and_the_search_would_find_them(
    scene: Scene, tmp_path: Path
) -> None:
    """Made beside the running terminal, as a technician takes it along; its tar.gz is searched unpacked."""
    clean = _unpacked(support_bundle.make(scene.settings, tmp_path / "made"), tmp_path / "seen")
    assert search(clean, personal()) == []
    log = scene.settings.data / "logs" / "terminal.log"
    assert (clean / "terminal.log").stat().st_size and b"session failed" in (
        clean / "terminal.log"
    ).read_bytes()
    before = log.read_bytes()
    planted = [people()["zhou"].name, people()["zhou"].number]
    with log.open("a", encoding="utf-8") as file:
        file.write('{"time": "2999-01-01T00:00:00.000Z", "event": "' + " ".join(planted) + '"}\n')
    try:
        dirty = _unpacked(support_bundle.make(scene.settings, tmp_path / "made"), tmp_path / "planted")
    finally:
        with log.open("r+b") as file_:
            file_.truncate(len(before))
    assert {trace.spelling for trace in search(dirty, planted)} >= {f"utf-8 of {one}" for one in planted}


def _unpacked(bundle: Path, folder: Path) -> Path:
    with tarfile.open(bundle) as pack:
        pack.extractall(folder, filter="data")
    (made,) = folder.iterdir()
    return made


# ── the search can fail ─────────────────────────────────────────────────────
@pytest.mark.parametrize("spelling", spellings(CONTROL))
def test_whatever_the_spelling_a_planted_name_is_found_in_every_place(scene: Scene, spelling: str) -> None:
    noise = random.Random(spelling).randbytes(997)
    for name in PLACES:
        planted = scene.place(name) / "planted"
        planted.write_bytes(noise + spellings(CONTROL)[spelling] + noise)
        try:
            found = search(scene.place(name), [CONTROL])
        finally:
            planted.unlink()
        assert Trace(str(planted), f"{spelling} of {CONTROL}", len(noise)) in found


@pytest.mark.parametrize("kind", PICTURES)
def test_a_planted_picture_is_found(scene: Scene, kind: str) -> None:
    planted = scene.place("temporary") / "planted"
    planted.write_bytes(b"x" * 10 + PICTURES[kind])
    try:
        assert search(scene.place("temporary"), []) == [Trace(str(planted), kind, 10)]
    finally:
        planted.unlink()


@pytest.mark.parametrize("charset", CHARACTER_SETS)
def test_base64_is_found_at_every_alignment(charset: str, tmp_path: Path) -> None:
    """The pieces that are looked for are checked against whole texts encoded by the library."""
    for before in range(6):
        for behind in range(4):
            whole = base64.b64encode(b"a" * before + CONTROL.encode(charset) + b"z" * behind)
            (tmp_path / "planted").write_bytes(whole)
            assert any("base64" in trace.spelling for trace in search(tmp_path, [CONTROL])), (before, behind)


def test_a_name_that_the_hall_was_told_is_found_in_broker_and_ingest(scene: Scene) -> None:
    """The controls that matter most: through the real broker and the real ingest into their own files."""
    path = TerminalPath("330100", "demo", "K999")
    case = CaseFiled("s", "SB01", "key-of-the-control", "accepted", case_no=CONTROL)
    envelope = Envelope(
        id="01999999-9999-7999-8999-999999999999",
        type=messages.NAMES[CaseFiled],
        source=path.source,
        time="2026-11-22T00:00:00.000Z",
        data=case,
        boot=1,
        seq=1,
        head=journal.START.hex(),
    )
    with small_hall("127.0.0.1", scene.hall.ports.broker, path, lambda envelope: None) as line:
        line.client.publish(path.topic("tx"), messages.encode(envelope), 1)
        line.client.publish(f"{path.topic('state')}-control", CONTROL.encode(), 1, retain=True)
        for place in ("hall", "broker"):
            until(partial(search, scene.place(place), [CONTROL]), why=f"the control was not found in {place}")
    tables = {trace.place for trace in search(scene.place("hall"), [CONTROL])}
    assert any(": cases, row" in place for place in tables)


# ── after its end ───────────────────────────────────────────────────────────
def test_when_the_terminal_has_closed_nothing_of_its_citizens_is_anywhere(scene: Scene) -> None:
    scene.child.communicate(timeout=100)
    assert scene.child.returncode == 0, scene.log.read_text()[-3000:]
    assert traces(scene, personal()) == []
    assert list(scene.place("temporary").iterdir()) == [], "what is temporary is gone"


def test_a_name_written_into_the_terminals_store_is_found(scene: Scene) -> None:
    with closing(sqlite3.connect(scene.settings.data / FILE)) as store, store:
        store.execute("INSERT INTO meta VALUES ('control', ?)", (f"{'x' * 9000}{CONTROL}",))
    found = search(scene.settings.data, [CONTROL])
    assert any(": meta, row" in trace.place for trace in found)
