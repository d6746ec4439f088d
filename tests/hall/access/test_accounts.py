"""Accounts from the server's own command line: what it asks, what it says, what it never shows."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select

import main
from hall import settings
from hall.access import accounts, actors, audit, logins, passwords
from hall.access.actors import Actor
from hall.data import reading, store, tables
from hall.data.desk_tables import accounts as account_rows
from hall.data.desk_tables import audit as audit_rows
from hall.data.desk_tables import logins as login_rows
from hall.desk import metrics
from hall.settings import HallSettings

PASSWORD = "not-a-real-password"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "hall.toml"
    made.write_text(f'data = "{tmp_path}/data"\narea = "a"\nhall = "h"\n')
    return made


@pytest.fixture
def tx(file: Path) -> Iterator[Connection]:
    """A connection to the store, which the commands use beside it."""
    told = settings.load(file)
    store.migrate(told)
    engine = store.open_store(told)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def account(file: Path, *words: str, password: str = "") -> int:
    """Runs `main.py hall account …`; the password comes by an open file."""
    told = ["hall", "account", *words, "--settings", str(file)]
    if password:
        inner, outer = os.pipe()
        os.write(outer, password.encode() + b"\n")
        os.close(outer)
        told += ["--password-fd", str(inner)]
    return main.main(told)


def test_an_account_from_its_making_to_its_end(
    file: Path, tx: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account(file, "add", "王芳", "--command", "330101", "--watch", "*", password=PASSWORD) == 0
    assert account(file, "token", "王芳", "--label", "prometheus", "--days", "30") == 0
    token = capsys.readouterr().out.splitlines()[-1]
    assert token.startswith("kt_") and len(token) > 40
    found = logins.find(tx, token, logins.TOKEN, 0, 1)
    tx.rollback()
    assert found.standing == "holds" and found.actor.may("command", "330101")
    assert found.actor.areas("watch") is None and found.actor.areas("command") == frozenset({"330101"})
    assert account(file, "grant", "王芳", "command", "330102") == 0
    assert account(file, "withdraw", "王芳", "*") == 0
    assert account(file, "list") == 0
    listed = capsys.readouterr().out
    assert "command in 330101, command in 330102" in listed and "prometheus" in listed
    assert token not in listed
    number = logins.identity(token)
    assert account(file, "end-token", "王芳", number) == 0
    assert logins.find(tx, token, logins.TOKEN, 0, 1).standing == "unknown"
    tx.rollback()
    for deed in ("disable", "enable", "unlock"):
        assert account(file, deed, "王芳") == 0
    rows = tx.execute(select(audit_rows).order_by(audit_rows.c.n)).all()
    assert all(row.actor.startswith("cli:") and row.subject == "王芳" for row in rows)
    said = [row.outcome for row in rows]
    assert said[:3] == ["added", "granted watch", "granted command"]
    assert said[-4:] == ["ended", "disabled", "enabled", "unlocked"]


def test_what_cannot_be_is_said_and_nothing_is_changed(
    file: Path, tx: Connection, capsys: pytest.CaptureFixture[str]
) -> None:
    assert account(file, "add", "officer", password=PASSWORD) == 0
    assert "grant it a role" in capsys.readouterr().out
    tries = [
        (("add", "officer"), PASSWORD, "there is an account officer already"),
        (("add", "system"), PASSWORD, "a name has"),
        (("add", "cli:me"), PASSWORD, "a name has"),
        (("add", "other"), "short", "at least 10"),
        (("add", "other"), "x" * 201, "at most 200"),
        (("add", "longer.name"), "Longer.Name", "must not be the name"),
        (("add", "other"), "", "--password-fd"),
        (("password", "nobody"), PASSWORD, "there is no account nobody"),
        (("grant", "officer", "watch", "a/b"), "", "an area is written as"),
        (("withdraw", "officer", "330101"), "", "has no role in 330101"),
        (("end-token", "officer", "12345678"), "", "has no token"),
        (("end-token", "officer", ""), "", "has no token"),
    ]
    for words, password, why in tries:
        assert account(file, *words, password=password) == 1, words
        assert why in capsys.readouterr().err, words
    assert [row.name for row in tx.execute(select(account_rows))] == ["officer"]


def test_the_store_has_neither_passwords_nor_secrets(file: Path, tx: Connection) -> None:
    account(file, "add", "officer", password=PASSWORD)
    with tx.begin():
        secret = logins.begin(tx, "officer", 5, 1.0)
        token = accounts.add_token(tx, "cli:test", "officer", "a program", 1)
    kept = str([tuple(row) for table in (account_rows, login_rows) for row in tx.execute(select(table))])
    assert PASSWORD not in kept and secret not in kept and token not in kept
    assert "$argon2id$v=19$m=19456,t=2,p=1$" in kept
    folder = settings.load(file).data
    assert not any(PASSWORD.encode() in one.read_bytes() for one in folder.rglob("*") if one.is_file())


def test_a_name_that_nobody_has_costs_the_same_work(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    class Counted:
        def verify(self, kept: str, password: str) -> bool:
            looked.append(kept)
            return hasher.verify(kept, password)

        def hash(self, password: str) -> str:
            return hasher.hash(password)

    hasher = passwords._hasher
    known = passwords.digest(PASSWORD)
    monkeypatch.setattr(passwords, "_hasher", Counted())
    assert passwords.fits(PASSWORD, known) and not passwords.fits(PASSWORD, "")
    assert not passwords.fits("nobody has this name", ""), "the stand-in opens nothing"
    ours, theirs = looked[0].split("$")[:4], looked[1].split("$")[:4]
    assert ours == theirs, "the same kind of digest at the same costs"


def test_roles_and_areas() -> None:
    both = Actor("a", frozenset({("watch", "*"), ("command", "330101")}))
    assert both.may("watch", "anywhere") and both.may("command", "330101")
    assert not both.may("command", "330102") and both.areas("command") == frozenset({"330101"})
    only = Actor("b", frozenset({("command", "330101")}))
    assert only.may("watch", "330101") and not only.may("watch", "33010") and not only.may("watch", "")
    assert Actor("c", frozenset()).areas("watch") == frozenset()
    assert actors.same("a", "a") and not actors.same("", "a") and not actors.same("é\ud800", "a")


def test_a_note_that_is_too_long_is_cut(tx: Connection) -> None:
    audit.note(tx, "a" * 500, "x" * 500, subject="s\x00" * 500, detail="d" * 9000)
    row = tx.execute(select(audit_rows)).one()
    assert len(row.actor) == 80 and len(row.act) == 40 and len(row.detail) == 500
    assert "\x00" not in row.subject


def test_logins_waits_and_numbers_are_the_same_on_every_database(engine: Engine, tmp_path: Path) -> None:
    now = 1_800_000_000_000
    told = HallSettings(data=tmp_path, area="a", hall="h")
    with engine.begin() as tx:
        accounts.add(tx, "cli:test", "officer", PASSWORD)
        accounts.grant(tx, "cli:test", "officer", "watch", "a")
        accounts.grant(tx, "cli:test", "officer", "command", "a")
        changed = tx.scalar(select(account_rows.c.changed)) or 0
        secret = logins.begin(tx, "officer", changed + 5, 1.0)
        held = logins.find(tx, secret, logins.SESSION, changed + 60_000, 2)
        assert (held.standing, held.actor.grants) == ("holds", frozenset({("command", "a")}))
        logins.saw(tx, held, changed + 100_000)
        assert logins.find(tx, secret, logins.SESSION, changed + 3_000_000, 2).standing == "idle"
        assert logins.find(tx, secret, logins.SESSION, changed + 3_600_005, 999).standing == "expired"
        assert [logins.attempt(tx, "officer", "192.0.2.1", now) for _ in range(7)][-1] == 2000
        logins.succeeded(tx, "officer", "192.0.2.1", now)
        assert logins.attempt(tx, "officer", "192.0.2.1", now) == 0
        logins.end(tx, secret)
        assert logins.find(tx, secret, logins.SESSION, changed, 2).standing == "unknown"
        families = {family.name for family in metrics.read(tx, told, now)}
        assert {"kt_hall_store_bytes", "kt_hall_terminals"} <= families
        assert reading.terminals(tx, areas=frozenset({"a"})) == []
        assert reading.page(tx, tables.cases, 0, 5, frozenset({"a", "b_"})) == []


def test_who_asked_for_it_with_sudo_is_who_did_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts and machines alike: `root` names nobody."""
    monkeypatch.delenv("SUDO_USER", raising=False)
    assert audit.at_the_server().startswith("cli:")
    monkeypatch.setenv("SUDO_USER", "wang")
    assert audit.at_the_server() == "cli:wang"
