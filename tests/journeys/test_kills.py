"""Kill tests: whatever is killed, wherever, everything happened once and everybody knows it.

Expected = the terminal's journal after restart = cases at the platform by key
= rows at the hall, each once; the virtual printers' paper is the judge.
"""

from __future__ import annotations

import dataclasses
import os
import pickle
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from config.settings import Settings
from drivers.virtual import demo_settings
from kiosk.data import journal
from kiosk.data.journal import HallRow
from kiosk.data.store import read_only
from kiosk.data.vault import Vault
from tests.journeys.hall import Hall
from tests.journeys.points import POINTS

KILLS = int(os.environ.get("KILLS", "20"))
SEED = int(os.environ.get("KILL_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
WHOLE_RECEIPT = 1200  # rows; what is cut off after a crash is shorter
VICTIMS = ("terminal", "terminal", "broker", "ingest", "platform")


@pytest.mark.timeout(KILLS * 60)
def test_after_any_kill_everything_happened_once(hall: Hall, kiosk: str, capsys: Any) -> None:
    assert all(child.running for child in hall.children.values()), "the hall is not whole"
    with capsys.disabled():
        print(f"\n{KILLS} kills, seed {SEED} (KILL_SEED={SEED} repeats them)")
    settings = hall.settings(kiosk, link__health_seconds=2.0)
    chance = random.Random(SEED)
    plan = [(chance.choice(VICTIMS), chance.choice(POINTS)) for _ in range(KILLS)]
    for n, (victim, point) in enumerate(plan):
        hall.act("a4_printer", "take")
        hall.act("receipt_printer", "tear")
        before = _books(settings)
        where = f"kill {n + 1}: {victim} at “{point}” (seed {SEED})"
        _kill_once(hall, settings, victim, point, where)
        _judge_paper(hall, settings, where, before)
        if victim != "terminal":
            filed = len(_accepted(settings)) - before.filed
            assert filed == 1, f"{where}: the citizen was not served once, but {filed} times"
    _judge_books(hall, settings)


def _kill_once(hall: Hall, settings: Settings, victim: str, point: str, where: str) -> None:
    """One journey with one kill in it, then a start that finds everything settled."""
    if victim == "terminal":
        with _terminal(hall, settings, "--at", point, "--do", "kill") as child:
            assert child.wait(110) == -9, f"{where}: the point was not reached"
    else:
        with _terminal(hall, settings, "--at", point, "--do", "wait") as child:
            _expect(child, "at the point", where)
            hall.children[victim].kill9()
            hall.children[victim].restart(60)
            _say(child, "go on")
            _expect(child, "settled", where)
        return
    with _terminal(hall, settings, "--visits", "0") as child:
        _expect(child, "settled", where)


@contextmanager
def _terminal(hall: Hall, settings: Settings, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A terminal of its own, which is gone afterwards, whatever happens."""
    told = hall.folder / "hall.pickle"
    told.write_bytes(pickle.dumps(dataclasses.replace(hall, children={})))
    path = settings.data.parent / "terminal.toml"
    command = [sys.executable, "-m", "tests.journeys.terminal_child", str(path), str(told), *arguments]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=demo_settings.REPO
    ) as child:
        try:
            yield child
        except BaseException:
            child.kill()
            raise


def _expect(child: subprocess.Popen[str], line: str, where: str) -> None:
    assert child.stdout is not None
    said = []
    for heard in child.stdout:
        said.append(heard)
        if heard.strip() == line:
            return
    raise AssertionError(f"{where}: never said {line!r}; its last words:\n{''.join(said[-15:])}")


def _say(child: subprocess.Popen[str], line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()


@dataclasses.dataclass(frozen=True)
class Books:
    """What the terminal had written down before a journey: prints by state, accepted cases."""

    prints: dict[str, str]
    filed: int


def _books(settings: Settings) -> Books:
    if not (settings.data / "terminal.sqlite").exists():
        return Books({}, 0)
    return Books(_prints(settings), len(_accepted(settings)))


def _judge_paper(hall: Hall, settings: Settings, where: str, before: Books) -> None:
    """No certificate twice; each confirmed one on paper; what is on paper is known of."""
    pages: Any = hall.state()["a4_printer"]["pages"]
    printed = Counter(page["job_name"] for page in pages)
    assert all(times == 1 for times in printed.values()), f"{where}: printed twice: {printed}"
    states = _prints(settings)
    for job in printed:
        assert states.get(job) in ("confirmed", "unknown"), (
            f"{where}: {job} is on paper, but {states.get(job)}"
        )
    told = [body for type, body in _journal(settings) if type == "DocumentPrinted"]
    new = {body["job"]: body for body in told if before.prints.get(body["job"]) != body["state"]}
    confirmed = {job for job, body in new.items() if body["state"] == "confirmed"}
    certificates = {job for job in confirmed if new[job]["document"] == "certificate"}
    assert certificates <= set(printed), f"{where}: confirmed, but not on paper"
    whole = [piece for piece in _receipts(hall) if piece["cut"] and piece["rows"] > WHOLE_RECEIPT]
    receipts = [body for body in new.values() if body["document"] == "receipt"]
    sure = sum(body["state"] == "confirmed" for body in receipts)
    assert sure <= len(whole) <= len(receipts), f"{where}: {len(whole)} receipts on paper of {receipts}"
    assert max(Counter(body["job"] for body in told).values(), default=1) == 1, f"{where}: told twice"


def _judge_books(hall: Hall, settings: Settings) -> None:
    """Journal = platform = hall, each row once."""
    filed = _accepted(settings)
    keys = Counter(body["key"] for body in filed)
    assert keys and max(keys.values()) == 1
    kiosk = settings.identity.kiosk
    platform = hall.rows(hall.platform_database, "SELECT key FROM cases WHERE terminal = ?", kiosk)
    assert sorted(row["key"] for row in platform) == sorted(keys)
    at_hall = hall.rows(
        hall.hall_database, "SELECT * FROM cases WHERE terminal LIKE ? AND state = 'accepted'", f"%/{kiosk}"
    )
    assert sorted(row["key"] for row in at_hall) == sorted(keys)
    rows = [
        HallRow(*(row[name] for name in ("id", "stream", "boot", "seq", "digest", "head")))
        for row in hall.rows(
            hall.hall_database, "SELECT * FROM messages WHERE terminal LIKE ? ORDER BY n", f"%/{kiosk}"
        )
    ]
    with read_only(settings.data) as read:
        assert journal.verify(read).problems == ()
        assert journal.compare(read, rows).problems == ()


def _receipts(hall: Hall) -> list[dict[str, Any]]:
    found: Any = hall.state()["receipt_printer"]["receipts"]
    return list(found)


def _accepted(settings: Settings) -> list[dict[str, Any]]:
    return [body for type, body in _journal(settings) if type == "CaseFiled" and body["state"] == "accepted"]


def _journal(settings: Settings) -> list[tuple[str, dict[str, Any]]]:
    vault = Vault(settings.data)
    with read_only(settings.data) as read:
        return [(entry.type, journal.body(read, vault, entry)) for entry in journal.entries(read)]


def _prints(settings: Settings) -> dict[str, str]:
    with read_only(settings.data) as read:
        return dict(read.execute("SELECT id, state FROM records WHERE kind = 'print'").fetchall())
