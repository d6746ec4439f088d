"""A terminal is carried to another place, and one is taken away for good: at the hall and at itself.

Everything real: the hall's desk over HTTPS, its broker and ingest, the commands that people type.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from config.enrolment import Token, read_token
from config.settings import Settings
from config.toml_file import ConfigError
from hall.data import desk_tables, tables
from hall.machines import machine_commands
from kiosk.data import journal, records
from kiosk.data.journal import HallRow
from kiosk.data.store import Store
from kiosk.data.vault import FILE as MASTER
from kiosk.data.vault import Vault
from kiosk.enrolment import enrolled_settings, enrolment, identity, last_words, moving, retiring
from kiosk.technician import people
from kiosk.technician.people import Technician
from mqtt.messages import SessionStarted
from mqtt.topics import TerminalPath
from tests.hall.secure_hall import SecureHall, desk
from tests.journeys.test_enrolment import SETTINGS, hall_file, typed
from tests.journeys.traces import search
from tests.kiosk.small_terminal import PATH, eventually, hurry, terminal

NAME = {"name": "对照𬭩"}
OLD, NEW = "330100/demo/K900", str(PATH)


class Stopped(BaseException):
    """The plug was pulled."""


@contextlib.contextmanager
def stopping(at: int) -> Iterator[list[str]]:
    """The `at`th step that changes the terminal's disk or hears the hall is done, and nothing after it."""
    steps: list[str] = []
    places: tuple[tuple[Any, str], ...] = (
        (identity, "_write"),
        (identity, "_point"),
        (enrolment, "_http"),
        (Store, "write_sync"),
    )
    with pytest.MonkeyPatch.context() as patch:
        for where, name in places:
            patch.setattr(where, name, _counted(getattr(where, name), name, steps, at))
        yield steps


def _counted(done: Callable[..., Any], name: str, steps: list[str], at: int) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        found = done(*arguments, **named)
        steps.append(name)
        if len(steps) == at:
            raise Stopped
        return found

    return counted


class Place:
    """A hall with its desk, and terminals that enrol there."""

    def __init__(self, hall: SecureHall, address: str, folder: Path) -> None:
        self.hall, self.address, self.folder = hall, address, folder

    def file(self, name: str, path: str = OLD) -> Path:
        """A settings file of a terminal at `path`."""
        own = self.folder / name
        own.mkdir(exist_ok=True)
        file = own / "terminal.toml"
        file.write_text(SETTINGS.replace("K001", path.rpartition("/")[2]), encoding="utf-8")
        return file

    def token_file(self, file: Path, printed: str) -> Path:
        token = file.parent / "token"
        token.write_text(str(token_in(printed)), encoding="utf-8")
        return token

    def enrolled(
        self, capsys: pytest.CaptureFixture[str], name: str = "terminal", path: str = OLD
    ) -> Settings:
        """A terminal that is enrolled and has something to say that nobody heard yet."""
        file = self.file(name, path)
        assert machine_commands.token(self.hall.settings, path, None) == 0
        token = self.token_file(file, capsys.readouterr().out)
        assert typed("enroll", "--settings", file, "--hall", self.address, "--token-file", token) == 0
        capsys.readouterr()
        chosen = enrolled_settings.load(file)
        speak(chosen, path, 3)
        return chosen

    def paths(self) -> dict[str, str]:
        """By message the terminal under which the hall has it."""
        m = tables.messages.c
        with self.hall.engine.connect() as tx:
            return {row.id: row.terminal for row in tx.execute(select(m.id, m.terminal))}

    def state(self, path: str) -> str:
        m = desk_tables.machines.c
        with self.hall.engine.connect() as tx:
            return tx.scalar(select(m.state).where(m.terminal == path)) or ""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    hall = SecureHall(folder)
    try:
        with desk(hall.settings, hall.authority, folder / "desk") as address:
            yield Place(hall, address, folder)
    finally:
        hall.close()


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def token_in(printed: str) -> Token:
    """The token that a command of the hall has printed."""
    (line,) = [
        line for line in printed.splitlines() if re.fullmatch(r"\s+([A-Z2-7]{5}-){15}[A-Z2-7]{5}", line)
    ]
    return read_token(line)


def speak(chosen: Settings, path: str, number: int) -> None:
    """So many messages into the journal and the outbox."""
    named = TerminalPath(*path.split("/"))
    with closing(Store(chosen.data)) as store:
        vault = Vault(chosen.data)
        for n in range(number):
            said = SessionStarted(f"s{n}")
            told = partial(journal.append, vault=vault, session="s", type="t", body=NAME, message=said)
            store.write_sync(partial(told, path=named))


def entries(data: Path) -> list[journal.Entry]:
    with closing(Store(data)) as store, store.read() as read:
        assert journal.verify(read).sound
        return list(journal.entries(read))


# ── to another place ────────────────────────────────────────────────────────
def test_what_it_had_to_say_is_said_under_the_old_name_and_the_rest_under_the_new(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    chosen = place.enrolled(capsys)
    file = chosen.data.parent / "terminal.toml"
    before = [one.id for one in entries(chosen.data)]
    server = hall_file(place.hall)
    assert typed("hall", "machine", "move", OLD, NEW, "--settings", server) == 0
    token = place.token_file(file, capsys.readouterr().out)
    said = ("move", "--settings", file, "--hall", place.address, "--token-file", token)
    assert typed(*said) == 1, "the settings still name the old place"
    assert "write area, hall and kiosk" in capsys.readouterr().err
    file.write_text(SETTINGS, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"main\.py move"):
        enrolled_settings.load(file)
    for _ in range(2):
        assert typed(*said) == 0
        assert NEW in capsys.readouterr().out
    assert place.paths() == dict.fromkeys(before, OLD)
    assert (place.state(OLD), place.state(NEW)) == ("moved", "enrolled")
    asyncio.run(_goes_on(place, enrolled_settings.load(file), before))


async def _goes_on(place: Place, chosen: Settings, before: list[str]) -> None:
    assert chosen.link.tls is not None
    async with terminal(chosen.data, chosen.link.port, tls=chosen.link.tls) as one:
        await one.files(2)
        await eventually(lambda: one.depth() == 0)
        assert not one.refused
        own = [id for id, path in place.paths().items() if path == NEW]
        assert sorted(own + before) == sorted(one.journalled()), "each once, none under another name"
        with one.store.read() as read:
            kinds = [entry.type for entry in journal.entries(read)]
            assert kinds.count("moved") == 1 and journal.verify(read).sound
            assert journal.compare(read, _rows(place)).sound, "what was told elsewhere is not missed here"
        # The hall's first word of what it has stored may come behind its acks: all is given once more then.
        await eventually(lambda: _gone(one.store) == len(own))  # and nothing of the old place is missed


def _gone(store: Store) -> int:
    """How much a hall that has nothing would miss for good."""
    with store.read() as read:
        return sum(journal.gone(read, stream, {}) for stream in ("tx", "evt", "res"))


def _rows(place: Place) -> list[HallRow]:
    """What the hall has of the new place."""
    m = tables.messages
    with place.hall.engine.connect() as tx:
        found = tx.execute(select(m).where(m.c.terminal == NEW)).mappings().all()
    return [HallRow(**{name: row[name] for name in HallRow.__dataclass_fields__}) for row in found]


def test_stopped_at_any_step_it_moves_when_it_is_run_again(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    at, stops = 1, 0
    while True:
        old, new = f"330100/demo/A{at}", f"330100/demo/B{at}"
        chosen = place.enrolled(capsys, f"steps{at}", old)
        waiting = {one.id for one in entries(chosen.data)}
        assert machine_commands.move(place.hall.settings, old, new) == 0
        token = token_in(capsys.readouterr().out)
        moved = Settings.model_validate(
            chosen.model_dump() | {"identity": chosen.identity.model_dump() | {"kiosk": f"B{at}"}}
        )
        with stopping(at) as steps, contextlib.suppress(Stopped):
            moving.move(moved, place.address, token)
            break
        stops += 1
        found, _ = moving.move(moved, place.address, token)
        kept = identity.read(chosen.data)
        assert kept is not None and found.home.terminal == new == kept.home.terminal
        assert [one.type for one in entries(chosen.data)].count("moved") == 1
        assert {id for id, path in place.paths().items() if path == old} == waiting
        assert (place.state(old), place.state(new)) == ("moved", "enrolled")
        at += 1
    assert stops == len(steps) >= 8


def test_what_cannot_be_said_or_has_no_end_keeps_it_where_it_is(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = place.enrolled(capsys, "kept", "330100/demo/C1")
    file = chosen.data.parent / "terminal.toml"
    assert machine_commands.move(place.hall.settings, "330100/demo/C1", "330100/demo/C2") == 0
    token = place.token_file(file, capsys.readouterr().out)
    file.write_text(SETTINGS.replace("K001", "C2"), encoding="utf-8")
    said = ("move", "--settings", file, "--hall", place.address, "--token-file", token)
    with closing(Store(chosen.data)):
        assert typed(*said) == 1
    assert "end the terminal first" in capsys.readouterr().err
    with monkeypatch.context() as patch:
        patch.setattr(last_words, "send", lambda *_: 3)
        assert typed(*said) == 1
    assert "3 messages" in capsys.readouterr().err
    with closing(Store(chosen.data)) as store:
        vault = Vault(chosen.data)
        store.write_sync(lambda tx: records.intend(tx, vault, "print", "k1", "s", "SB01", {}))
    assert typed(*said) == 1
    assert "no end yet" in capsys.readouterr().err
    assert place.state("330100/demo/C1") == "enrolled"


# ── for good ────────────────────────────────────────────────────────────────
def test_a_terminal_that_retires_says_all_and_leaves_nothing_that_can_be_read(
    place: Place, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "330100/demo/D1"
    chosen = place.enrolled(capsys, "ends", path)
    data, file = chosen.data, chosen.data.parent / "terminal.toml"
    (data / "drafts").mkdir()
    (data / "drafts" / "one").write_bytes(b"sealed")
    secrets = [(data / MASTER).read_bytes(), (data / "identity" / "key.pem").read_bytes()]
    waiting = {one.id for one in entries(data)}
    for _ in range(2):
        assert typed("retire", "--settings", file) == 0
        assert "terminal.sqlite" in capsys.readouterr().out
    assert place.state(path) == "retired"
    assert {id for id, at in place.paths().items() if at == path} == waiting
    names = {one.name for one in data.iterdir()}
    assert not names & {MASTER, "identity", "identities", "drafts"}
    kept = b"".join(one.read_bytes() for one in data.rglob("*") if one.is_file())
    assert not any(secret in kept for secret in secrets)
    assert search(data, ["对照𬭩"]) == []
    assert [one.type for one in entries(data)][-1] == "retired", "the chain still verifies"
    with pytest.raises(ConfigError, match="was retired"):
        enrolled_settings.load(file)
    assert machine_commands.token(place.hall.settings, path, None) == 2, "its name is not given again"


def test_the_technicians_secrets_go_with_it_wherever_they_lie(
    place: Place, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    chosen = place.enrolled(capsys, "people", "330100/demo/D4")
    file = tmp_path / "technicians.toml"
    people.write(file, (Technician(number="77", secret="GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),))
    people.number_digest(chosen.data, "77")
    told = chosen.technician.model_copy(update={"people": file})
    retiring.retire(chosen.model_copy(update={"technician": told}))
    assert not file.exists() and not (chosen.data / people.KEY_FILE).exists()


def test_it_refuses_while_something_is_unsent_and_says_who_decided_otherwise(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "330100/demo/D2"
    chosen = place.enrolled(capsys, "stubborn", path)
    monkeypatch.setattr(last_words, "send", lambda *_: 3)
    said = ("retire", "--settings", chosen.data.parent / "terminal.toml")
    assert typed(*said) == 1
    assert "3 messages are not with the hall" in capsys.readouterr().err
    assert (chosen.data / MASTER).exists() and place.state(path) == "enrolled"
    assert typed(*said, "--anyway", "broken board") == 0
    a = desk_tables.audit.c
    with place.hall.engine.connect() as tx:
        query = select(a.actor, a.detail).where(a.act == "machine_retired", a.subject == path)
        assert [tuple(row) for row in tx.execute(query)] == [(f"terminal:{path}", "broken board")]


def test_the_hall_may_have_retired_it_first_and_one_that_cannot_be_reached_is_no_reason_to_forget(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = "330100/demo/D3"
    chosen = place.enrolled(capsys, "first", path)
    with closing(Store(chosen.data)) as store:
        found = identity.read(chosen.data)
        assert found is not None and last_words.send(chosen, store, found, 60) == 0

    def away(*_: object) -> None:
        raise identity.IdentityError("hall_unreachable", "check network and address")

    with monkeypatch.context() as patch:
        patch.setattr(enrolment, "retire", away)
        with pytest.raises(retiring.NotYet, match="did not confirm"):
            retiring.retire(chosen)
    assert machine_commands.retire(place.hall.settings, path) == 0
    left = retiring.retire(chosen)
    assert any(one.what.startswith("journal") for one in left) and not (chosen.data / MASTER).exists()


def test_stopped_while_it_destroys_it_goes_on_when_it_is_run_again(
    place: Place, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = retiring._overwrite
    for at in range(1, 4):
        chosen = place.enrolled(capsys, f"cut{at}", f"330100/demo/E{at}")
        count = 0

        def cut(file: Path, at: int = at) -> None:
            nonlocal count
            count += 1
            if count == at:
                raise Stopped
            done(file)

        with monkeypatch.context() as patch, contextlib.suppress(Stopped):
            patch.setattr(retiring, "_overwrite", cut)
            retiring.retire(chosen)
        assert (chosen.data / enrolled_settings.RETIRED).exists()
        retiring.retire(chosen)
        assert not {one.name for one in chosen.data.iterdir()} & {MASTER, "identity", "identities"}
