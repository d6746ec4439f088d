"""The terminal dies at every state of a payment: afterwards money and cases agree, without a hand."""

from __future__ import annotations

import asyncio
import dataclasses
import pickle
import subprocess
import sys

import pytest

from config.settings import Settings
from drivers.virtual import demo_settings
from kiosk import filing
from kiosk.data.ledger import Ledger
from kiosk.data.store import Store, read_only
from kiosk.data.vault import Vault
from kiosk.payment import Payments
from kiosk.platform import Platform
from mqtt.topics import TerminalPath
from tests.journeys.hall import Hall, until
from tests.journeys.paid_service import PAID, cases, judge_money, offer, orders, payments
from tests.journeys.points import MONEY_POINTS

# Which way a payment takes to its point: to a case, or back to the citizen.
LEAVING = ("order closed", "order refunded", "payment refunded")
NOTHING = {"failed", "refused", "refunded"}  # how records end of which nothing came


@pytest.mark.parametrize("point", MONEY_POINTS)
def test_after_a_kill_what_was_paid_is_served_or_given_back(hall: Hall, kiosk: str, point: str) -> None:
    offer(hall)
    settings = hall.settings(kiosk)
    then = "leave" if point in LEAVING else "file"
    path = settings.data.parent / "terminal.toml"
    command = [sys.executable, "-m", "tests.journeys.paying_child", str(path), "--at", point, "--then", then]
    ended = subprocess.run(command, cwd=demo_settings.REPO, timeout=150)
    assert ended.returncode == -9, "the point was not reached"
    asyncio.run(settle(settings))
    made, filed = orders(hall, kiosk), cases(hall, kiosk)
    assert len(made) <= 1
    assert len(filed) <= 1
    for order in made:
        assert order["state"] in ("closed", "paid", "refunded")
        assert (order["state"] == "paid") == bool(filed), "paid without a case, or a case without its money"
        assert order["case_key"] == (filed[0]["key"] if filed else None)
    ends = recorded(settings)
    assert ends == {"settled", "accepted"} if filed else ends <= NOTHING


@pytest.mark.parametrize(("point", "end"), [("payment paid", "refunded"), ("case answered", "paid")])
def test_a_whole_terminal_settles_at_its_start_what_a_kill_left(
    hall: Hall, kiosk: str, point: str, end: str
) -> None:
    offer(hall)
    settings = hall.settings(kiosk)
    assert whole_terminal(hall, settings, "--service", PAID, "--at", point, "--do", "kill") == -9
    assert whole_terminal(hall, settings, "--visits", "0") == 0, "not all was settled"
    assert [order["state"] for order in orders(hall, kiosk)] == [end]
    until(lambda: [row["state"] for row in payments(hall, kiosk)] == [end], why="the hall was not told")
    judge_money(hall, kiosk)


def whole_terminal(hall: Hall, settings: Settings, *arguments: str) -> int:
    """A terminal in a process of its own, until it is killed or has settled everything; its status."""
    told = hall.folder / "hall.pickle"
    told.write_bytes(pickle.dumps(dataclasses.replace(hall, children={})))
    path = settings.data.parent / "terminal.toml"
    command = [sys.executable, "-m", "tests.journeys.terminal_child", str(path), str(told), *arguments]
    return subprocess.run(command, cwd=demo_settings.REPO, input=b"", timeout=150).returncode


async def settle(settings: Settings) -> None:
    """What a terminal does at its start, until nothing is open."""
    store, platform = Store(settings.data), Platform(settings.platform)
    try:
        ledger = Ledger(store, Vault(settings.data), TerminalPath("330100", "demo", settings.identity.kiosk))
        taking = Payments(platform, ledger)
        for _ in range(5):
            for record in ledger.open_records():
                if record.kind == "payment":
                    await taking.resolve(record)
                else:
                    await filing.resolve(platform, ledger, record)
        assert ledger.open_records() == []
    finally:
        await platform.close()
        store.close()


def recorded(settings: Settings) -> set[str]:
    """The states of all records."""
    with read_only(settings.data) as read:
        return {state for (state,) in read.execute("SELECT state FROM records")}
